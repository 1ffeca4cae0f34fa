#include "profiler/meter/energy_attribution.h"

#include <utility>

namespace alert {

void EnergyAttribution::read(double at_s, double energy_j) {
    read_s_ = at_s;
    if (!begun_) {
        begun_ = true;
        taken_j_ = energy_j;
    } else if (energy_j == moved_j_ && at_s - moved_s_ < 2 * resolution_s_) {
        return;
    }
    for (End& end : ends_) {
        if (!end.energy_j) {
            end.energy_j =
                moved_j_ + (energy_j - moved_j_) * (end.at_s - moved_s_) / (at_s - moved_s_);
        }
    }
    moved_s_ = at_s;
    moved_j_ = energy_j;
}

void EnergyAttribution::end_span() {
    ends_.push_back({read_s_, read_s_ == moved_s_ ? std::optional(moved_j_) : std::nullopt});
}

std::optional<double> EnergyAttribution::take() {
    if (ends_.empty() || !ends_.front().energy_j) {
        return std::nullopt;
    }
    const double up_to_j = *ends_.front().energy_j;
    ends_.pop_front();
    return up_to_j - std::exchange(taken_j_, up_to_j);
}

}  // namespace alert
