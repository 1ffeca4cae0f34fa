#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

#include "core/method/predictor.h"
#include "core/method/scheme.h"

namespace alert {

/// These configurations of a profile as a profile of their own, in the order given.
Profile subset_of(const Profile& profile, const std::vector<std::size_t>& configurations);

/// A scheme that only knows a subset of the profile.
class SubsetScheme final : public Scheme {
   public:
    using Make = std::function<std::unique_ptr<Scheme>(const Profile&)>;

    /// `make` makes the scheme over the subset.
    SubsetScheme(const Profile& profile, std::vector<std::size_t> configurations, const Make& make);

    Decision next(const InputGoal& goal) override;
    void observe(const Outcome& outcome) override;
    void rehearse(const InputGoal& goal) override { scheme_->rehearse(goal); }

   private:
    std::vector<std::size_t> configurations_;  // of the whole profile
    std::vector<std::size_t> place_;           // of a configuration within the subset
    std::unique_ptr<Scheme> scheme_;
};

/// Always chooses the same configuration. Learns and predicts as ALERT does, so that its stated
/// probabilities can be compared.
class FixedScheme final : public Scheme {
   public:
    /// `configuration` indexes Profile::configurations.
    FixedScheme(const Profile& profile, std::size_t configuration,
                const EstimatorOptions& estimator = {});

    Decision next(const InputGoal& goal) override;
    void observe(const Outcome& outcome) override { predictor_.observe(outcome); }

   private:
    Predictor predictor_;
    std::size_t slot_;
};

/// A FixedScheme that only knows the stages of its model under its setting: others would be scored
/// for every input and never chosen.
std::unique_ptr<Scheme> make_fixed(const Profile& profile, std::size_t configuration,
                                   const EstimatorOptions& estimator);

/// Sys-only: the configurations of one network, one per power setting. Chooses the least power
/// under which the deadline (the period if there is none) is met with the confidence of the goal.
class SysOnlyScheme final : public Scheme {
   public:
    SysOnlyScheme(const Profile& profile, const EstimatorOptions& estimator)
        : predictor_(profile, estimator) {}

    Decision next(const InputGoal& goal) override;
    void observe(const Outcome& outcome) override { predictor_.observe(outcome); }

   private:
    Predictor predictor_;
};

/// No-coord: App-only and Sys-only side by side. One side runs the anytime model until the
/// deadline, the other sets the power as if the fastest traditional model ran. Neither knows of the
/// other, so the time of the anytime model looks like a slow machine to the power side.
class NoCoordScheme final : public Scheme {
   public:
    /// Both by power setting, in the same order: the anytime model's last stage, and the
    /// traditional model.
    NoCoordScheme(const Profile& profile, const EstimatorOptions& estimator,
                  std::vector<std::size_t> anytime, const std::vector<std::size_t>& traditional);

    Decision next(const InputGoal& goal) override;
    void observe(const Outcome& outcome) override;

   private:
    Predictor application_;
    SysOnlyScheme system_;
    std::vector<std::size_t> anytime_;
    std::vector<std::size_t> setting_of_;  // of a configuration: its place in anytime_
};

}  // namespace alert
