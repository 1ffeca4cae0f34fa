#include "core/method/slowdown_distribution.h"

#include <algorithm>
#include <cmath>

#include "core/method/normal.h"
#include "core/method/vectorised.h"

namespace alert {

namespace {

using D = SlowdownDistribution;

// A stalled machine, or a clock that jumped, is seen no further off than this: within the cells.
constexpr double kLeastRatio = 0.3, kMostRatio = 40;
// l_e is the mass of F_e within so many cells of what was observed, and is never nothing: one
// surprise must not rule a memory out.
constexpr float kMassCells = 2.5F, kLeastMass = 1e-4F;
// Tables hold no less, before processors take a hundred times longer for numbers that are too small
// for them.
constexpr double kNothing = 1e-8;

// log x at the upper edge of a cell of this width.
double edge(double cell, float width) {
    return D::kLowest + double{width} * (cell + 1);
}

// How a mean moves by one observation: so far towards its prior, so far towards what was observed.
struct Step {
    float prior, fresh;

    // n0, the sum of v so far, what is kept of it, and the new v.
    Step(float n0, float observed, float keep, float v) {
        const float total = n0 + keep * observed + v;
        prior = (1 - keep) * n0 / total;
        fresh = v / total;
    }

    float from(float mean, float prior_mean, float observed) const {
        return mean + prior * (prior_mean - mean) + fresh * (observed - mean);
    }
};

// A table of a memory, and the mixture of the memories before it.
struct Tables {
    float *memory, *mixture;
    const float* prior;
    int begin, end;
};

// The integral of the Epanechnikov kernel, bandwidth b in cells, around `at`, at the upper edges of
// cells.
ALERT_VECTORISED void fill_kernel(float* kernel, int begin, int end, float at, float b) {
    const float inverse = 1 / b;
    ALERT_INDEPENDENT
    for (int cell = begin; cell < end; ++cell) {
        const float z = (static_cast<float>(cell + 1) - at) * inverse;
        const float low = z < -1 ? -1 : z;
        const float u = low > 1 ? 1 : low;
        kernel[cell] = 0.5F + u * (0.75F - 0.25F * u * u);
    }
}

// E15: F_e learns, and is added to F with its weight.
ALERT_VECTORISED void learn_cumulative(const Tables& tables, const float* kernel, Step step,
                                       float weight, float before) {
    const Tables t = tables;
    ALERT_INDEPENDENT
    for (int cell = t.begin; cell < t.end; ++cell) {
        const float learnt = step.from(t.memory[cell], t.prior[cell], kernel[cell]);
        t.memory[cell] = learnt;
        t.mixture[cell] = before * t.mixture[cell] + weight * learnt;
    }
}

// E17: how far x lay above every edge.
ALERT_VECTORISED void learn_excess(const Tables& tables, const float* edges, float x, Step step,
                                   float weight, float before) {
    const Tables t = tables;
    ALERT_INDEPENDENT
    for (int cell = t.begin; cell < t.end; ++cell) {
        const float above = x - edges[cell];
        const float learnt = step.from(t.memory[cell], t.prior[cell], above < 0 ? 0 : above);
        t.memory[cell] = learnt;
        t.mixture[cell] = before * t.mixture[cell] + weight * learnt;
    }
}

}  // namespace

SlowdownDistribution::SlowdownDistribution(double shortest_s, double longest_s,
                                           const EstimatorOptions& options)
    : options_(options), shortest_s_(shortest_s) {
    make_prior();
    const std::size_t octaves = octave_of(longest_s) + 1;  // before there are any to limit it
    const std::size_t memories = options_.memories.size();
    weights_.assign(memories, 1 / static_cast<float>(memories));
    memories_.assign(octaves * memories, prior_);
    for (std::size_t i = 0; i < octaves * memories; ++i) {
        memory_cumulative_.insert(memory_cumulative_.end(), prior_cumulative_.begin(),
                                  prior_cumulative_.end());
        memory_excess_.insert(memory_excess_.end(), prior_excess_.begin(), prior_excess_.end());
    }
    for (std::size_t k = 0; k < octaves; ++k) {
        cumulative_.insert(cumulative_.end(), prior_cumulative_.begin(), prior_cumulative_.end());
        excess_.insert(excess_.end(), prior_excess_.begin(), prior_excess_.end());
    }
    mean_.assign(octaves, prior_.mean);
    square_.assign(octaves, prior_.square);
}

// G: log-normal around 1.
void SlowdownDistribution::make_prior() {
    const double s0 = options_.prior_std;
    int first = kCells, last = 0;
    for (int cell = 0; cell < kCells; ++cell) {
        const double p = normal_cdf(edge(cell, kCell) / s0);
        const bool none = p<kNothing, all = p> 1 - kNothing;
        prior_cumulative_[static_cast<std::size_t>(cell)] = static_cast<float>(none  ? kNothing
                                                                               : all ? 1
                                                                                     : p);
        first = none ? first : std::min(first, cell);
        last = all ? last : cell;
    }
    for (int cell = 0; cell < kExcessCells; ++cell) {
        const double log_x = edge(cell, kExcessCell), x = std::exp(log_x);
        edges_[static_cast<std::size_t>(cell)] = static_cast<float>(x);
        prior_excess_[static_cast<std::size_t>(cell)] = static_cast<float>(std::max(
            kNothing,
            std::exp(0.5 * s0 * s0) * normal_cdf(s0 - log_x / s0) - x * normal_cdf(-log_x / s0)));
    }
    prior_ = {.mean = static_cast<float>(std::exp(0.5 * s0 * s0)),
              .square = static_cast<float>(std::exp(2 * s0 * s0)),
              .observed = 0};
    widen(first, last);
}

std::size_t SlowdownDistribution::octave_of(double profiled_s) const {
    const double octave = std::max(0.0, std::floor(std::log2(profiled_s / shortest_s_)));
    const auto k = static_cast<std::size_t>(octave);
    return octaves() == 0 ? k : std::min(k, octaves() - 1);
}

double SlowdownDistribution::probability(std::size_t octave, double ratio) const {
    const double at = (std::log(ratio) - kLowest) / kCell - 1;
    const auto cell = static_cast<std::size_t>(std::clamp(at, 0.0, kCells - 2.0));
    const double part = std::clamp(at - static_cast<double>(cell), 0.0, 1.0);
    const float* cumulative = &cumulative_[octave * kCells];
    return cumulative[cell] + part * (cumulative[cell + 1] - cumulative[cell]);
}

double SlowdownDistribution::std(std::size_t octave) const {
    const double m = mean(octave);
    return std::sqrt(std::max(0.0, square_[octave] - m * m));
}

double SlowdownDistribution::quantile(std::size_t octave, double probability) const {
    const float* cumulative = &cumulative_[octave * kCells];
    const float* const right =
        std::lower_bound(cumulative + 1, cumulative + kCells - 1, static_cast<float>(probability));
    const double step = std::max(1e-12F, right[0] - right[-1]);
    const double part = std::clamp((probability - right[-1]) / step, 0.0, 1.0);
    return std::exp(edge(static_cast<double>(right - 1 - cumulative) + part, kCell));
}

SlowdownDistribution::Observation SlowdownDistribution::observation(double ratio) {
    const double within = std::clamp(ratio, kLeastRatio, kMostRatio);
    return {.ratio = static_cast<float>(within),
            .cell = static_cast<float>((std::log(within) - kLowest) / kCell)};
}

// Something of a table lies in these cells. Whole vectors, so that no loop over cells has a rest.
void SlowdownDistribution::widen(int first_cell, int last_cell) {
    constexpr int kVector = 16;
    begin_ = std::min(begin_, std::max(0, first_cell) / kVector * kVector);
    end_ = std::max(end_, std::min(kCells, (last_cell / kVector + 1) * kVector));
}

// w_e: the fixed share of Herbster and Warmuth (1998).
void SlowdownDistribution::weigh(std::size_t octave, const Observation& seen) {
    const auto index = [](float cell) {
        return static_cast<std::size_t>(std::clamp(cell, 0.0F, kCells - 1.0F));
    };
    const std::size_t above = index(seen.cell - 0.5F + kMassCells);
    const std::size_t below = index(seen.cell - 0.5F - kMassCells);
    const float* F = &memory_cumulative_[octave * weights_.size() * kCells];
    float total = 0;
    for (float& w : weights_) {
        w *= F[above] - F[below] + kLeastMass;
        total += w;
        F += kCells;
    }
    const float a = options_.share, equal = 1 / static_cast<float>(weights_.size());
    for (float& w : weights_) {
        w = (1 - a) * w / total + a * equal;
    }
}

void SlowdownDistribution::learn(std::size_t octave, float v, const Observation& seen) {
    float mean = 0, square = 0;
    for (std::size_t e = 0; e < weights_.size(); ++e) {
        const std::size_t i = octave * weights_.size() + e;
        Memory& memory = memories_[i];
        const float w = weights_[e], before = e == 0 ? 0 : 1;
        const float keep = 1 - (1 - options_.memories[e]) * v;
        const Step step(options_.prior_weight, memory.observed, keep, v);
        learn_cumulative({.memory = &memory_cumulative_[i * kCells],
                          .mixture = &cumulative_[octave * kCells],
                          .prior = prior_cumulative_.data(),
                          .begin = begin_,
                          .end = end_},
                         kernel_.data(), step, w, before);
        learn_excess({.memory = &memory_excess_[i * kExcessCells],
                      .mixture = &excess_[octave * kExcessCells],
                      .prior = prior_excess_.data(),
                      .begin = 0,
                      .end = end_ * kExcessCells / kCells},
                     edges_.data(), seen.ratio, step, w, before);
        memory.mean = step.from(memory.mean, prior_.mean, seen.ratio);
        memory.square = step.from(memory.square, prior_.square, seen.ratio * seen.ratio);
        memory.observed = keep * memory.observed + v;
        mean += w * memory.mean;
        square += w * memory.square;
    }
    mean_[octave] = mean;
    square_[octave] = square;
}

// What counts for nothing leaves every mean exactly as it is.
void SlowdownDistribution::rehearse() {
    for (std::size_t k = 0; k < octaves(); ++k) {
        learn(k, 0, {.ratio = 1, .cell = 0});
    }
}

// An output of `octave` is learnt by the octaves in [from, to).
void SlowdownDistribution::learn_around(std::size_t octave, std::size_t from, std::size_t to,
                                        const Observation& seen) {
    const float bandwidth = options_.bandwidth / kCell;
    widen(static_cast<int>(seen.cell - bandwidth) - 1, static_cast<int>(seen.cell + bandwidth) + 1);
    fill_kernel(kernel_.data(), begin_, end_, seen.cell, bandwidth);
    learn(octave, 1, seen);
    float v = 1;
    for (std::size_t above = octave + 1; above < to; ++above) {
        learn(above, v *= options_.pooling, seen);
    }
    v = 1;
    for (std::size_t below = octave; below > from; --below) {
        learn(below - 1, v *= options_.pooling, seen);
    }
}

void SlowdownDistribution::observe(std::span<const Seen> outputs) {
    // For the weights an inference is one observation: its last output.
    weigh(outputs.back().octave, observation(outputs.back().ratio));
    std::size_t from = 0;  // the first octave above the last one with an output of its own
    for (std::size_t i = 0; i < outputs.size(); ++i) {
        const std::size_t k = outputs[i].octave;
        const std::size_t to = i + 1 < outputs.size() ? outputs[i + 1].octave : octaves();
        if (to == k) {
            continue;  // of two outputs in one octave the later counts
        }
        // Octaves without an output of their own learn from those on both sides.
        learn_around(k, from, to, observation(outputs[i].ratio));
        from = k + 1;
    }
}

}  // namespace alert
