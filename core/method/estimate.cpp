#include "core/method/estimate.h"

#include <algorithm>
#include <cmath>

#include "core/method/normal.h"
#include "core/method/slowdown_distribution.h"
#include "core/method/vectorised.h"

namespace alert {

namespace {

constexpr float kNoDeadline_s = 1e20F;
constexpr float kLeastDeadline_s = 1e-12F;
// An input that starts late still gets an answer: of its time this share must be gone before it
// counts as lost.
constexpr double kOverrunSlack = 0.5;
constexpr double kLeastStd = 1e-6;  // a certain mean, still divisible by

// Phi(z) by Abramowitz and Stegun 7.1.28, absolute error below 1.5e-7 before rounding; unlike
// other such formulas it needs no exp, whose vector calls would cost more than all the rest.
inline float fast_normal_cdf(float z) {
    const float x = std::min(std::abs(z), 12.0F) * 0.70710678F;
    const float p =
        1.0F + x * (0.0705230784F +
                    x * (0.0422820123F +
                         x * (0.0092705272F +
                              x * (0.0001520143F + x * (0.0002765672F + x * 0.0000430638F)))));
    const float p2 = p * p;
    const float p4 = p2 * p2;
    const float p8 = p4 * p4;
    const float tail = 0.5F / (p8 * p8);
    return z > 0 ? 1.0F - tail : tail;
}

// One level of the table. `before` arrays belong to the level before; the first level has none.
struct Level {
    std::size_t slots;
    const float *latency_s, *inverse_latency, *power_w, *accuracy_step;
    float *probability, *accuracy, *mean_latency_s, *bound_latency_s, *energy_j, *energy_bound_j,
        *lost, *net_probability, *net_accuracy;
    const float *probability_before, *accuracy_before, *mean_latency_before, *bound_latency_before,
        *lost_before;
};

// The numbers that all slots share.
struct Shared {
    float deadline_s, period_s, idle_ratio, fail_accuracy;
};

// What a slowdown says of a slot, one type for each estimator: E6, its mean, its E11 quantile.

struct Gaussian {
    float deadline_s, mean_xi, bound_xi, inverse_std;

    float in_time(const Level& l, std::size_t r) const {
        return fast_normal_cdf((deadline_s * l.inverse_latency[r] - mean_xi) * inverse_std);
    }
    static constexpr bool kChargesOverruns = false;
    float lost(const Level&, std::size_t) const { return 0; }
    bool fits(const Level&, std::size_t, float time_s) const { return time_s <= deadline_s; }
    float mean(const Level&, std::size_t) const { return mean_xi; }
    float bound(const Level&, std::size_t) const { return bound_xi; }
};

}  // namespace

// The same of the calibrated estimator, looked up beforehand.
struct LookedUp {
    const float *probability, *excess, *mean_xi, *bound_xi;
    float lost_per_s, chance_of_stage;
    static constexpr bool kChargesOverruns = true;

    float in_time(const Level&, std::size_t r) const { return probability[r]; }
    float lost(const Level& l, std::size_t r) const {
        return lost_per_s * l.latency_s[r] * excess[r];
    }
    // As the run loop decides.
    bool fits(const Level&, std::size_t r, float) const {
        return probability[r] >= chance_of_stage;
    }
    float mean(const Level&, std::size_t r) const { return mean_xi[r]; }
    float bound(const Level&, std::size_t r) const { return bound_xi[r]; }

