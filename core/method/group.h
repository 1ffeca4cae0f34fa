#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "alert/input_cycle.h"

namespace alert {

/// Which inputs share a deadline. The inputs start over when they end, and so do the groups.
class Groups {
   public:
    /// Every input has its own deadline.
    Groups() = default;
    /// `sizes` of the groups, one after another, none of them 0.
    explicit Groups(std::span<const std::size_t> sizes);

    bool shared() const { return !place_.empty(); }

    /// The mean number of inputs of a group; 1 if every input has its own deadline.
    double mean_size() const;

    /// The place of input n in a workload that ends after `inputs`, perhaps within a group.
    GroupPlace at(std::size_t n, std::size_t inputs) const;

   private:
    std::vector<GroupPlace> place_;  // of every input, until they start over
    std::size_t groups_ = 0;
};

/// The energies of the inputs of a group. The idle time of the group's period comes after its last
/// input, but belongs to all of them: each has an equal share, as assumed by E9 and charged by E13.
class GroupEnergy {
   public:
    /// A group begins. `share_s` is each input's share of its period, `mean_share_s` the mean share
    /// over all groups.
    void begin(double share_s, double mean_share_s);

    /// The energy goal of an input of this group, from the one stated for the average input: larger
    /// by the idle energy of the time by which its share exceeds the average.
    double goal_j(double stated_j, double idle_power_w) const;

    /// Idle energy charged to an input that is followed by another of its group, beside what was
    /// spent in the `took_s` until that one began: `idle_power_w` over what is left of its share.
    double idle_of_input_j(double took_s, double idle_power_w);

    /// The same for the last input, after which the idle time comes: negative, as the others have
    /// been charged their shares.
    double idle_of_last_j() const { return -charged_j_; }

   private:
    double share_s_ = 0, mean_share_s_ = 0;
    double charged_j_ = 0;  // idle energy, to the inputs so far
};

}  // namespace alert
