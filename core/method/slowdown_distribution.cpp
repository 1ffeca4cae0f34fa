#include "core/method/slowdown_distribution.h"

#include <algorithm>
#include <cmath>

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
    float prior = 0, fresh = 0;

    Step() = default;
    // n0, the sum of v so far, what is kept of it, and the new v.
    Step(float n0, float observed, float keep, float v) {
        const float inverse = 1 / (n0 + keep * observed + v);
        prior = (1 - keep) * n0 * inverse;
        fresh = v * inverse;
    }

    float from(float mean, float prior_mean, float observed) const {
        return mean + prior * (prior_mean - mean) + fresh * (observed - mean);
    }
};

// A table of some memories, one every `stride`, and that of the mixture, to which they are added.
struct Tables {
    float *memory, *mixture;
    std::size_t stride;
    const float *prior, *observed;
    int begin, end;
    float before;  // how much of the mixture stands: 0 for the first memories
};

// Memories that learn in one loop.
constexpr std::size_t kTogether = 3;

// How each of them moves, and its w_e.
struct Steps {
    std::array<Step, kTogether> step;
    std::array<float, kTogether> weight;
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

// E15: F_e (or its excess) learns what was observed, and is added to F with its weight.
template <std::size_t kCount>
[[gnu::always_inline]] inline void learn_cells(const Tables& tables, const Steps& steps) {
    const Tables t = tables;
    const Steps s = steps;
    ALERT_INDEPENDENT
    for (int cell = t.begin; cell < t.end; ++cell) {
        float mixed = t.before * t.mixture[cell];
        for (std::size_t e = 0; e < kCount; ++e) {
            float& memory = t.memory[e * t.stride + static_cast<std::size_t>(cell)];
            memory = s.step[e].from(memory, t.prior[cell], t.observed[cell]);
            mixed += s.weight[e] * memory;
        }
        t.mixture[cell] = mixed;
    }
}

ALERT_VECTORISED void learn_together(const Tables& tables, const Steps& steps) {
    learn_cells<kTogether>(tables, steps);
}

ALERT_VECTORISED void learn_one(const Tables& tables, const Steps& steps) {
    learn_cells<1>(tables, steps);
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

// G: the same kernel around 1, much wider.
void SlowdownDistribution::make_prior() {
    const float one = -kLowest / kCell, width = options_.prior_width / kCell;
    fill_kernel(prior_cumulative_.data(), 0, kCells, one, width);
    widen(static_cast<int>(one - width), static_cast<int>(one + width));
    double mean = 0, square = 0, before = 0;
    std::array<double, kExcessCells> excess{};
    for (int cell = 0; cell < kExcessCells; ++cell) {
        edges_[static_cast<std::size_t>(cell)] =
            static_cast<float>(std::exp(edge(cell, kExcessCell)));
    }
    for (int cell = 0; cell < kCells; ++cell) {
        const double p = prior_cumulative_[static_cast<std::size_t>(cell)], mass = p - before;
        const double x = std::exp(edge(cell - 0.5, kCell));
        before = p;
        mean += mass * x;
        square += mass * x * x;
        for (std::size_t i = 0; i < excess.size(); ++i) {
            excess[i] += mass * std::max(0.0, x - double{edges_[i]});
        }
    }
    prior_ = {
        .mean = static_cast<float>(mean), .square = static_cast<float>(square), .observed = 0};
    const auto something = [](double value) {
        return static_cast<float>(std::max(kNothing, value));
    };
    std::transform(prior_cumulative_.begin(), prior_cumulative_.end(), prior_cumulative_.begin(),
                   something);
    std::transform(excess.begin(), excess.end(), prior_excess_.begin(), something);
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
    const float* cumulative = &memory_cumulative_[octave * weights_.size() * kCells];
    float total = 0;
    for (float& w : weights_) {
        w *= cumulative[above] - cumulative[below] + kLeastMass;
        total += w;
        cumulative += kCells;
    }
    const float a = options_.share, equal = 1 / static_cast<float>(weights_.size());
    for (float& w : weights_) {
        w = (1 - a) * w / total + a * equal;
    }
}

void SlowdownDistribution::learn(std::size_t octave, float v, float ratio) {
    const std::size_t count = weights_.size();
    float mean = 0, square = 0;
    for (std::size_t first = 0; first < count;) {
        const std::size_t together = count - first < kTogether ? 1 : kTogether;
        Steps steps;
        for (std::size_t i = 0; i < together; ++i) {
            const std::size_t e = first + i;
            Memory& memory = memories_[octave * count + e];
            const float keep = 1 - (1 - options_.memories[e]) * v, w = weights_[e];
            const Step step(options_.prior_weight, memory.observed, keep, v);
            memory.mean = step.from(memory.mean, prior_.mean, ratio);
            memory.square = step.from(memory.square, prior_.square, ratio * ratio);
            memory.observed = keep * memory.observed + v;
            mean += w * memory.mean;
            square += w * memory.square;
            steps.step[i] = step;
            steps.weight[i] = w;
        }
        const auto learn = together == 1 ? learn_one : learn_together;
        const std::size_t table = octave * count + first;
        const float before = first == 0 ? 0 : 1;
        learn({.memory = &memory_cumulative_[table * kCells],
               .mixture = &cumulative_[octave * kCells],
               .stride = kCells,
               .prior = prior_cumulative_.data(),
               .observed = kernel_.data(),
               .begin = begin_,
               .end = end_,
               .before = before},
              steps);
        learn({.memory = &memory_excess_[table * kExcessCells],
               .mixture = &excess_[octave * kExcessCells],
               .stride = kExcessCells,
               .prior = prior_excess_.data(),
               .observed = above_.data(),
               .begin = 0,
               .end = end_ * kExcessCells / kCells,
               .before = before},
              steps);
        first += together;
    }
    mean_[octave] = mean;
    square_[octave] = square;
}

// What counts for nothing leaves every mean exactly as it is.
void SlowdownDistribution::rehearse() {
    for (std::size_t k = 0; k < octaves(); ++k) {
        learn(k, 0, 1);
    }
}

// An output of `octave` is learnt by the octaves in [from, to).
void SlowdownDistribution::learn_around(std::size_t octave, std::size_t from, std::size_t to,
                                        const Observation& seen) {
    const float bandwidth = options_.bandwidth / kCell;
    widen(static_cast<int>(seen.cell - bandwidth) - 1, static_cast<int>(seen.cell + bandwidth) + 1);
    fill_kernel(kernel_.data(), begin_, end_, seen.cell, bandwidth);
    for (std::size_t i = 0; i < above_.size(); ++i) {  // E17
        above_[i] = std::max(0.0F, seen.ratio - edges_[i]);
    }
    learn(octave, 1, seen.ratio);
    float v = 1;
    for (std::size_t above = octave + 1; above < to; ++above) {
        learn(above, v *= options_.pooling, seen.ratio);
    }
    v = 1;
    for (std::size_t below = octave; below > from; --below) {
        learn(below - 1, v *= options_.pooling, seen.ratio);
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
