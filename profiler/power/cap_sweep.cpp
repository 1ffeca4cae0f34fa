#include "profiler/power/cap_sweep.h"

#include <algorithm>
#include <cmath>

namespace alert {

std::vector<double> cap_sweep_w(double least_w, double most_w) {
    constexpr double kSteps = 7;
    const double step_w = std::max(1.0, std::ceil((most_w - least_w) / kSteps));
    std::vector<double> caps_w;
    for (double cap_w = most_w; cap_w >= least_w; cap_w -= step_w) {
        caps_w.insert(caps_w.begin(), cap_w);
    }
    return caps_w;
}

}  // namespace alert
