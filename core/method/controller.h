#pragma once

#include "core/method/predictor.h"
#include "core/method/scheme.h"

namespace alert {

/// ALERT itself: before every input the best configuration for the goal, learning from what became
/// of the one before. Two calls, neither of which allocates, locks or makes a system call:
///
///     alert::Controller controller(profile);
///     auto decision = controller.next(goal);          // run decision.configuration ...
///     controller.observe({.configuration = ..., .latency_s = ...});
///
/// An input that never ran is simply not observed. Not thread-safe.
class Controller final : public Scheme {
   public:
    /// `mean_only`: the mean slowdown is taken as certain (ALERT*).
    explicit Controller(const Profile& profile, Estimator estimator = Estimator::kCalibrated,
                        bool mean_only = false)
        : predictor_(profile, estimator, mean_only) {}

    Decision next(const Goal& goal) override;
    void observe(const Outcome& outcome) override { predictor_.observe(outcome); }
    void rehearse(const Goal& goal) override;

   private:
    Predictor predictor_;
};

/// Always the same configuration; learns and predicts as the controller does, so that its stated
/// probabilities can be compared.
class FixedScheme final : public Scheme {
   public:
    /// `configuration` indexes Profile::configurations.
    FixedScheme(const Profile& profile, std::size_t configuration,
                Estimator estimator = Estimator::kCalibrated);

    Decision next(const Goal& goal) override;
    void observe(const Outcome& outcome) override { predictor_.observe(outcome); }

   private:
    Predictor predictor_;
    std::size_t slot_;
};

}  // namespace alert
