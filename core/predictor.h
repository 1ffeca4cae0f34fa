#pragma once

#include "core/estimate.h"
#include "core/idle_ratio_filter.h"
#include "core/profile.h"
#include "core/scheme.h"
#include "core/slowdown_filter.h"

namespace alert {

/// How the slowdown is estimated.
enum class Estimator {
    kPaper,       ///< the paper's Gaussian (E4)
    kCalibrated,  ///< its distribution as observed (E14-E16)
};

/// The part that schemes share: what a profile and the outcomes so far say of the next input
/// (steps 1 and 3 of the loop). Neither call allocates.
class Predictor {
   public:
    /// `mean_only`: the mean slowdown is taken as certain (sigma = 0, ALERT*).
    explicit Predictor(const Profile& profile, Estimator estimator = Estimator::kPaper,
                       bool mean_only = false);

    const ProfileTable& table() const { return table_; }

    /// E6-E11 for the input that starts now. Throws std::invalid_argument for an energy goal where
    /// the profile has no power.
    Estimates& estimate(const Goal& goal);

    /// The last estimate of one slot, as a decision.
    Decision describe(std::size_t slot);

    void observe(const Outcome& outcome);  ///< E4, E5

   private:
    Belief belief() const;

    Profile profile_;
    ProfileTable table_;
    Estimates estimates_;
    SlowdownFilter slowdown_;
    IdleRatioFilter idle_ratio_;
    [[maybe_unused]] Estimator estimator_;
    bool mean_only_;
};

}  // namespace alert
