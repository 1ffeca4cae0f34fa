#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/method/estimator_options.h"
#include "core/method/goal.h"
#include "core/method/profile_table.h"

namespace alert {

/// What is believed of the machine when a decision is taken.
struct Belief {
    double xi_mean = 1;     ///< mu
    double xi_std = 0;      ///< sigma; 0: the mean is certain
    double idle_ratio = 0;  ///< phi
};

/// What the calibrated estimator believes: the tables of a SlowdownDistribution, and of each of its
/// octaves the mean and, where the goal has an energy confidence, the E11 quantile of xi.
struct OctaveBelief {
    std::span<const std::int32_t> octave_of;  ///< of a slot
    std::span<const float> cumulative, excess, mean, bound;
    double idle_ratio = 0;                   ///< phi
    float chance_of_stage = kChanceOfStage;  ///< that a stage which is tried fits, at least
    bool charge_overruns = true;             ///< E17
};

/// Latency, accuracy and energy expected of every slot of a ProfileTable, in single precision
/// (probabilities within 2e-6 of the exact ones for sigma of 0.05 or more).
class Estimates {
   public:
    explicit Estimates(std::size_t slots);

    /// Pr of some answer in time: E6 of the chain's first output.
    std::span<float> deadline_probability() { return array(kProbability); }
    /// q: E7 for traditional models, E8 for anytime ones.
    std::span<float> accuracy() { return array(kAccuracy); }
    /// mu t_prof of the output at which the inference is expected to stop.
    std::span<float> latency_s() { return array(kLatency); }
    /// e: E9 at the mean slowdown.
    std::span<float> energy_j() { return array(kEnergy); }
    /// E11: e at the slowdown that is exceeded with probability 1 - Pr_th.
    std::span<float> energy_bound_j() { return array(kEnergyBound); }
    /// Room for a selection to work in.
    std::span<float> score() { return array(kScore); }

    // What a selection goes by: probability and accuracy less what is expected to be lost to inputs
    // that find the machine still busy (E17). Without `charge_overruns` they are E6-E8 themselves.

    std::span<float> net_probability() {
        return array(overruns_charged_ ? kNetProbability : kProbability);
    }
    std::span<float> net_accuracy() { return array(overruns_charged_ ? kNetAccuracy : kAccuracy); }
    void charge_overruns(bool charge) { overruns_charged_ = charge; }

   private:
    /// One value for every slot each.
    enum Array : std::size_t {
        kProbability,
        kAccuracy,
        kLatency,
        kEnergy,
        kEnergyBound,
        kScore,
        kNetProbability,
        kNetAccuracy,
        // What nobody outside needs: latency at the E11 quantile, and what is expected to be lost.
        kBoundLatency,
        kLost,
        // Where a slot lies in the tables of its octave, and what was found there.
        kPart,
        kLimitPart,
        kFoundProbability,
        kFoundExcess,
        kFoundMean,
        kFoundBound,
        kArrays
    };

    std::span<float> array(Array which) { return {values_.data() + which * slots_, slots_}; }

    std::size_t slots_;
    bool overruns_charged_ = false;
    std::vector<float> values_;
    std::vector<std::int32_t> places_;  // in tables, where something is looked up
    template <class Scores>
    friend void score_levels(const ProfileTable&, Estimates&, const Scores&);
    friend struct LookedUp look_up(const ProfileTable&, const OctaveBelief&, const InputGoal&,
                                   Estimates&);
};

/// Inputs expected to be lost to an overrun of `excess_s` (E17), the expected time by which an
/// inference outlasts overrun_limit_s().
inline double lost_inputs(double excess_s, const InputGoal& goal) {
    return excess_s / goal.interval_s;
}

/// How long an inference may take until the next input cannot be answered any more.
double overrun_limit_s(const InputGoal& goal);

/// E6-E9 and E11 for every slot. `goal` is that of the input that starts now. Allocates nothing.
void estimate(const ProfileTable& table, const Belief& belief, const InputGoal& goal,
              Estimates& estimates);
void estimate(const ProfileTable& table, const OctaveBelief& belief, const InputGoal& goal,
              Estimates& estimates);

}  // namespace alert
