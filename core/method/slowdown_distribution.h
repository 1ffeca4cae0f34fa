#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <vector>

#include "core/method/estimator_options.h"

namespace alert {

/// The distribution of the slowdown xi, one for each octave of the profiled latency: beside a
/// co-runner a short inference is preempted or not, a long one averages that out. How much of the
/// past still holds differs by machine and by minute, so several memories are kept, from short to
/// long, and mixed by how probable each found what was then observed (E15):
///
///     F = sum_e w_e F_e        F_e = (n0 G + sum_i v_i h(log x - log x_i)) / (n0 + sum_i v_i)
///     w_e <- w_e l_e           l_e the probability F_e gave to what was observed
///     w_e <- (1 - a) w_e / sum w + a / E
///
/// An observation counts v = 1 in its own octave and s^d in one d octaves away, and in the memory
/// with forgetting factor f multiplies the older ones by 1 - (1 - f) v. Allocates only when made.
class SlowdownDistribution {
   public:
    // Cells of log xi. What is beyond a time (E17) changes slowly, and is kept for every fourth
    // cell only.
    static constexpr int kCells = 256;
    static constexpr float kCell = 0.02F;
    static constexpr float kLowest = -1.28F;
    static constexpr int kExcessCells = kCells / 4;
    static constexpr float kExcessCell = 4 * kCell;

    /// Octaves for profiled latencies between these.
    SlowdownDistribution(double shortest_s, double longest_s, const EstimatorOptions& options = {});

    std::size_t octaves() const { return mean_.size(); }
    std::size_t octave_of(double profiled_s) const;

    /// An output of an inference.
    struct Seen {
        std::size_t octave;
        double ratio;  ///< t / t_prof
    };
    /// All outputs of an inference, the longest profiled last.
    void observe(std::span<const Seen> outputs);
    void observe(std::size_t octave, double ratio) { observe(std::array{Seen{octave, ratio}}); }

    /// Goes through the motions of observe() and changes nothing; see Scheme::rehearse().
    void rehearse();

    /// P[xi <= ratio].
    double probability(std::size_t octave, double ratio) const;
    double mean(std::size_t octave) const { return mean_[octave]; }
    double std(std::size_t octave) const;
    /// The slowdown that is not exceeded with this probability.
    double quantile(std::size_t octave, double probability) const;

    /// w_e, in the order of the options.
    std::span<const float> weights() const { return weights_; }

    // The tables behind probability(), octave after octave, for loops over many configurations.

    /// F at the upper edge of every cell; kCells an octave.
    std::span<const float> cumulative() const { return cumulative_; }
    /// E[(xi - x)+], x at the upper edge of every excess cell; kExcessCells an octave.
    std::span<const float> excess() const { return excess_; }

   private:
    /// One memory of one octave, beside its tables: E[xi], E[xi^2] and sum v_i.
    struct Memory {
        float mean, square, observed;
    };

    /// What an observation says: xi, and where it lies among the cells.
    struct Observation {
        float ratio, cell;
    };
    static Observation observation(double ratio);

    void make_prior();
    void widen(int first_cell, int last_cell);
    void weigh(std::size_t octave, const Observation& seen);
    void learn_around(std::size_t octave, std::size_t from, std::size_t to,
                      const Observation& seen);
    void learn(std::size_t octave, float v, float ratio);

    EstimatorOptions options_;
    double shortest_s_;
    std::array<float, kExcessCells> edges_{};  // x at the upper edge of every excess cell
    // Tables of G of E15, and of the output that is learnt: h, and how far it lay above every edge.
    std::array<float, kCells> prior_cumulative_{}, kernel_{};
    std::array<float, kExcessCells> prior_excess_{}, above_{};
    Memory prior_{};
    std::vector<float> weights_;  // w_e
    // By octave and, within it, by memory: F_e, its excess, its moments.
    std::vector<float> memory_cumulative_, memory_excess_;
    std::vector<Memory> memories_;
    // The mixture, by octave.
    std::vector<float> cumulative_, excess_, mean_, square_;
    int begin_ = kCells, end_ = 0;  // cells; F is 0 before them and 1 after, nothing exceeds them
};

}  // namespace alert
