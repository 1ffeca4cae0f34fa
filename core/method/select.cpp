#include "core/method/select.h"

#include <algorithm>
#include <cstdint>
#include <limits>

#include "core/method/vectorised.h"

namespace alert {

namespace {

constexpr float kInfeasible = std::numeric_limits<float>::max();
// Below this probability, being in time is considered impossible.
constexpr float kHopeless = 1e-3F;
// Tolerance for rounding to single precision: a goal that is met exactly must count as met.
constexpr float kRounding = 1e-6F;

// The quantity that the objective minimises.
std::span<const float> cost_of(Estimates& estimates, Objective objective) {
    switch (objective) {
        case Objective::kMinimiseEnergy:
            return estimates.energy_j();
        case Objective::kMinimiseLatency:
            return estimates.latency_s();
        case Objective::kMaximiseAccuracy:
            break;
    }
    return estimates.net_accuracy();
}

// The constraints on every slot, and the arrays with its estimates. The loops copy this struct, so
// that the compiler knows that stores to arrays do not change the pointers.
struct Constraints {
    std::size_t slots;
    const float *probability, *accuracy, *energy_bound_j, *cost;
    float least_probability, least_accuracy, most_energy_j, sign;
};

Constraints constraints_of(Estimates& estimates, const InputGoal& goal) {
    return {.slots = estimates.score().size(),
            .probability = estimates.net_probability().data(),
            .accuracy = estimates.net_accuracy().data(),
            .energy_bound_j = estimates.energy_bound_j().data(),
            .cost = cost_of(estimates, goal.objective).data(),
            .least_probability = static_cast<float>(goal.deadline_confidence) - kRounding,
            .least_accuracy =
                goal.accuracy ? static_cast<float>(*goal.accuracy) - kAccuracySlack : -kInfeasible,
            .most_energy_j =
                goal.energy_j ? static_cast<float>(*goal.energy_j) * (1 + kRounding) : kInfeasible,
            .sign = goal.objective == Objective::kMaximiseAccuracy ? -1.0F : 1.0F};
}

struct Best {
    float score = kInfeasible;  // the least
    float probability = 0;      // the highest
};

// Writes the score of every slot, kInfeasible if it violates a constraint.
ALERT_VECTORISED Best score_slots(const Constraints& constraints, float* score) {
    const Constraints c = constraints;
    float best = kInfeasible, highest = 0;
    ALERT_INDEPENDENT
    for (std::size_t s = 0; s < c.slots; ++s) {
        const float probability = c.probability[s];
        const bool feasible = (probability >= c.least_probability) &  // E10
                              (c.accuracy[s] >= c.least_accuracy) &
                              (c.energy_bound_j[s] <= c.most_energy_j);  // E11
        const float value = feasible ? c.sign * c.cost[s] : kInfeasible;
        score[s] = value;
        best = value < best ? value : best;
        highest = probability > highest ? probability : highest;
    }
    return {best, highest};
}

// The same if nothing is feasible: the best accuracy among the slots that are probable enough.
ALERT_VECTORISED float score_accuracy(const Constraints& constraints, float enough, float* score) {
    const Constraints c = constraints;
    float best = kInfeasible;
    ALERT_INDEPENDENT
    for (std::size_t s = 0; s < c.slots; ++s) {
        const float value = c.probability[s] >= enough ? -c.accuracy[s] : kInfeasible;
        score[s] = value;
        best = value < best ? value : best;
    }
    return best;
}

// The same if none can be in time: the fastest, which leaves most time to other inputs.
float score_latency(Estimates& estimates, float* score) {
    const auto latency_s = estimates.latency_s();
    std::copy(latency_s.begin(), latency_s.end(), score);
    return *std::min_element(latency_s.begin(), latency_s.end());
}

// The quantities that break ties.
struct Ties {
    std::uint32_t slots;
    const float *score, *energy_j, *latency_s;
};

// Among the slots with this score the one with the least energy, then the least latency. Finds one
// minimum after the other: such loops are vectorised, unlike a search for the slot itself.
ALERT_VECTORISED std::uint32_t cheapest(const Ties& among, float score) {
    const Ties t = among;
    float energy_j = kInfeasible;
    std::uint32_t best = t.slots, count = 0;
    for (std::uint32_t s = 0; s < t.slots; ++s) {
        const bool ties = t.score[s] == score;
        const float energy = t.energy_j[s];
        const float value = ties ? energy : kInfeasible;
        const std::uint32_t slot = ties ? s : t.slots;
        energy_j = value < energy_j ? value : energy_j;
        best = slot < best ? slot : best;
        count += ties;
    }
    if (count == 1) {
        return best;
    }
    // Ties are common: stages that are not expected to fit cost nothing.
    float latency_s = kInfeasible;
    for (std::uint32_t s = 0; s < t.slots; ++s) {
        const bool ties = (t.score[s] == score) & (t.energy_j[s] == energy_j);
        const float value = ties ? t.latency_s[s] : kInfeasible;
        latency_s = value < latency_s ? value : latency_s;
    }
    best = t.slots;
    for (std::uint32_t s = 0; s < t.slots; ++s) {
        const bool ties =
            (t.score[s] == score) & (t.energy_j[s] == energy_j) & (t.latency_s[s] == latency_s);
        const std::uint32_t slot = ties ? s : t.slots;
        best = slot < best ? slot : best;
    }
    return best;
}

bool owes_accuracy(const InputGoal& goal) {
    return goal.stated_accuracy && *goal.accuracy > *goal.stated_accuracy;
}

bool owes_energy(const InputGoal& goal) {
    return goal.stated_energy_j && *goal.energy_j < *goal.stated_energy_j;
}

// With the goals as stated, the configuration that pays back most of the debt that made them
// stricter (E13), accuracy first.
InputGoal in_arrears(const InputGoal& goal) {
    InputGoal stated = goal;
    stated.objective =
        owes_accuracy(goal) ? Objective::kMaximiseAccuracy : Objective::kMinimiseEnergy;
    stated.accuracy = goal.stated_accuracy;
    stated.energy_j = goal.stated_energy_j;
    return stated;
}

}  // namespace

Selection select(Estimates& estimates, const InputGoal& goal) {
    const Constraints constraints = constraints_of(estimates, goal);
    float* const scores = estimates.score().data();
    auto [score, highest] = score_slots(constraints, scores);
    bool feasible = score < kInfeasible;
    if (!feasible && (owes_accuracy(goal) || owes_energy(goal))) {
        score = score_slots(constraints_of(estimates, in_arrears(goal)), scores).score;
        feasible = score < kInfeasible;
    }
    if (!feasible && goal.others_share && highest < kHopeless) {
        score = score_latency(estimates, scores);
    } else if (!feasible) {  // deadline first, then accuracy
        const double asked = goal.deadline_confidence;
        const float enough = asked > 0 ? static_cast<float>(asked) : 1.0F;
        score = score_accuracy(constraints, std::min(highest, enough), scores);
    }
    const Ties ties{.slots = static_cast<std::uint32_t>(constraints.slots),
                    .score = scores,
                    .energy_j = estimates.energy_j().data(),
                    .latency_s = estimates.latency_s().data()};
    return {.slot = cheapest(ties, score), .feasible = feasible};
}

}  // namespace alert
