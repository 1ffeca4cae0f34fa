#include "core/estimate.h"

#include <algorithm>
#include <cmath>

#include "core/normal.h"
#include "core/vectorised.h"

namespace alert {

namespace {

constexpr float kNoDeadline_s = 1e20F;
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
    float *probability, *accuracy, *mean_latency_s, *bound_latency_s, *energy_j, *energy_bound_j;
    const float *probability_before, *accuracy_before, *mean_latency_before, *bound_latency_before;
};

// The numbers that all slots share.
struct Shared {
    float deadline_s, period_s, mean, inverse_std, bound, idle_ratio, fail_accuracy;
};

inline float energy_of(float power_w, float time_s, const Shared& s) {  // E9
    return power_w * (time_s + s.idle_ratio * std::max(0.0F, s.period_s - time_s));
}

inline float in_time(float inverse_latency, const Shared& s) {  // E6
    return fast_normal_cdf((s.deadline_s * inverse_latency - s.mean) * s.inverse_std);
}

// A copy of its own tells the compiler that no store to an array changes the pointers; passed by
// value it would stall on being stored and at once loaded in pieces of another size.
ALERT_VECTORISED void first_level(const Level& level, Shared s) {
    const Level l = level;
    ALERT_INDEPENDENT
    for (std::size_t r = 0; r < l.slots; ++r) {
        const float probability = in_time(l.inverse_latency[r], s);
        l.probability[r] = probability;
        l.accuracy[r] = s.fail_accuracy + l.accuracy_step[r] * probability;  // E7
        l.mean_latency_s[r] = s.mean * l.latency_s[r];
        l.bound_latency_s[r] = s.bound * l.latency_s[r];
        l.energy_j[r] = energy_of(l.power_w[r], l.mean_latency_s[r], s);
        l.energy_bound_j[r] = energy_of(l.power_w[r], l.bound_latency_s[r], s);  // E11
    }
}

// E8 telescopes: q = q_fail + sum_k (q_k - q_{k-1}) Pr_k with q_0 = q_fail, so that a stage adds
// one term to the one before it. A stage that is not expected to fit is not run: the time is then
// that of the stage before.
ALERT_VECTORISED void next_level(const Level& level, Shared s) {
    const Level l = level;
    ALERT_INDEPENDENT
    for (std::size_t r = 0; r < l.slots; ++r) {
        const float mean_s = s.mean * l.latency_s[r];
        const float bound_s = s.bound * l.latency_s[r];
        const float mean_before_s = l.mean_latency_before[r];
        const float bound_before_s = l.bound_latency_before[r];
        l.probability[r] = l.probability_before[r];
        l.accuracy[r] =
            l.accuracy_before[r] + l.accuracy_step[r] * in_time(l.inverse_latency[r], s);
        l.mean_latency_s[r] = mean_s <= s.deadline_s ? mean_s : mean_before_s;
        l.bound_latency_s[r] = bound_s <= s.deadline_s ? bound_s : bound_before_s;
        l.energy_j[r] = energy_of(l.power_w[r], l.mean_latency_s[r], s);
        l.energy_bound_j[r] = energy_of(l.power_w[r], l.bound_latency_s[r], s);
    }
}

Shared shared_of(const ProfileTable& table, const Belief& belief, const Goal& goal) {
    const double std = std::max(belief.xi_std, kLeastStd);
    const double bound = goal.energy_confidence
                             ? belief.xi_mean + std * normal_quantile(*goal.energy_confidence)
                             : belief.xi_mean;
    return {.deadline_s = goal.deadline_s ? static_cast<float>(*goal.deadline_s) : kNoDeadline_s,
            .period_s = static_cast<float>(goal.period_s),
            .mean = static_cast<float>(belief.xi_mean),
            .inverse_std = static_cast<float>(1 / std),
            .bound = static_cast<float>(std::max(0.0, bound)),
            .idle_ratio = table.has_power() ? static_cast<float>(belief.idle_ratio) : 0.0F,
            .fail_accuracy = static_cast<float>(table.fail_accuracy())};
}

}  // namespace

// The last array is room for the latencies at the E11 quantile, which nobody outside needs.
Estimates::Estimates(std::size_t slots) : slots_(slots), values_(7 * slots) {}

void estimate(const ProfileTable& table, const Belief& belief, const Goal& goal,
              Estimates& estimates) {
    const Shared shared = shared_of(table, belief, goal);
    const auto bound_latency_s = estimates.array(6);
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
                           .probability_before = &estimates.deadline_probability()[before],
                           .accuracy_before = &estimates.accuracy()[before],
                           .mean_latency_before = &estimates.latency_s()[before],
                           .bound_latency_before = &bound_latency_s[before]};
        (level == 0 ? first_level : next_level)(arrays, shared);
        before = begin;
    }
}

}  // namespace alert
