#include "core/slowdown_distribution.h"

#include <algorithm>
#include <cmath>

#include "core/normal.h"
#include "core/vectorised.h"

namespace alert {

namespace {

constexpr float kLeastSpill = 0.1F;
// A single observation of a stalled machine says nothing about the mean beyond this.
constexpr float kMostResidual = 3;

float edge(int cell) {
    return SlowdownDistribution::kLowest +
           SlowdownDistribution::kCell * static_cast<float>(cell + 1);
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

constexpr int kCells = SlowdownDistribution::kCells;
constexpr int kKnots = SlowdownDistribution::kKnots;

// E15; the step at the residual is smoothed over three cells. `at` is its index.
ALERT_VECTORISED void mix_cumulative(float* table, const float* prior, Mixture m, float at) {
    const Mixture mix = m;
    ALERT_INDEPENDENT
    for (int cell = 0; cell < kCells; ++cell) {
        const float step = (static_cast<float>(cell) + 2.5F - at) * (1.0F / 3);
        const float inside = step < 0 ? 0 : step;
        const float stands = table[cell];
        table[cell] = stands + mix.prior * (prior[cell] - stands) +
                      mix.fresh * ((inside > 1 ? 1 : inside) - stands);
    }
}

// E17: how far x / exp(m) lay above every edge.
ALERT_VECTORISED void mix_excess(float* table, const float* prior, const float* edges, Mixture m,
                                 float x) {
    const Mixture mix = m;
    ALERT_INDEPENDENT
    for (int cell = 0; cell < kCells; ++cell) {
        const float above = x - edges[cell];
        const float stands = table[cell];
        table[cell] = stands + mix.prior * (prior[cell] - stands) +
                      mix.fresh * ((above < 0 ? 0 : above) - stands);
    }
}

// E16: the prior is that F is right as it is.
ALERT_VECTORISED void mix_recalibrated(float* table, Mixture m, float share) {
    const Mixture mix = m;
    const int bin = static_cast<int>(share * (kKnots - 1));
    ALERT_INDEPENDENT
    for (int knot = 0; knot < kKnots; ++knot) {
        const float stands = table[knot];
        table[knot] = stands +
                      mix.prior * (1.0F / (kKnots - 1) * static_cast<float>(knot) - stands) +
                      mix.fresh * ((knot > bin ? 1.0F : 0.0F) - stands);
    }
}

}  // namespace

SlowdownDistribution::SlowdownDistribution(double shortest_s, double longest_s,
                                           const SlowdownDistributionOptions& options)
    : options_(options), shortest_s_(shortest_s) {
    const std::size_t classes = class_of(longest_s) + 1;  // before there are any to limit it
    const double s0 = options.prior_std;
    for (int cell = 0; cell < kCells; ++cell) {
        const auto i = static_cast<std::size_t>(cell);
        const double log_x = edge(cell), x = std::exp(log_x);
        edges_[i] = static_cast<float>(x);
        prior_cumulative_[i] = static_cast<float>(normal_cdf(log_x / s0));
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
    share_weights_.resize(classes);
    for (std::size_t k = 0; k < classes; ++k) {
        cumulative_.insert(cumulative_.end(), prior_cumulative_.begin(), prior_cumulative_.end());
        excess_.insert(excess_.end(), prior_excess_.begin(), prior_excess_.end());
        for (int knot = 0; knot < kKnots; ++knot) {
            recalibrated_.push_back(static_cast<float>(knot) / (kKnots - 1));
        }
    }
}

std::size_t SlowdownDistribution::class_of(double profiled_s) const {
    const double octave = std::max(0.0, std::floor(std::log2(profiled_s / shortest_s_)));
    const auto k = static_cast<std::size_t>(octave);
    return levels_.empty() ? k : std::min(k, levels_.size() - 1);
}

double SlowdownDistribution::uncorrected(std::size_t k, double log_ratio) const {
    const double at = (log_ratio - levels_[k] - kLowest) / kCell - 1;
    const auto cell = static_cast<std::size_t>(std::clamp(at, 0.0, kCells - 2.0));
    const double part = std::clamp(at - static_cast<double>(cell), 0.0, 1.0);
    const float* cumulative = &cumulative_[k * kCells];
    return cumulative[cell] + part * (cumulative[cell + 1] - cumulative[cell]);
}

double SlowdownDistribution::probability(std::size_t k, double ratio) const {
    const double at = uncorrected(k, std::log(ratio)) * (kKnots - 1);
    const auto knot = static_cast<std::size_t>(std::clamp(at, 0.0, kKnots - 2.0));
    const double part = at - static_cast<double>(knot);
    const float* recalibrated = &recalibrated_[k * kKnots];
    return recalibrated[knot] + part * (recalibrated[knot + 1] - recalibrated[knot]);
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
    const float* recalibrated = &recalibrated_[k * kKnots];
    const auto knot =
        std::lower_bound(recalibrated, recalibrated + kKnots, probability) - recalibrated;
    double wanted = 0;  // F at which F* is `probability`
    if (knot > 0 && knot < kKnots) {
        const double step = recalibrated[knot] - recalibrated[knot - 1];
        wanted = (static_cast<double>(knot) - 1 + (probability - recalibrated[knot - 1]) / step) /
                 (kKnots - 1);
    } else if (knot == kKnots) {
        wanted = 1;
    }
    const float* cumulative = &cumulative_[k * kCells];
    const auto cell =
        std::lower_bound(cumulative, cumulative + kCells - 1, static_cast<float>(wanted)) -
        cumulative;
    return typical_[k] * edges_[static_cast<std::size_t>(cell)];
}

// What was seen in one class, worth `weight` in class k.
void SlowdownDistribution::learn(std::size_t k, float weight, const Observation& seen) {
    const float x = std::exp(std::min(seen.residual, kMostResidual));
    const float keep = 1 - (1 - options_.forgetting) * weight;
    const Mixture mix(options_.prior_weight, weights_[k], keep, weight);
    const float at = (seen.residual - kLowest) / kCell;
    mix_cumulative(&cumulative_[k * kCells], prior_cumulative_.data(), mix, at);
    mix_excess(&excess_[k * kCells], prior_excess_.data(), edges_.data(), mix, x);
    weights_[k] = keep * weights_[k] + weight;
    first_moments_[k] = keep * first_moments_[k] + weight * x;
    second_moments_[k] = keep * second_moments_[k] + weight * x * x;

    const float keep_share = 1 - (1 - options_.recal_forgetting) * weight;
    const Mixture correction(options_.recal_weight, share_weights_[k], keep_share, weight);
    mix_recalibrated(&recalibrated_[k * kKnots], correction, std::min(seen.share, 0.999F));
    share_weights_[k] = keep_share * share_weights_[k] + weight;
}

void SlowdownDistribution::observe(std::size_t of_class, double ratio) {
    const double log_ratio = std::log(ratio);
    const Observation seen{.residual = static_cast<float>(log_ratio - levels_[of_class]),
                           .share = static_cast<float>(uncorrected(of_class, log_ratio))};
    const float move = options_.gain * std::clamp(seen.residual, -options_.clip, options_.clip);
    const auto teach = [&](std::size_t k, float weight) {
        learn(k, weight, seen);
        levels_[k] += weight * move;  // E14
        typical_[k] = std::exp(levels_[k]);
    };
    float weight = 1;
    for (std::size_t away = 0; away < classes() && weight >= kLeastSpill; ++away) {
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