    LookedUp from(std::size_t slot) const {
        return {probability + slot, excess + slot, mean_xi + slot,
                bound_xi + slot,    lost_per_s,    chance_of_stage};
    }
};

namespace {

inline float energy_of(float power_w, float time_s, const Shared& s) {  // E9
    return power_w * (time_s + s.idle_ratio * std::max(0.0F, s.period_s - time_s));
}

// E17, for the output at which the inference is expected to end.
template <class Slowdown>
[[gnu::always_inline]] inline void charge(const Level& l, std::size_t r, float lost,
                                          const Shared& s) {
    if constexpr (Slowdown::kChargesOverruns) {
        l.lost[r] = lost;
        l.net_probability[r] = l.probability[r] - lost;
        l.net_accuracy[r] = l.accuracy[r] - (l.accuracy[r] - s.fail_accuracy) * lost;
    }
}

// A copy of its own tells the compiler that no store to an array changes the pointers; passed by
// value it would stall on being stored and at once loaded in pieces of another size.
template <class Slowdown>
[[gnu::always_inline]] inline void score_first(const Level& level, Shared s, Slowdown xi) {
    const Level l = level;
    ALERT_INDEPENDENT
    for (std::size_t r = 0; r < l.slots; ++r) {
        const float probability = xi.in_time(l, r);
        l.probability[r] = probability;
        l.accuracy[r] = s.fail_accuracy + l.accuracy_step[r] * probability;  // E7
        l.mean_latency_s[r] = xi.mean(l, r) * l.latency_s[r];
        l.bound_latency_s[r] = xi.bound(l, r) * l.latency_s[r];
        l.energy_j[r] = energy_of(l.power_w[r], l.mean_latency_s[r], s);
        l.energy_bound_j[r] = energy_of(l.power_w[r], l.bound_latency_s[r], s);  // E11
        charge<Slowdown>(l, r, xi.lost(l, r), s);
    }
}

// E8 telescopes: q = q_fail + sum_k (q_k - q_{k-1}) Pr_k with q_0 = q_fail, so that a stage adds
// one term to the one before it. A stage that is not expected to fit is not run: the time is then
// that of the stage before.
template <class Slowdown>
[[gnu::always_inline]] inline void score_next(const Level& level, Shared s, Slowdown xi) {
    const Level l = level;
    ALERT_INDEPENDENT
    for (std::size_t r = 0; r < l.slots; ++r) {
        const float mean_s = xi.mean(l, r) * l.latency_s[r];
        const bool fits = xi.fits(l, r, mean_s);
        const float bound_s = xi.bound(l, r) * l.latency_s[r];
        const float mean_before_s = l.mean_latency_before[r];
        const float bound_before_s = l.bound_latency_before[r];
        l.probability[r] = l.probability_before[r];
        l.accuracy[r] = l.accuracy_before[r] + l.accuracy_step[r] * xi.in_time(l, r);
        l.mean_latency_s[r] = fits ? mean_s : mean_before_s;
        l.bound_latency_s[r] = xi.fits(l, r, bound_s) ? bound_s : bound_before_s;
        l.energy_j[r] = energy_of(l.power_w[r], l.mean_latency_s[r], s);
        l.energy_bound_j[r] = energy_of(l.power_w[r], l.bound_latency_s[r], s);
        charge<Slowdown>(l, r, fits ? xi.lost(l, r) : l.lost_before[r], s);
    }
}

// The loops are compiled for each level of x86-64 here; a template cannot be.

ALERT_VECTORISED void first_level(const Level& level, Shared s, Gaussian xi) {
    score_first(level, s, xi);
}
ALERT_VECTORISED void next_level(const Level& level, Shared s, Gaussian xi) {
    score_next(level, s, xi);
}
ALERT_VECTORISED void first_level_looked_up(const Level& level, Shared s, LookedUp xi) {
    score_first(level, s, xi);
}
ALERT_VECTORISED void next_level_looked_up(const Level& level, Shared s, LookedUp xi) {
    score_next(level, s, xi);
}

float deadline_of(const InputGoal& goal) {
    return goal.deadline_s ? static_cast<float>(*goal.deadline_s) : kNoDeadline_s;
}

Shared shared_of(const ProfileTable& table, double idle_ratio, const InputGoal& goal) {
    return {.deadline_s = deadline_of(goal),
            .period_s = static_cast<float>(goal.period_s),
            .idle_ratio = table.has_power() ? static_cast<float>(idle_ratio) : 0.0F,
            .fail_accuracy = static_cast<float>(table.fail_accuracy())};
}

}  // namespace

double overrun_limit_s(const InputGoal& goal) {
    return goal.period_s + kOverrunSlack * goal.interval_s;
}

Estimates::Estimates(std::size_t slots)
    : slots_(slots), values_(kArrays * slots), places_(2 * slots) {}

// Calls `score(level, first)` for every level of the table.
template <class Scores>
void score_levels(const ProfileTable& table, Estimates& estimates, const Scores& score) {
    const auto bound_latency_s = estimates.array(Estimates::kBoundLatency);
    const auto lost = estimates.array(Estimates::kLost);
    for (std::size_t level = 0, before = 0; level < table.levels(); ++level) {
        const std::size_t begin = table.level_begin(level);
        const Level arrays{.slots = table.level_begin(level + 1) - begin,
                           .latency_s = &table.latency_s()[begin],
                           .inverse_latency = &table.inverse_latency()[begin],
                           .power_w = &table.power_w()[begin],
                           .accuracy_step = &table.accuracy_step()[begin],
                           .probability = &estimates.deadline_probability()[begin],
                           .accuracy = &estimates.accuracy()[begin],
                           .mean_latency_s = &estimates.latency_s()[begin],
                           .bound_latency_s = &bound_latency_s[begin],
                           .energy_j = &estimates.energy_j()[begin],
                           .energy_bound_j = &estimates.energy_bound_j()[begin],
                           .lost = &lost[begin],
                           .net_probability = &estimates.net_probability()[begin],
                           .net_accuracy = &estimates.net_accuracy()[begin],
                           .probability_before = &estimates.deadline_probability()[before],
                           .accuracy_before = &estimates.accuracy()[before],
                           .mean_latency_before = &estimates.latency_s()[before],
                           .bound_latency_before = &bound_latency_s[before],
                           .lost_before = &lost[before]};
        score(arrays, begin);
        before = begin;
    }
}

void estimate(const ProfileTable& table, const Belief& belief, const InputGoal& goal,
              Estimates& estimates) {
    const Shared shared = shared_of(table, belief.idle_ratio, goal);
    estimates.charge_overruns(false);
    const double std = std::max(belief.xi_std, kLeastStd);
    const double bound = goal.energy_confidence
                             ? belief.xi_mean + std * normal_quantile(*goal.energy_confidence)
                             : belief.xi_mean;
    const Gaussian xi{.deadline_s = shared.deadline_s,
                      .mean_xi = static_cast<float>(belief.xi_mean),
                      .bound_xi = static_cast<float>(std::max(0.0, bound)),
                      .inverse_std = static_cast<float>(1 / std)};
    score_levels(table, estimates, [&](const Level& level, std::size_t begin) {
        (begin == 0 ? first_level : next_level)(level, shared, xi);
    });
}

namespace {

// Where a deadline and the limit of E17 lie in the tables of each slot's octave: the cell to their
// left, and the part of the way to the next one.
struct Places {
    std::size_t slots;
    const std::int32_t* octave_of;
    const float* log_latency;
    float log_deadline, log_limit;
    float *part, *limit_part;
    std::int32_t *left, *limit_left;
};

ALERT_VECTORISED void find_places(const Places& places) {
    using D = SlowdownDistribution;
    // The last cell itself would be the left one of a pair that is not there.
    constexpr float kMost = D::kCells - 1.0001F, kMostExcess = D::kExcessCells - 1.0001F;
    const Places p = places;
    ALERT_INDEPENDENT
    for (std::size_t s = 0; s < p.slots; ++s) {
        const std::int32_t k = p.octave_of[s];
        const float log_zero = p.log_latency[s] + D::kLowest;
        const float cell = (p.log_deadline - log_zero) * (1 / D::kCell) - 1;
        const float limit = (p.log_limit - log_zero) * (1 / D::kExcessCell) - 1;
        const float inside = std::min(std::max(cell, 0.0F), kMost);
        const float limit_inside = std::min(std::max(limit, 0.0F), kMostExcess);
        const auto left = static_cast<std::int32_t>(inside);
        const auto limit_left = static_cast<std::int32_t>(limit_inside);
        p.part[s] = inside - static_cast<float>(left);
        p.limit_part[s] = limit_inside - static_cast<float>(limit_left);
        p.left[s] = k * D::kCells + left;
        p.limit_left[s] = k * D::kExcessCells + limit_left;
    }
}

// The straight line between two neighbours in a table.
inline float between(const float* left, float part) {
    return left[0] + part * (left[1] - left[0]);
}

}  // namespace

// Found for all slots before they are scored, by a plain loop: one that is vectorised would have to
// gather from the tables, which takes longer than all the rest.
LookedUp look_up(const ProfileTable& table, const OctaveBelief& belief, const InputGoal& goal,
                 Estimates& estimates) {
    const auto log_of = [](double time_s) {
        return std::log(std::max(static_cast<float>(time_s), kLeastDeadline_s));
    };
    const auto room = [&](Estimates::Array which) { return estimates.array(which).data(); };
    const Places places{.slots = table.size(),
                        .octave_of = belief.octave_of.data(),
                        .log_latency = table.log_latency().data(),
                        .log_deadline = log_of(deadline_of(goal)),
                        .log_limit = log_of(overrun_limit_s(goal)),
                        .part = room(Estimates::kPart),
                        .limit_part = room(Estimates::kLimitPart),
                        .left = estimates.places_.data(),
                        .limit_left = estimates.places_.data() + table.size()};
    find_places(places);

    const float* const cumulative = belief.cumulative.data();
    const float* const excess = belief.excess.data();
    const float* const mean = belief.mean.data();
    float* const probability = room(Estimates::kFoundProbability);
    float* const excess_of_slot = room(Estimates::kFoundExcess);
    float* const mean_xi = room(Estimates::kFoundMean);
    const std::size_t slots = table.size();
    for (std::size_t s = 0; s < slots; ++s) {
        probability[s] = between(cumulative + places.left[s], places.part[s]);             // E15
        excess_of_slot[s] = between(excess + places.limit_left[s], places.limit_part[s]);  // E17
        mean_xi[s] = mean[places.octave_of[s]];
    }
    float* bound_xi = mean_xi;
    if (goal.energy_confidence) {
        bound_xi = room(Estimates::kFoundBound);
        for (std::size_t s = 0; s < slots; ++s) {
            bound_xi[s] = belief.bound[static_cast<std::size_t>(places.octave_of[s])];
        }
    }
    const bool others_wait = belief.charge_overruns && goal.deadline_s && goal.interval_s > 0;
    return {.probability = probability,
            .excess = excess_of_slot,
            .mean_xi = mean_xi,
            .bound_xi = bound_xi,
            .lost_per_s = others_wait ? static_cast<float>(lost_inputs(1, goal)) : 0,
            .chance_of_stage = belief.chance_of_stage};
}

void estimate(const ProfileTable& table, const OctaveBelief& belief, const InputGoal& goal,
              Estimates& estimates) {
    const Shared shared = shared_of(table, belief.idle_ratio, goal);
    estimates.charge_overruns(true);
    const LookedUp all = look_up(table, belief, goal, estimates);
    score_levels(table, estimates, [&](const Level& level, std::size_t begin) {
        (begin == 0 ? first_level_looked_up : next_level_looked_up)(level, shared, all.from(begin));
    });
}

}  // namespace alert
