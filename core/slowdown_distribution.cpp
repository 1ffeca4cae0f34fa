#include "core/slowdown_distribution.h"

#include <algorithm>
#include <cmath>

#include "core/normal.h"

namespace alert {

namespace {

constexpr float kLeastSpill = 0.03F;
// A single observation of a stalled machine says nothing about the mean beyond this.
constexpr float kMostResidual = 3;

float edge(int cell) {
    return SlowdownDistribution::kLowest +
           SlowdownDistribution::kCell * static_cast<float>(cell + 1);
}

}  // namespace

SlowdownDistribution::SlowdownDistribution(double shortest_s, double longest_s,
                                           const SlowdownDistributionOptions& options)
    : options_(options), shortest_s_(shortest_s) {
    const std::size_t classes = class_of(longest_s) + 1;  // before there are any to limit it
    for (int cell = 0; cell < kCells; ++cell) {
        prior_[static_cast<std::size_t>(cell)] =
            static_cast<float>(normal_cdf(edge(cell) / options.prior_std));
        width_[static_cast<std::size_t>(cell)] = std::exp(edge(cell)) - std::exp(edge(cell - 1));
    }
    levels_.resize(classes);
    observed_.resize(classes * kCells);
    cumulative_.resize(classes * kCells);
    excess_.resize(classes * kCells);
    weights_.resize(classes);
    first_moments_.resize(classes);
    second_moments_.resize(classes);
    shares_.resize(classes * (kKnots - 1));
    recalibrated_.resize(classes * kKnots);
    for (std::size_t k = 0; k < classes; ++k) {
        refresh(k);
    }
}

std::size_t SlowdownDistribution::class_of(double profiled_s) const {
    const double octave = std::max(0.0, std::floor(std::log2(profiled_s / shortest_s_)));
    const auto k = static_cast<std::size_t>(octave);
    return levels_.empty() ? k : std::min(k, levels_.size() - 1);
}

// F and F* of one class, from what was observed.
void SlowdownDistribution::refresh(std::size_t k) {
    const float n0 = options_.prior_weight, n1 = options_.recal_weight;
    const float scale = 1 / (n0 + weights_[k]);
    const float* observed = &observed_[k * kCells];
    float* cumulative = &cumulative_[k * kCells];
    for (std::size_t cell = 0; cell < kCells; ++cell) {
        cumulative[cell] = (n0 * prior_[cell] + observed[cell]) * scale;  // E15
    }
    float* excess = &excess_[k * kCells];
    float above = 0;
    for (std::size_t cell = kCells; cell-- > 0;) {  // E17
        excess[cell] = above;
        const float before = cell > 0 ? cumulative[cell - 1] : 0;
        above += width_[cell] * (1 - 0.5F * (before + cumulative[cell]));
    }
    float total = n1;
    const float* shares = &shares_[k * (kKnots - 1)];
    for (int bin = 0; bin + 1 < kKnots; ++bin) {
        total += shares[bin];
    }
    float* recalibrated = &recalibrated_[k * kKnots];
    float below = 0;
    for (int knot = 0; knot < kKnots; ++knot) {  // E16
        recalibrated[knot] = (n1 * static_cast<float>(knot) / (kKnots - 1) + below) / total;
        below += knot + 1 < kKnots ? shares[knot] : 0;
    }
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
    const double prior = std::exp(0.5 * options_.prior_std * options_.prior_std);
    return std::exp(levels_[k]) * (options_.prior_weight * prior + first_moments_[k]) /
           (options_.prior_weight + weights_[k]);
}

double SlowdownDistribution::typical(std::size_t k) const {
    return std::exp(levels_[k]);
}

double SlowdownDistribution::std(std::size_t k) const {
    const double prior = std::exp(2.0 * options_.prior_std * options_.prior_std);
    const double square = std::exp(2 * levels_[k]) *
                          (options_.prior_weight * prior + second_moments_[k]) /
                          (options_.prior_weight + weights_[k]);
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
    return std::exp(levels_[k] + edge(static_cast<int>(cell)));
}

// One observation, worth `weight` here: `residual` around this class's level, `share` its u.
void SlowdownDistribution::learn(std::size_t k, float weight, float residual, float share) {
    const float keep = 1 - (1 - options_.forgetting) * weight;
    float* observed = &observed_[k * kCells];
    const float at = (residual - kLowest) / kCell;
    for (int cell = 0; cell < kCells; ++cell) {  // a kernel of three cells
        const float step = (static_cast<float>(cell) + 2.5F - at) * (1.0F / 3);
        observed[cell] = keep * observed[cell] + weight * std::min(1.0F, std::max(0.0F, step));
    }
    const float ratio = std::exp(std::min(residual, kMostResidual));
    weights_[k] = keep * weights_[k] + weight;
    first_moments_[k] = keep * first_moments_[k] + weight * ratio;
    second_moments_[k] = keep * second_moments_[k] + weight * ratio * ratio;
    const float keep_share = 1 - (1 - options_.recal_forgetting) * weight;
    float* shares = &shares_[k * (kKnots - 1)];
    for (int bin = 0; bin + 1 < kKnots; ++bin) {
        shares[bin] *= keep_share;
    }
    shares[std::min(kKnots - 2, static_cast<int>(share * (kKnots - 1)))] += weight;
    refresh(k);
}

void SlowdownDistribution::observe(std::size_t of_class, double ratio) {
    const double log_ratio = std::log(ratio);
    const auto residual = static_cast<float>(log_ratio - levels_[of_class]);
    const auto share = static_cast<float>(uncorrected(of_class, log_ratio));
    const float move = options_.gain * std::clamp(residual, -options_.clip, options_.clip);
    float weight = 1;
    for (std::size_t away = 0; away < classes() && weight >= kLeastSpill; ++away) {
        if (of_class + away < classes()) {
            learn(of_class + away, weight, residual, share);
            levels_[of_class + away] += weight * move;  // E14
        }
        if (away > 0 && away <= of_class) {
            learn(of_class - away, weight, residual, share);
            levels_[of_class - away] += weight * move;
        }
        weight *= options_.spill;
    }
}

}  // namespace alert
