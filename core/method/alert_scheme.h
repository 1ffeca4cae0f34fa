#pragma once

#include "alert/controller.h"
#include "core/method/predictor.h"
#include "core/method/scheme.h"

namespace alert {

/// ALERT itself as a scheme among the others: chooses the best configuration for the goal before
/// every input, and learns from the outcome of the previous one. Controller is this with a goal as
/// the user states it.
class AlertScheme final : public Scheme {
   public:
    /// `mean_only`: treats the mean slowdown as certain (ALERT*).
    explicit AlertScheme(const Profile& profile, const EstimatorOptions& estimator = {},
                         bool mean_only = false)
        : predictor_(profile, estimator, mean_only) {}

    const Profile& profile() const { return predictor_.profile(); }

    Decision next(const InputGoal& goal) override;
    void observe(const Outcome& outcome) override { predictor_.observe(outcome); }
    void rehearse(const InputGoal& goal) override;

   private:
    Predictor predictor_;
};

}  // namespace alert
