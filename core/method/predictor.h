#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "alert/controller.h"
#include "alert/profile.h"
#include "core/method/anytime.h"
#include "core/method/estimate.h"
#include "core/method/estimator_options.h"
#include "core/method/idle_ratio_filter.h"
#include "core/method/scheme.h"
#include "core/method/slowdown_distribution.h"
#include "core/method/slowdown_filter.h"

namespace alert {

/// The part that schemes share: what a profile and the outcomes so far say of the next input
/// (steps 1 and 3 of the loop). Neither call allocates.
class Predictor {
   public:
    /// `mean_only`: the mean slowdown is taken as certain (sigma = 0, ALERT*).
    explicit Predictor(const Profile& profile, const EstimatorOptions& estimator = {},
                       bool mean_only = false);

    const Profile& profile() const { return profile_; }
    const ProfileTable& table() const { return table_; }

    /// E6-E11 for the input that starts now. Throws RequestError for an energy goal where the
    /// profile has no power.
    Estimates& estimate(const InputGoal& goal);

    /// The last estimate of one slot, as a decision.
    Decision describe(std::size_t slot);

    void observe(const Outcome& outcome);  ///< E4, E5

    /// Goes through the motions of observe() and changes nothing; see Scheme::rehearse().
    void rehearse();

   private:
    /// What is believed of one slot's slowdown: the same for all under the paper's estimator.
    Belief belief_of(std::size_t slot) const;
    OctaveBelief octave_belief(const InputGoal& goal);
    std::size_t octave_of(std::size_t slot) const {
        return static_cast<std::size_t>(octave_of_slot_[slot]);
    }
    double expected_slowdown(std::size_t slot) const;
    void learn(const Outcome& outcome);  // E15

    EstimatorOptions options_;
    Profile profile_;
    ProfileTable table_;
    Estimates estimates_;
    SlowdownFilter gaussian_;
    std::optional<SlowdownDistribution> distribution_;  // of the calibrated estimator
    std::optional<StageTable> stages_;
    std::vector<SlowdownDistribution::Seen> seen_;  // of one inference
    std::vector<std::int32_t> octave_of_slot_;
    std::vector<float> octave_mean_, octave_bound_;
    IdleRatioFilter idle_ratio_;
    bool mean_only_;
};

}  // namespace alert
