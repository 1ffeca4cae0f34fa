#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "alert/profile.h"

namespace alert {

/// A profile as a structure of arrays in single precision, laid out for scoring: slots of all first
/// outputs come first (traditional models and stage 1 of anytime ones), then all second stages, and
/// so on. Within a level the chains (model, setting) with more stages come first, so that slot r of
/// a level continues slot r of the level before, and each level is one plain loop.
class ProfileTable {
   public:
    /// Throws RequestError if the profile is empty, a value or an index is out of its range, or
    /// an anytime network lacks one of its stages.
    explicit ProfileTable(const Profile& profile);

    std::size_t size() const { return latency_s_.size(); }
    std::size_t levels() const { return level_begin_.size() - 1; }
    std::size_t level_begin(std::size_t level) const { return level_begin_[level]; }

    std::span<const float> latency_s() const { return latency_s_; }
    /// 1 / t_prof, so that E6 multiplies instead of dividing.
    std::span<const float> inverse_latency() const { return inverse_latency_; }
    std::span<const float> log_latency() const { return log_latency_; }
    /// 1 W throughout if the profile has no power: energy is then the inference time.
    std::span<const float> power_w() const { return power_w_; }
    /// What this output adds to the accuracy of the one before it: q_k - q_{k-1}, q_0 = q_fail.
    std::span<const float> accuracy_step() const { return accuracy_step_; }

    double fail_accuracy() const { return fail_accuracy_; }
    double best_accuracy() const { return best_accuracy_; }
    bool has_power() const { return has_power_; }

    /// Conversions between slots and indices into Profile::configurations.
    std::size_t configuration_of(std::size_t slot) const { return configuration_of_[slot]; }
    std::size_t slot_of(std::size_t configuration) const { return slot_of_[configuration]; }

   private:
    std::vector<float> latency_s_, inverse_latency_, log_latency_, power_w_, accuracy_step_;
    std::vector<std::size_t> level_begin_, configuration_of_, slot_of_;
    double fail_accuracy_, best_accuracy_ = 0;
    bool has_power_ = true;
};

}  // namespace alert
