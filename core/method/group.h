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
    /// Every input has a deadline of its own.
    Groups() = default;
    /// `sizes` of the groups, one after another, none of them 0.
    explicit Groups(std::span<const std::size_t> sizes);

    bool shared() const { return !place_.empty(); }

    /// Inputs in a group, on average; 1 where every input has a deadline of its own.
    double mean_size() const;

    /// Of input n, in a workload that ends after `inputs`, perhaps within a group.
    GroupPlace at(std::size_t n, std::size_t inputs) const;

   private:
    std::vector<GroupPlace> place_;  // of every input, until they start over
    std::size_t groups_ = 0;
};

/// The energies of the inputs of a group. The rest of the group's period comes after its last
/// input, but belongs to all of them: each bears an equal share, as E9 expects of it and E13
/// charges it.
class GroupEnergy {
   public:
    /// A group begins; `share_s` is what each of its inputs has of the period, `mean_share_s` what
    /// an input has on average over all groups.
    void begin(double share_s, double mean_share_s);

    /// The energy goal of an input of this group, of the one stated for the mean of all inputs: as
    /// much more as it rests longer than the average input.
    double goal_j(double stated_j, double rest_power_w) const;

    /// What an input bears of the rest that is followed by another of its group: beside what was
    /// spent in the `took_s` until that one began, `rest_power_w` for what is left of its share.
    double rest_of_input_j(double took_s, double rest_power_w);

    /// The same of the last input, after which the rest is spent: less than nothing, as others bear
    /// their shares.
    double rest_of_last_j() const { return -borne_j_; }

   private:
    double share_s_ = 0, mean_share_s_ = 0;
    double borne_j_ = 0;  // of the rest, by the inputs so far
};

}  // namespace alert
