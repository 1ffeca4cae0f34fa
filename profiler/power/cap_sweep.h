#pragma once

#include <vector>

namespace alert {

/// About eight power caps from `least_w` (at least) to `most_w`, ascending, a whole number of watts
/// apart.
std::vector<double> cap_sweep_w(double least_w, double most_w);

}  // namespace alert
