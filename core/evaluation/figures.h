#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "alert/goal.h"

/// What a run came to. Every figure of a run is defined here and nowhere else: live runs and
/// replays are stored with what RunTally says, views select it, reports print it.
namespace alert {

/// The share of inputs that may miss the deadline before it counts as violated: the paper's, and
/// what somebody who states a deadline rather expects. Runs are judged by a limit of their own,
/// which is the paper's if nothing is said, and by the strict one beside it.
inline constexpr double kMissLimit = 0.1, kStrictMissLimit = 0.01;

/// What counts of one input.
struct CountedInput {
    bool met_deadline = false;
    std::optional<bool> correct{};        ///< empty: no label
    std::optional<double> energy_j{};     ///< of its whole period; empty: not measured
    std::optional<double> latency_s{};    ///< empty: it never started
    std::optional<std::int64_t> group{};  ///< whose deadline it shares; empty: its own deadline
};

/// Empty: not measured, or a mean over nothing.
struct RunFigures {
    std::int64_t inputs = 0;
    std::int64_t deadline_misses = 0;  ///< inputs that were answered too late or not at all
    /// Mean over the inputs with a label: correct 1, wrong 0, a missed deadline q_fail.
    std::optional<double> accuracy{};
    std::optional<double> accuracy_error{};  ///< its standard error; empty for a single input
    std::optional<double> energy_j{};        ///< mean per input
    std::optional<double> energy_over{};  ///< share of inputs above the energy goal; empty: no goal
    std::optional<double> latency_mean_s{};  ///< over the inputs that started, as the percentiles
    std::optional<double> latency_p50_s{}, latency_p95_s{}, latency_p99_s{};  ///< nearest rank
    bool violated = false;                      ///< any goal, the deadline by the run's miss limit
    bool violated_strict = false;               ///< the same by kStrictMissLimit
    std::optional<std::int64_t> groups{};       ///< that shared a deadline; empty: none did
    std::optional<std::int64_t> groups_late{};  ///< of which an input missed the deadline
};

/// Counts the inputs of a run, or of a part of one, in their order. Keeps up to 24 bytes of each.
class RunTally {
   public:
    /// `fail_accuracy` is q_fail of the profile.
    explicit RunTally(double fail_accuracy) : fail_accuracy_(fail_accuracy) {}

    void add(const CountedInput& input);
    RunFigures figures(const Goal& goal, double miss_limit = kMissLimit) const;

   private:
    double fail_accuracy_;
    RunFigures counts_;
    std::vector<double> accuracies_, energies_j_, latencies_s_;
    std::optional<std::int64_t> group_, late_group_;  // the last ones met
};

// Whether a goal was kept, by the figures. Empty: it was not given, or nothing was measured.

/// At most this share of the inputs missed the deadline.
std::optional<bool> deadline_kept(const RunFigures& figures, const Goal& goal, double miss_limit);
/// The mean is not below the goal by more than its standard error; a single input has none, and is
/// not judged.
std::optional<bool> accuracy_kept(const RunFigures& figures, const Goal& goal);
/// The mean is not above the goal.
std::optional<bool> energy_kept(const RunFigures& figures, const Goal& goal);

/// Sets both verdicts anew, from the other figures.
void judge(RunFigures& figures, const Goal& goal, double miss_limit);

/// Percentiles by nearest rank; all in seconds.
struct TimeSpread {
    double mean_s = 0, p50_s = 0, p95_s = 0, p99_s = 0, max_s = 0;
};

/// Empty: no times.
std::optional<TimeSpread> spread_of(const std::vector<double>& times_s);

}  // namespace alert
