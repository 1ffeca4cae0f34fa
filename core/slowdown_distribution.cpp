#include "core/slowdown_distribution.h"

#include <algorithm>
#include <cmath>

#include "core/normal.h"
#include "core/vectorised.h"

namespace alert {

namespace {

using D = SlowdownDistribution;

// Where an observation counts less it moves no level, and does not enter a histogram.
constexpr float kLeastForLevel = 0.1F, kLeastForHistogram = 0.3F;
// A stalled machine, or a clock that jumped, is seen no further off than this: within the cells.
constexpr float kLeastResidual = -1.2F, kMostResidual = 2.4F;

// log x / exp(m) at the upper edge of a cell of this width.
double edge(int cell, float width) {
    return D::kLowest + double{width} * (cell + 1);
}

// Mixes a table of means with its prior and with what a new observation says of every entry:
// nothing has to be summed up again. As steps from what stands, so that rounding does not add up
// and a probability that is always one stays exactly one.
struct Mixture {
    float prior, fresh;

    // A prior's weight n0, the weight observed so far, what is kept of it, and of the new one.
    Mixture(float n0, float observed, float keep, float weight) {
        const float total = n0 + keep * observed + weight;
        prior = (1 - keep) * n0 / total;
        fresh = weight / total;
    }
};

// E15; the step at the residual is smoothed over a cell. `at` is its index.
ALERT_VECTORISED void mix_cumulative(float* table, const float* prior, Mixture mixture, float at) {
    const Mixture m = mixture;
    ALERT_INDEPENDENT
    for (int cell = 0; cell < D::kCells; ++cell) {
        const float step = static_cast<float>(cell) + 1.5F - at;
        const float inside = step < 0 ? 0 : step;
        const float stands = table[cell];
        table[cell] = stands + m.prior * (prior[cell] - stands) +
                      m.fresh * ((inside > 1 ? 1 : inside) - stands);
    }
}

// E17: how far x / exp(m) lay above every edge.
ALERT_VECTORISED void mix_excess(float* table, const float* prior, const float* edges,
                                 Mixture mixture, float x) {
    const Mixture m = mixture;
    ALERT_INDEPENDENT
    for (int cell = 0; cell < D::kExcessCells; ++cell) {
        const float above = x - edges[cell];
        const float stands = table[cell];
        table[cell] = stands + m.prior * (prior[cell] - stands) +
                      m.fresh * ((above < 0 ? 0 : above) - stands);
    }
}

}  // namespace

SlowdownDistribution::SlowdownDistribution(double shortest_s, double longest_s,
                                           const SlowdownDistributionOptions& options)
    : options_(options), shortest_s_(shortest_s) {
    const std::size_t classes = class_of(longest_s) + 1;  // before there are any to limit it
    const double s0 = options.prior_std;
    for (int cell = 0; cell < kCells; ++cell) {
        prior_cumulative_[static_cast<std::size_t>(cell)] =
            static_cast<float>(normal_cdf(edge(cell, kCell) / s0));
    }
    for (int cell = 0; cell < kExcessCells; ++cell) {
        const auto i = static_cast<std::size_t>(cell);
        const double log_x = edge(cell, kExcessCell), x = std::exp(log_x);
        edges_[i] = static_cast<float>(x);
        prior_excess_[i] = static_cast<float>(  // of a log-normal
            std::exp(0.5 * s0 * s0) * normal_cdf(s0 - log_x / s0) - x * normal_cdf(-log_x / s0));
    }
    prior_mean_ = static_cast<float>(std::exp(0.5 * s0 * s0));
    prior_square_ = static_cast<float>(std::exp(2 * s0 * s0));
    levels_.resize(classes);
    typical_.assign(classes, 1);
    weights_.resize(classes);
    first_moments_.resize(classes);
    second_moments_.resize(classes);
    for (std::size_t k = 0; k < classes; ++k) {
        cumulative_.insert(cumulative_.end(), prior_cumulative_.begin(), prior_cumulative_.end());
        excess_.insert(excess_.end(), prior_excess_.begin(), prior_excess_.end());
    }
}

std::size_t SlowdownDistribution::class_of(double profiled_s) const {
    const double octave = std::max(0.0, std::floor(std::log2(profiled_s / shortest_s_)));
    const auto k = static_cast<std::size_t>(octave);
    return levels_.empty() ? k : std::min(k, levels_.size() - 1);
}

double SlowdownDistribution::probability(std::size_t k, double ratio) const {
    const double at = (std::log(ratio) - levels_[k] - kLowest) / kCell - 1;
    const auto cell = static_cast<std::size_t>(std::clamp(at, 0.0, kCells - 2.0));
    const double part = std::clamp(at - static_cast<double>(cell), 0.0, 1.0);
    const float* cumulative = &cumulative_[k * kCells];
    return cumulative[cell] + part * (cumulative[cell + 1] - cumulative[cell]);
}

double SlowdownDistribution::mean(std::size_t k) const {
    const float total = options_.prior_weight + weights_[k];
    return typical_[k] * (options_.prior_weight * prior_mean_ + first_moments_[k]) / total;
}

double SlowdownDistribution::std(std::size_t k) const {
    const float total = options_.prior_weight + weights_[k];
    const double square = static_cast<double>(typical_[k]) * typical_[k] *
                          (options_.prior_weight * prior_square_ + second_moments_[k]) / total;
    const double m = mean(k);
    return std::sqrt(std::max(0.0, square - m * m));
}

double SlowdownDistribution::quantile(std::size_t k, double probability) const {
    const float* cumulative = &cumulative_[k * kCells];
    const auto cell =
        std::lower_bound(cumulative, cumulative + kCells - 1, static_cast<float>(probability)) -
        cumulative;
    return typical_[k] * std::exp(edge(static_cast<int>(cell), kCell));
}

// What was seen in one class, worth `weight` in class k.
void SlowdownDistribution::learn(std::size_t k, float weight, const Observation& seen) {
    const float x = seen.ratio;
    const float keep = 1 - (1 - options_.forgetting) * weight;
    const Mixture mixture(options_.prior_weight, weights_[k], keep, weight);
    mix_cumulative(&cumulative_[k * kCells], prior_cumulative_.data(), mixture,
                   (seen.residual - kLowest) / kCell);
    mix_excess(&excess_[k * kExcessCells], prior_excess_.data(), edges_.data(), mixture, x);
    weights_[k] = keep * weights_[k] + weight;
    first_moments_[k] = keep * first_moments_[k] + weight * x;
    second_moments_[k] = keep * second_moments_[k] + weight * x * x;
}

void SlowdownDistribution::observe(std::size_t of_class, double ratio) {
    const float residual = std::clamp(std::log(static_cast<float>(ratio)) - levels_[of_class],
                                      kLeastResidual, kMostResidual);
    const Observation seen{.residual = residual, .ratio = std::exp(residual)};
    const float move = options_.gain * std::clamp(residual, -options_.clip, options_.clip);
    const auto teach = [&](std::size_t k, float weight) {
        if (weight >= kLeastForHistogram) {
            learn(k, weight, seen);
        }
        levels_[k] += weight * move;  // E14
        typical_[k] = std::exp(levels_[k]);
    };
    float weight = 1;
    for (std::size_t away = 0; away < classes() && weight >= kLeastForLevel; ++away) {
        if (of_class + away < classes()) {
            teach(of_class + away, weight);
        }
        if (away > 0 && away <= of_class) {
            teach(of_class - away, weight);
        }
        weight *= options_.spill;
    }
}

}  // namespace alert
