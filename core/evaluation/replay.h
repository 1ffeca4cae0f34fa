#pragma once

#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "alert/goal.h"
#include "alert/input_cycle.h"
#include "alert/profile.h"
#include "core/evaluation/trace.h"
#include "core/method/scheme.h"

namespace alert {

/// The workload that is played: as in a live run, inputs arrive every `period_s`.
struct Workload {
    Goal goal;               ///< stated for every input; deadline_s counts from its arrival
    std::size_t inputs = 0;  ///< the trace is used again from its start when it ends
    double period_s = 0;
    int window = 20;  ///< W of E13
    /// The inputs of each of the trace's groups arrive together, every `period_s` a group, and
    /// share one deadline.
    bool shared = false;
};

/// What became of one input.
struct PlayedInput : InputResult {
    bool correct = false;  ///< a late answer is not
    /// Of its whole period (see GroupEnergy); 0 where the trace has no power.
    double energy_j = 0;
};

/// Plays a scheme over a trace, as the live loop would execute it: late inputs, stages that are
/// not expected to fit, goals over a window. Deterministic; reads no clock: a decision takes no
/// time here. `profile` is what the scheme was made with.
void replay(const Profile& profile, const Trace& trace, const Workload& workload, Scheme& scheme,
            const std::function<void(const PlayedInput&)>& sink);

/// A run in figures; the same definitions as the store's run_summary.
struct RunFigures {
    std::size_t inputs = 0, deadline_misses = 0;
    std::size_t groups = 0;       ///< that shared a deadline
    std::size_t groups_late = 0;  ///< of which an input was not answered in time
    double accuracy = 0;          ///< mean; a missed input counts q_fail
    double accuracy_error = 0;    ///< its standard error
    double energy_j = 0;          ///< mean per input
    double energy_over = 0;       ///< share of inputs above the energy goal; 0 without one
    double latency_mean_s = 0;    ///< of the inputs that were answered
    double latency_p50_s = 0, latency_p95_s = 0, latency_p99_s = 0;
    /// More than 10 % of the inputs missed the deadline, or the mean energy is above its goal, or
    /// the mean accuracy falls short of its goal by more than its standard error.
    bool violated = false;
};

RunFigures figures_of(std::span<const PlayedInput> inputs, const Goal& goal, double fail_accuracy);

}  // namespace alert
