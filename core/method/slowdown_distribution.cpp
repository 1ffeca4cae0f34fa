#include "core/method/slowdown_distribution.h"

#include <algorithm>
#include <cmath>

#include "core/method/normal.h"
#include "core/method/vectorised.h"

namespace alert {

namespace {

using D = SlowdownDistribution;

// A stalled machine, or a clock that jumped, is seen no further off than this: within the cells.
constexpr float kLeastRatio = 0.3F, kMostRatio = 40;
// E18: so many inputs in a row, all in the same tail of this probability, are no chance. From then
// on it is enough that they lie in the same half.
constexpr int kChange = 8;
constexpr float kTail = 0.16F;
// What has shrunk to this is forgotten altogether, before processors take a hundred times longer
// for numbers that are too small for them.
constexpr float kNothing = 1e-12F;

// log x at the upper edge of a cell of this width.
double edge(double cell, float width) {
    return D::kLowest + double{width} * (cell + 1);
}

float rounded(double value) {
    return value < kNothing ? 0 : static_cast<float>(value);
}

// Mixes means with their prior and with a new observation: nothing has to be summed up again. As
// steps from what stands, so that rounding does not add up and a probability that is always one
// stays exactly one.
struct Mixture {
    float prior, fresh;

    // A prior's weight n0, the weight observed so far, what is kept of it, and of the new one.
    Mixture(float n0, float observed, float keep, float weight) {
        const float total = n0 + keep * observed + weight;
        prior = (1 - keep) * n0 / total;
        fresh = weight / total;
    }

