#pragma once

#include <vector>

namespace alert {

/// Power caps from `most_w` down to at least `least_w`, about eight, in whole watts apart;
/// ascending.
std::vector<double> cap_sweep_w(double least_w, double most_w);

}  // namespace alert
