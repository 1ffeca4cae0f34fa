#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numbers>
#include <vector>

#include "alert/profile.h"
#include "bench/synthetic_profile.h"
#include "core/method/estimate.h"
#include "core/method/idle_ratio_filter.h"
#include "core/method/normal.h"
#include "core/method/scheme.h"
#include "core/method/select.h"
#include "core/method/slowdown_distribution.h"
#include "core/method/slowdown_filter.h"

namespace alert {

/// The slowdown by E4, written naively: std::erfc in double precision.
class PlainGaussian {
   public:
    explicit PlainGaussian(const Profile& profile) : all_(profile.configurations) {}

    void begin(const InputGoal& goal) {
        bound_ = goal.energy_confidence
                     ? slowdown_.mean() + slowdown_.std() * normal_quantile(*goal.energy_confidence)
                     : slowdown_.mean();
    }
    double in_time(std::size_t c, double time_s) const {  // E6
        const double z = (time_s / all_[c].latency_s - slowdown_.mean()) / slowdown_.std();
        return 0.5 * std::erfc(-z / std::numbers::sqrt2);
    }
    double mean(std::size_t) const { return slowdown_.mean(); }
    double std(std::size_t) const { return slowdown_.std(); }
    double bound(std::size_t) const { return bound_; }  // E11
    bool fits(double /*probability*/, double stage_s, double deadline_s) const {
        return stage_s <= deadline_s;
    }
    double lost(std::size_t, const InputGoal&) const { return 0; }

    void observe(const Outcome& outcome) {
        slowdown_.observe(outcome.latency_s / all_[outcome.configuration].latency_s);
    }

   private:
    std::vector<ProfiledConfiguration> all_;
    SlowdownFilter slowdown_;
    double bound_ = 0;
};

/// E15 and E17 over the distribution of the controller, looked up separately for each
/// configuration.
class PlainObserved {
   public:
    explicit PlainObserved(const Profile& profile)
        : all_(profile.configurations), slowdown_(shortest(profile), longest(profile)) {
        for (const ProfiledConfiguration& configuration : all_) {
            octave_of_.push_back(slowdown_.octave_of(configuration.latency_s));
        }
        bound_.resize(slowdown_.octaves());
    }

    void begin(const InputGoal& goal) {
        for (std::size_t k = 0; k < bound_.size(); ++k) {
            bound_[k] = goal.energy_confidence ? slowdown_.quantile(k, *goal.energy_confidence)
                                               : slowdown_.mean(k);
        }
    }
    double in_time(std::size_t c, double time_s) const {
        return slowdown_.probability(octave_of_[c], time_s / all_[c].latency_s);
    }
    double mean(std::size_t c) const { return slowdown_.mean(octave_of_[c]); }
    double std(std::size_t c) const { return slowdown_.std(octave_of_[c]); }
    double bound(std::size_t c) const { return bound_[octave_of_[c]]; }
    bool fits(double probability, double /*stage_s*/, double /*deadline_s*/) const {
        return probability >= kChanceOfStage;
    }
    double lost(std::size_t c, const InputGoal& goal) const {  // E17
        using D = SlowdownDistribution;
        const double log_x = std::log(overrun_limit_s(goal) / all_[c].latency_s);
        const double cell = (log_x - D::kLowest) / D::kExcessCell - 1;
        const double inside = std::clamp(cell, 0.0, D::kExcessCells - 1.0001);
        const auto left = static_cast<std::size_t>(inside);
        const float* const excess = &slowdown_.excess()[octave_of_[c] * D::kExcessCells + left];
        const double part = inside - static_cast<double>(left);
        return lost_inputs(all_[c].latency_s * (excess[0] + part * (excess[1] - excess[0])), goal);
    }

    void observe(const Outcome& outcome) {
        seen_.clear();
        const auto see = [&](std::size_t c, double latency_s) {
            seen_.push_back({octave_of_[c], latency_s / all_[c].latency_s});
        };
        const std::size_t first = outcome.configuration + 1 - outcome.stages_s.size();
        for (std::size_t k = 0; k < outcome.stages_s.size(); ++k) {
            see(first + k, outcome.stages_s[k]);
        }
        if (seen_.empty()) {
            see(outcome.configuration, outcome.latency_s);
        }
        slowdown_.observe(seen_);
    }

   private:
    static bool quicker(const ProfiledConfiguration& a, const ProfiledConfiguration& b) {
        return a.latency_s < b.latency_s;
    }
    static double shortest(const Profile& profile) {
        return std::ranges::min(profile.configurations, quicker).latency_s;
    }
    static double longest(const Profile& profile) {
        return std::ranges::max(profile.configurations, quicker).latency_s;
    }

    std::vector<ProfiledConfiguration> all_;
    SlowdownDistribution slowdown_;
    std::vector<std::size_t> octave_of_;
    std::vector<double> bound_;  // of an octave
    std::vector<SlowdownDistribution::Seen> seen_;
};

/// The method written naively, for comparison with the time of the controller: an array of
/// structures in the order of the profile, with the stages of a chain one after the other, and one
/// loop that keeps the best so far. Without goals over a window and shared deadlines.
template <class Slowdown>
class PlainLoop final : public Scheme {
   public:
    explicit PlainLoop(const Profile& profile)
        : configurations_(profile.configurations), slowdown_(profile) {}

