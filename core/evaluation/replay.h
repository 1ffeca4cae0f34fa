#pragma once

#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "alert/goal.h"
#include "alert/input_cycle.h"
#include "alert/profile.h"
#include "core/evaluation/figures.h"
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
    double miss_limit = kMissLimit;  ///< oracle-static keeps the deadline by it, if it can
};

/// What became of one input.
struct PlayedInput : InputResult {
    bool correct = false;  ///< a late answer is not
    /// Of its whole period (see GroupEnergy); empty where the trace has no power.
    std::optional<double> energy_j{};
};

/// Plays a scheme over a trace, as the live loop would execute it: late inputs, stages that are
/// not expected to fit, goals over a window. Deterministic; reads no clock: a decision takes no
/// time here. `profile` is what the scheme was made with.
void replay(const Profile& profile, const Trace& trace, const Workload& workload, Scheme& scheme,
            const std::function<void(const PlayedInput&)>& sink);

/// What counts of it; a replay knows every label.
CountedInput counted(const PlayedInput& input);

/// What the inputs of a replay come to.
RunFigures figures_of(std::span<const PlayedInput> inputs, const Goal& goal, double fail_accuracy,
                      double miss_limit = kMissLimit);

}  // namespace alert
