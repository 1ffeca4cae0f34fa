#include "core/select.h"

#include <algorithm>
#include <limits>

#include "core/vectorised.h"

namespace alert {

namespace {

constexpr float kInfeasible = std::numeric_limits<float>::max();
// Estimates are rounded to single precision: a goal that is met exactly must count as met.
constexpr float kRounding = 1e-6F;

// What the objective asks to be small.
std::span<const float> cost_of(Estimates& estimates, Objective objective) {
    switch (objective) {
        case Objective::kMinimiseEnergy:
            return estimates.energy_j();
        case Objective::kMinimiseLatency:
            return estimates.latency_s();
        case Objective::kMaximiseAccuracy:
            break;
    }
    return estimates.accuracy();
}

// What every slot is held against, and the arrays it is read from.
struct Constraints {
    std::size_t slots;
    const float *probability, *accuracy, *energy_bound_j, *cost;
    float least_probability, least_accuracy, most_energy_j, sign;
};

Constraints constraints_of(Estimates& estimates, const Goal& goal) {
    return {.slots = estimates.score().size(),
            .probability = estimates.deadline_probability().data(),
            .accuracy = estimates.accuracy().data(),
            .energy_bound_j = estimates.energy_bound_j().data(),
            .cost = cost_of(estimates, goal.objective).data(),
            .least_probability = static_cast<float>(goal.deadline_confidence) - kRounding,
            .least_accuracy =
                goal.accuracy ? static_cast<float>(*goal.accuracy) - kRounding : -kInfeasible,
            .most_energy_j =
                goal.energy_j ? static_cast<float>(*goal.energy_j) * (1 + kRounding) : kInfeasible,
            .sign = goal.objective == Objective::kMaximiseAccuracy ? -1.0F : 1.0F};
}

// Writes every slot's score, kInfeasible where a constraint is not kept; returns the least.
ALERT_VECTORISED float score_slots(Constraints c, float* score) {
    float best = kInfeasible;
#pragma GCC ivdep  // the arrays do not overlap
    for (std::size_t s = 0; s < c.slots; ++s) {
        const bool feasible = (c.probability[s] >= c.least_probability) &  // E10
                              (c.accuracy[s] >= c.least_accuracy) &
                              (c.energy_bound_j[s] <= c.most_energy_j);  // E11
        const float value = feasible ? c.sign * c.cost[s] : kInfeasible;
        score[s] = value;
        best = value < best ? value : best;
    }
    return best;
}

// Of the slots with this score the one with the least energy, then the least latency.
std::size_t cheapest(Estimates& estimates, float score) {
    const auto scores = estimates.score();
    const auto energy_j = estimates.energy_j();
    const auto latency_s = estimates.latency_s();
    std::size_t best = scores.size();
    for (std::size_t s = 0; s < scores.size(); ++s) {
        if (scores[s] != score) {
            continue;
        }
        if (best == scores.size() || energy_j[s] < energy_j[best] ||
            (energy_j[s] == energy_j[best] && latency_s[s] < latency_s[best])) {
            best = s;
        }
    }
    return best;
}

// Nothing is feasible: deadline first, then accuracy, then energy.
std::size_t least_bad(Estimates& estimates, const Goal& goal) {
    const auto probability = estimates.deadline_probability();
    const auto accuracy = estimates.accuracy();
    const auto score = estimates.score();
    const auto enough =
        goal.deadline_confidence > 0 ? static_cast<float>(goal.deadline_confidence) : 1.0F;
    const float highest =
        std::min(enough, *std::max_element(probability.begin(), probability.end()));
    float best = kInfeasible;
    for (std::size_t s = 0; s < score.size(); ++s) {
        score[s] = probability[s] >= highest ? -accuracy[s] : kInfeasible;
        best = std::min(best, score[s]);
    }
    return cheapest(estimates, best);
}

}  // namespace

Selection select(Estimates& estimates, const Goal& goal) {
    const float best = score_slots(constraints_of(estimates, goal), estimates.score().data());
    if (best < kInfeasible) {
        return {.slot = cheapest(estimates, best), .feasible = true};
    }
    return {.slot = least_bad(estimates, goal), .feasible = false};
}

}  // namespace alert