    Decision next(const InputGoal& goal) override {
        slowdown_.begin(goal);
        Scored best, fallback;
        Chain chain;
        for (std::size_t c = 0; c < configurations_.size(); ++c) {
            const Scored scored = score(c, goal, chain);
            if (keeps(scored, goal) && better(scored, best, goal.objective)) {
                best = scored;
            }
            if (less_bad(scored, fallback, goal)) {
                fallback = scored;
            }
        }
        const bool feasible = best.energy_j < kNone;
        const Scored& chosen = feasible ? best : fallback;
        return {.configuration = chosen.configuration,
                .feasible = feasible,
                .deadline_probability = chosen.probability,
                .accuracy = chosen.accuracy,
                .energy_j = chosen.energy_j,
                .xi_mean = slowdown_.mean(chosen.configuration),
                .xi_std = slowdown_.std(chosen.configuration),
                .idle_ratio = idle_ratio_.ratio()};
    }

    void observe(const Outcome& outcome) override {
        slowdown_.observe(outcome);
        const auto& ran = configurations_[outcome.configuration];
        idle_ratio_.observe(*outcome.idle_power_w / *ran.power_w);
    }

   private:
    static constexpr double kNone = std::numeric_limits<double>::max();

    struct Scored {
        std::size_t configuration = 0;
        double probability = -1, accuracy = -1;
        double kept = -1, worth = -1;  // the same net of expected losses by overruns (E17)
        double latency_s = kNone, energy_j = kNone, energy_bound_j = kNone;
    };

    // Sums over the earlier stages of the chain.
    struct Chain {
        double probability = 0, accuracy = 0, before = 0, latency_s = 0, bound_s = 0, lost = 0;
    };

    double energy(double power_w, double time_s, double period_s) const {
        return power_w * time_s + idle_ratio_.ratio() * power_w * std::max(0.0, period_s - time_s);
    }

    Scored score(std::size_t c, const InputGoal& goal, Chain& chain) const {
        const auto& profiled = configurations_[c];
        const double mean_s = slowdown_.mean(c) * profiled.latency_s;
        const double bound_s = slowdown_.bound(c) * profiled.latency_s;
        const double probability = slowdown_.in_time(c, *goal.deadline_s);
        if (profiled.stage <= 1) {
            chain = {.probability = probability,
                     .accuracy = kFailAccuracy,
                     .before = kFailAccuracy,
                     .latency_s = mean_s,
                     .bound_s = bound_s,
                     .lost = slowdown_.lost(c, goal)};
        } else if (slowdown_.fits(probability, mean_s, *goal.deadline_s)) {
            chain.latency_s = mean_s;
            chain.lost = slowdown_.lost(c, goal);
        }
        if (slowdown_.fits(probability, bound_s, *goal.deadline_s)) {
            chain.bound_s = bound_s;
        }
        chain.accuracy += (profiled.accuracy - chain.before) * probability;
        chain.before = profiled.accuracy;
        return {.configuration = c,
                .probability = chain.probability,
                .accuracy = chain.accuracy,
                .kept = chain.probability - chain.lost,
                .worth = chain.accuracy - (chain.accuracy - kFailAccuracy) * chain.lost,
                .latency_s = chain.latency_s,
                .energy_j = energy(*profiled.power_w, chain.latency_s, goal.period_s),
                .energy_bound_j = energy(*profiled.power_w, chain.bound_s, goal.period_s)};
    }

    static bool keeps(const Scored& s, const InputGoal& goal) {
        return s.kept >= goal.deadline_confidence &&
               (!goal.accuracy || s.worth >= *goal.accuracy - kAccuracySlack) &&
               (!goal.energy_j || s.energy_bound_j <= *goal.energy_j);
    }

    static bool better(const Scored& a, const Scored& b, Objective objective) {
        const double cost_a = cost(a, objective), cost_b = cost(b, objective);
        if (cost_a != cost_b) {
            return cost_a < cost_b;
        }
        return a.energy_j != b.energy_j ? a.energy_j < b.energy_j : a.latency_s < b.latency_s;
    }

    static double cost(const Scored& s, Objective objective) {
        return objective == Objective::kMinimiseEnergy    ? s.energy_j
               : objective == Objective::kMinimiseLatency ? s.latency_s
                                                          : -s.worth;
    }

    static bool less_bad(const Scored& a, const Scored& b, const InputGoal& goal) {
        const double p_a = std::min(a.kept, goal.deadline_confidence);
        const double p_b = std::min(b.kept, goal.deadline_confidence);
        if (p_a != p_b) {
            return p_a > p_b;
        }
        return a.worth != b.worth ? a.worth > b.worth : a.energy_j < b.energy_j;
    }

    std::vector<ProfiledConfiguration> configurations_;
    Slowdown slowdown_;
    IdleRatioFilter idle_ratio_;
};

}  // namespace alert
