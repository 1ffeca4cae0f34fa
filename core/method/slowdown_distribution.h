#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <vector>

namespace alert {

/// The constants of E15 and E18. The numbers were settled on recorded traces
/// (docs/estimator.md).
struct SlowdownDistributionOptions {
    float spill = 0.5F;                 ///< s: what an observation counts for each octave away
    float forgetting = 0.98F;           ///< f, an input
    float forgetting_change = 0.5F;     ///< the same while the machine seems to have changed
    float forgetting_lasting = 0.999F;  ///< of the lasting memory
    float prior_weight = 1;             ///< n0
    float prior_std = 0.08F;            ///< s0
};

/// The slowdown xi as it was observed, for every octave of an inference's own duration: beside a
/// co-runner a short inference is preempted or not, a long one averages that out. The distribution
/// of a class is that of the last inputs, mixed with a little of what it was in the long run (E15);
/// where the last inputs were all improbable the older ones are forgotten at once (E18). What is
/// seen of one class counts for the others too, the less the further they are: a class that was
/// once slow and is avoided since must hear that the machine is quiet again. The long run is a
/// class's own. Allocates only when made.
class SlowdownDistribution {
   public:
    // Cells of log xi. What is beyond a time (E17) changes slowly, and is kept for every fourth
    // cell only.
    static constexpr int kCells = 256;
    static constexpr float kCell = 0.02F;
    static constexpr float kLowest = -1.28F;
    static constexpr int kExcessCells = kCells / 4;
    static constexpr float kExcessCell = 4 * kCell;

    /// Classes for profiled durations between these.
    SlowdownDistribution(double shortest_s, double longest_s,
                         const SlowdownDistributionOptions& options = {});

    std::size_t classes() const { return recent_.weights.size(); }
    std::size_t class_of(double profiled_s) const;

    /// An output of an inference.
    struct Seen {
        std::size_t of_class;
        double ratio;  ///< t / t_prof
    };
    /// All outputs of an inference, the longest profiled last.
    void observe(std::span<const Seen> outputs);
    void observe(std::size_t of_class, double ratio) { observe(std::array{Seen{of_class, ratio}}); }

    /// Goes through the motions of observe() and changes nothing; see Scheme::rehearse().
    void rehearse();

    /// P[xi <= ratio].
    double probability(std::size_t of_class, double ratio) const;
    double mean(std::size_t of_class) const { return recent_.mean[of_class]; }
    double std(std::size_t of_class) const;
    /// The slowdown that is not exceeded with this probability.
    double quantile(std::size_t of_class, double probability) const;

    // The tables behind probability(), class after class, for loops over many configurations.

    /// F at the upper edge of every cell; kCells a class.
    std::span<const float> cumulative() const { return recent_.cumulative; }
    /// E[(xi - x)+], x at the upper edge of every excess cell; kExcessCells a class.
    std::span<const float> excess() const { return recent_.excess; }

   private:
    /// Means over what was observed, later observations counting more, and over a prior.
    struct Memory {
        std::vector<float> cumulative, excess;     // F; E[(xi - x)+]
        std::vector<float> mean, square, weights;  // E[xi], E[xi^2]; sum w_i
    };

    /// What an observation says: xi, and where it lies among the cells.
    struct Observation {
        float ratio, cell;
    };

    static float probability(const Memory& memory, std::size_t of_class, float log_ratio);
    float forgetting_after(std::size_t of_class, float log_ratio);
    void widen(int cell);
    void learn(Memory& memory, std::size_t k, const Memory& prior, std::size_t k_prior,
               float weight, float forgetting, const Observation& seen) const;
    void learn_lasting(std::size_t k, float weight, const Observation& seen);
    void learn_recent(std::size_t k, float weight, float forgetting, const Observation& seen);

    SlowdownDistributionOptions options_;
    double shortest_s_;
    std::array<float, kExcessCells> edges_{};  // x at the upper edge of every excess cell
    Memory prior_;                             // one class, for all
    Memory lasting_, recent_;
    int begin_ = kCells, end_ = 0;  // cells; F is 0 before them and 1 after, nothing exceeds them
    int improbable_ = 0;            // inputs in a row, below 0 for quick ones
};

}  // namespace alert