    void mix(float& mean, float prior_mean, float seen) const {
        mean += prior * (prior_mean - mean) + fresh * (seen - mean);
    }
};

// E15; the step at the observation is smoothed over a cell. `at` is its index.
ALERT_VECTORISED void mix_cumulative(float* table, const float* prior, int begin, int end,
                                     Mixture mixture, float at) {
    const Mixture m = mixture;
    ALERT_INDEPENDENT
    for (int cell = begin; cell < end; ++cell) {
        const float step = static_cast<float>(cell) + 1.5F - at;
        const float inside = step < 0 ? 0 : step;
        const float stands = table[cell];
        const float mixed = stands + m.prior * (prior[cell] - stands) +
                            m.fresh * ((inside > 1 ? 1 : inside) - stands);
        table[cell] = mixed < kNothing ? 0 : mixed;
    }
}

// E17: how far x lay above every edge.
ALERT_VECTORISED void mix_excess(float* table, const float* prior, const float* edges, int end,
                                 Mixture mixture, float x) {
    const Mixture m = mixture;
    ALERT_INDEPENDENT
    for (int cell = 0; cell < end; ++cell) {
        const float above = x - edges[cell];
        const float stands = table[cell];
        const float mixed = stands + m.prior * (prior[cell] - stands) +
                            m.fresh * ((above < 0 ? 0 : above) - stands);
        table[cell] = mixed < kNothing ? 0 : mixed;
    }
}

}  // namespace

SlowdownDistribution::SlowdownDistribution(double shortest_s, double longest_s,
                                           const SlowdownDistributionOptions& options)
    : options_(options), shortest_s_(shortest_s) {
    const double s0 = options.prior_std;
    for (int cell = 0; cell < kCells; ++cell) {
        prior_.cumulative.push_back(rounded(normal_cdf(edge(cell, kCell) / s0)));
    }
    for (int cell = 0; cell < kExcessCells; ++cell) {
        const double log_x = edge(cell, kExcessCell), x = std::exp(log_x);
        edges_[static_cast<std::size_t>(cell)] = static_cast<float>(x);
        prior_.excess.push_back(rounded(  // of a log-normal
            std::exp(0.5 * s0 * s0) * normal_cdf(s0 - log_x / s0) - x * normal_cdf(-log_x / s0)));
        const int last = (cell + 1) * kCells / kExcessCells - 1;
        if (prior_.cumulative[static_cast<std::size_t>(last)] > 0 && prior_.excess.back() > 0) {
            widen(last);
        }
    }
    prior_.mean = {static_cast<float>(std::exp(0.5 * s0 * s0))};
    prior_.square = {static_cast<float>(std::exp(2 * s0 * s0))};

    const std::size_t classes = class_of(longest_s) + 1;  // before there are any to limit it
    const auto append = [](std::vector<float>& to, const std::vector<float>& what) {
        to.insert(to.end(), what.begin(), what.end());
    };
    for (std::size_t k = 0; k < classes; ++k) {
        append(recent_.cumulative, prior_.cumulative);
        append(recent_.excess, prior_.excess);
    }
    recent_.mean.assign(classes, prior_.mean[0]);
    recent_.square.assign(classes, prior_.square[0]);
    recent_.weights.resize(classes);
    lasting_ = recent_;
}

std::size_t SlowdownDistribution::class_of(double profiled_s) const {
    const double octave = std::max(0.0, std::floor(std::log2(profiled_s / shortest_s_)));
    const auto k = static_cast<std::size_t>(octave);
    return classes() == 0 ? k : std::min(k, classes() - 1);
}

double SlowdownDistribution::probability(std::size_t k, double ratio) const {
    return probability(recent_, k, static_cast<float>(std::log(ratio)));
}

float SlowdownDistribution::probability(const Memory& memory, std::size_t k, float log_x) {
    const float at = (log_x - kLowest) / kCell - 1;
    const auto cell = static_cast<std::size_t>(std::clamp(at, 0.0F, kCells - 2.0F));
    const float part = std::clamp(at - static_cast<float>(cell), 0.0F, 1.0F);
    const float* cumulative = &memory.cumulative[k * kCells];
    return cumulative[cell] + part * (cumulative[cell + 1] - cumulative[cell]);
}

double SlowdownDistribution::std(std::size_t k) const {
    const double m = mean(k);
    return std::sqrt(std::max(0.0, recent_.square[k] - m * m));
}

double SlowdownDistribution::quantile(std::size_t k, double probability) const {
    const float* cumulative = &recent_.cumulative[k * kCells];
    const float* const right =
        std::lower_bound(cumulative + 1, cumulative + kCells - 1, static_cast<float>(probability));
    const double step = std::max(1e-12F, right[0] - right[-1]);
    const double part = std::clamp((probability - right[-1]) / step, 0.0, 1.0);
    return std::exp(edge(static_cast<double>(right - 1 - cumulative) + part, kCell));
}

// E18: what is forgotten after this input, which counts among those in a row.
float SlowdownDistribution::forgetting_after(std::size_t k, float log_x) {
    const float tail = std::abs(improbable_) < kChange ? kTail : 0.5F;
    const float p = probability(recent_, k, log_x);
    if (p > 1 - tail) {
        improbable_ = std::max(improbable_, 0) + 1;
    } else if (p < tail) {
        improbable_ = std::min(improbable_, 0) - 1;
    } else {
        improbable_ = 0;
    }
    return std::abs(improbable_) < kChange ? options_.forgetting : options_.forgetting_change;
}

// Something of a table lies in this cell. Whole vectors, so that no loop over cells has a rest.
void SlowdownDistribution::widen(int cell) {
    constexpr int kVector = 16;
    begin_ = std::min(begin_, cell / kVector * kVector);
    end_ = std::max(end_, (cell / kVector + 1) * kVector);
}

// What a memory of class k makes of an observation that is worth `weight` there. `prior` is what
// it falls back to.
void SlowdownDistribution::learn(Memory& memory, std::size_t k, const Memory& prior,
                                 std::size_t k_prior, float weight, float forgetting,
                                 const Observation& seen) const {
    const float keep = 1 - (1 - forgetting) * weight;
    const Mixture mixture(options_.prior_weight, memory.weights[k], keep, weight);
    mix_cumulative(&memory.cumulative[k * kCells], &prior.cumulative[k_prior * kCells], begin_,
                   end_, mixture, seen.cell);
    mix_excess(&memory.excess[k * kExcessCells], &prior.excess[k_prior * kExcessCells],
               edges_.data(), end_ * kExcessCells / kCells, mixture, seen.ratio);
    mixture.mix(memory.mean[k], prior.mean[k_prior], seen.ratio);
    mixture.mix(memory.square[k], prior.square[k_prior], seen.ratio * seen.ratio);
    memory.weights[k] = keep * memory.weights[k] + weight;
}

void SlowdownDistribution::learn_lasting(std::size_t k, float weight, const Observation& seen) {
    learn(lasting_, k, prior_, 0, weight, options_.forgetting_lasting, seen);
}

void SlowdownDistribution::learn_recent(std::size_t k, float weight, float forgetting,
                                        const Observation& seen) {
    learn(recent_, k, lasting_, k, weight, forgetting, seen);
}

// What counts for nothing leaves every mean exactly as it is.
void SlowdownDistribution::rehearse() {
    constexpr Observation kAny{.ratio = 1, .cell = 0};
    for (std::size_t k = 0; k < classes(); ++k) {
        learn_lasting(k, 0, kAny);
        learn_recent(k, 0, options_.forgetting, kAny);
    }
}

void SlowdownDistribution::observe(std::span<const Seen> outputs) {
    const auto within = [](double ratio) {
        return std::clamp(static_cast<float>(ratio), kLeastRatio, kMostRatio);
    };
    const float forgetting =
        forgetting_after(outputs.back().of_class, std::log(within(outputs.back().ratio)));
    std::size_t unseen = 0;  // the first class above the last one with an output of its own
    for (std::size_t i = 0; i < outputs.size(); ++i) {
        const std::size_t k = outputs[i].of_class;
        const std::size_t next = i + 1 < outputs.size() ? outputs[i + 1].of_class : classes();
        if (next == k) {
            continue;
        }
        const float ratio = within(outputs[i].ratio);
        const Observation seen{.ratio = ratio, .cell = (std::log(ratio) - kLowest) / kCell};
        widen(static_cast<int>(seen.cell) - 1);  // the step is a cell wide
        widen(static_cast<int>(seen.cell));
        learn_lasting(k, 1, seen);
        learn_recent(k, 1, forgetting, seen);
        // Classes that have no output of their own are told by those on both sides.
        float weight = 1;
        for (std::size_t above = k + 1; above < next; ++above) {
            learn_recent(above, weight *= options_.spill, forgetting, seen);
        }
        weight = 1;
        for (std::size_t below = k; below > unseen; --below) {
            learn_recent(below - 1, weight *= options_.spill, forgetting, seen);
        }
        unseen = k + 1;
    }
}

}  // namespace alert
