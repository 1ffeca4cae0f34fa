#include "core/method/group.h"

#include <algorithm>

#include "core/method/goal.h"

namespace alert {

Groups::Groups(std::span<const std::size_t> sizes) : groups_(sizes.size()) {
    for (std::size_t group = 0; group < sizes.size(); ++group) {
        for (std::size_t position = 0; position < sizes[group]; ++position) {
            place_.push_back({.group = group, .position = position, .size = sizes[group]});
        }
    }
}

double Groups::mean_size() const {
    return groups_ == 0 ? 1 : static_cast<double>(place_.size()) / static_cast<double>(groups_);
}

GroupPlace Groups::at(std::size_t n, std::size_t inputs) const {
    if (place_.empty()) {
        return {.group = n};
    }
    GroupPlace place = place_[n % place_.size()];
    place.group += groups_ * (n / place_.size());
    place.size = std::min(place.size, place.position + inputs - n);
    return place;
}

void GroupEnergy::begin(double share_s, double mean_share_s) {
    share_s_ = share_s;
    mean_share_s_ = mean_share_s;
    charged_j_ = 0;
}

double GroupEnergy::goal_j(double stated_j, double idle_power_w) const {
    const double granted_j = stated_j + idle_power_w * (share_s_ - mean_share_s_);
    return std::max(granted_j, kLeastBudget * stated_j);
}

double GroupEnergy::idle_of_input_j(double took_s, double idle_power_w) {
    const double idle_j = idle_power_w * (share_s_ - took_s);
    charged_j_ += idle_j;
    return idle_j;
}

}  // namespace alert
