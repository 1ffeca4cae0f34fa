#include "core/method/predictor.h"

#include <algorithm>

namespace alert {

Predictor::Predictor(const Profile& profile, const EstimatorOptions& options, bool mean_only)
    : options_(options),
      profile_(profile),
      table_(profile),
      estimates_(table_.size()),
      mean_only_(mean_only) {
    if (options.estimator == Estimator::kPaper || mean_only) {
        return;
    }
    const auto durations = table_.latency_s();
    const auto [shortest, longest] = std::minmax_element(durations.begin(), durations.end());
    distribution_.emplace(*shortest, *longest, options);
    stages_.emplace(profile_);
    seen_.reserve(table_.levels());
    for (const float duration_s : durations) {
        octave_of_slot_.push_back(static_cast<std::int32_t>(distribution_->octave_of(duration_s)));
    }
    octave_mean_.resize(distribution_->octaves());
    octave_bound_.resize(distribution_->octaves());
}

Belief Predictor::belief_of(std::size_t slot) const {
    Belief belief{.idle_ratio = idle_ratio_.ratio()};
    if (distribution_) {
        const std::size_t k = octave_of(slot);
        belief.xi_mean = distribution_->mean(k);
        belief.xi_std = distribution_->std(k);
    } else {
        belief.xi_mean = gaussian_.mean();
        belief.xi_std = gaussian_.std();
    }
    if (mean_only_) {
        belief.xi_std = 0;
    }
    return belief;
}

double Predictor::expected_slowdown(std::size_t slot) const {
    return distribution_ ? distribution_->quantile(octave_of(slot), options_.chance_of_stage)
                         : gaussian_.mean();
}

OctaveBelief Predictor::octave_belief(const InputGoal& goal) {
    for (std::size_t k = 0; k < octave_mean_.size(); ++k) {
        octave_mean_[k] = static_cast<float>(distribution_->mean(k));
        octave_bound_[k] = octave_mean_[k];
        if (goal.energy_confidence) {
            octave_bound_[k] =
                static_cast<float>(distribution_->quantile(k, *goal.energy_confidence));
        }
    }
    return {.octave_of = octave_of_slot_,
            .cumulative = distribution_->cumulative(),
            .excess = distribution_->excess(),
            .mean = octave_mean_,
            .bound = octave_bound_,
            .idle_ratio = idle_ratio_.ratio(),
            .chance_of_stage = options_.chance_of_stage,
            .charge_overruns = options_.charge_overruns};
}

Estimates& Predictor::estimate(const InputGoal& goal) {
    require_power(goal.energy_j, table_.has_power());
    if (distribution_) {
        alert::estimate(table_, octave_belief(goal), goal, estimates_);
    } else {
        alert::estimate(table_, belief_of(0), goal, estimates_);
    }
    return estimates_;
}

Decision Predictor::describe(std::size_t slot) {
    const Belief current = belief_of(slot);
    Decision decision{.configuration = table_.configuration_of(slot),
                      .deadline_probability = estimates_.deadline_probability()[slot],
                      .accuracy = estimates_.accuracy()[slot],
                      .xi_mean = current.xi_mean,
                      .xi_std = current.xi_std,
                      .xi_expected = expected_slowdown(slot),
                      .idle_ratio = current.idle_ratio};
    if (table_.has_power()) {
        decision.energy_j = estimates_.energy_j()[slot];
    }
    return decision;
}

void Predictor::rehearse() {
    if (distribution_) {
        distribution_->rehearse();
    }
}

// All stages that were run: by the answers alone a network would seem never to be late.
void Predictor::learn(const Outcome& outcome) {
    seen_.clear();
    const auto see = [&](std::size_t configuration, double latency_s) {
        seen_.push_back({octave_of(table_.slot_of(configuration)),
                         latency_s / profile_.configurations[configuration].latency_s});
    };
    const std::size_t ran =
        options_.learnt_from == LearntFrom::kAnswer ? 0 : outcome.stages_s.size();
    const bool every = options_.learnt_from == LearntFrom::kEveryStage || ran == 0;
    for (std::size_t k = every ? 0 : ran - 1; k < ran; ++k) {
        const int stage = static_cast<int>(k) + 1;
        const std::size_t c = stages_->at(outcome.configuration, stage);
        if (profile_.configurations[c].stage == stage) {
            see(c, outcome.stages_s[k]);
        }
    }
    if (seen_.empty()) {
        see(outcome.configuration, outcome.latency_s);
    }
    distribution_->observe(seen_);
}

void Predictor::observe(const Outcome& outcome) {
    const auto& ran = profile_.configurations[outcome.configuration];
    if (!distribution_) {
        gaussian_.observe(outcome.latency_s / ran.latency_s);
    } else {
        learn(outcome);
    }
    if (outcome.idle_power_w && ran.power_w) {
        idle_ratio_.observe(*outcome.idle_power_w / *ran.power_w);
    }
}

}  // namespace alert
