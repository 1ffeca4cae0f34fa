#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <vector>

namespace alert {

/// The constants of E14 and E15. The numbers were settled on recorded traces
/// (docs/architecture.md).
struct SlowdownDistributionOptions {
    float gain = 0.3F;          ///< g, of the level
    float clip = 0.3F;          ///< a residual moves the level by no more than this, times g
    float spill = 0.5F;         ///< what an observation counts one octave of duration away
    float forgetting = 0.985F;  ///< f, an input
    float prior_weight = 1;     ///< n0
    float prior_std = 0.08F;    ///< s0
};

/// The slowdown xi as it was observed, for every octave of an inference's own duration: beside a
/// co-runner a short inference is preempted or not, a long one averages that out. Each class has a
/// level that follows the log of the slowdown (E14), and the histogram of what lay around it (E15).
/// What is seen of one class counts for its neighbours too, less with every octave. Allocates only
/// when made.
class SlowdownDistribution {
   public:
    // The histogram's cells, of log x relative to the level; `kLevelCell` ends at the level. What
    // is beyond a time (E17) changes slowly, and is kept for every fourth cell only.
    static constexpr int kCells = 256;
    static constexpr float kCell = 0.015F;
    static constexpr float kLowest = -1.28F;
    static constexpr float kLevelCell = -kLowest / kCell - 1;
    static constexpr int kExcessCells = kCells / 4;
    static constexpr float kExcessCell = 4 * kCell;
    static constexpr float kExcessLevelCell = -kLowest / kExcessCell - 1;

    /// Classes for profiled durations between these.
    SlowdownDistribution(double shortest_s, double longest_s,
                         const SlowdownDistributionOptions& options = {});

    std::size_t classes() const { return levels_.size(); }
    std::size_t class_of(double profiled_s) const;

    /// `ratio` is t / t_prof of a configuration of this class.
    void observe(std::size_t of_class, double ratio);

    /// P[xi <= ratio].
    double probability(std::size_t of_class, double ratio) const;
    double mean(std::size_t of_class) const;
    /// exp(m): of an inference that nothing out of the ordinary happens to.
    double typical(std::size_t of_class) const { return typical_[of_class]; }
    double std(std::size_t of_class) const;
    /// The slowdown that is not exceeded with this probability, to the width of a cell.
    double quantile(std::size_t of_class, double probability) const;

    // The tables behind probability(), class after class, for loops over many configurations.

    std::span<const float> levels() const { return levels_; }
    /// F at the upper edge of every cell; kCells a class.
    std::span<const float> cumulative() const { return cumulative_; }
    /// E[(xi - x)+] over exp(level), x at the upper edge of every excess cell; kExcessCells a
    /// class.
    std::span<const float> excess() const { return excess_; }

   private:
    /// One observation: where it lay around the level of its class, r, and exp(r).
    struct Observation {
        float residual, ratio;
    };

    void learn(std::size_t k, float weight, const Observation& seen);

    SlowdownDistributionOptions options_;
    double shortest_s_;
    std::array<float, kCells> prior_cumulative_{};
    std::array<float, kExcessCells> edges_{};  // x / exp(m) at the upper edge of every excess cell
    std::array<float, kExcessCells> prior_excess_{};
    float prior_mean_ = 1, prior_square_ = 1;            // of x / exp(m)
    std::vector<float> levels_, typical_;                // m
    std::vector<float> cumulative_, excess_;             // F; E[(xi - x)+]
    std::vector<float> weights_;                         // sum w_i
    std::vector<float> first_moments_, second_moments_;  // of x / exp(m)
};

}  // namespace alert
