#pragma once

#include <cstddef>
#include <vector>

#include "alert/profile.h"
#include "core/evaluation/replay.h"

namespace alert {

/// The ranges that the paper's grid of constraint settings spans.
struct GridRanges {
    /// t_ref: mean latency of the largest anytime model's last stage under the setting of the most
    /// power; of the slowest traditional model where the profile has no anytime one.
    double reference_s = 0;
    double accuracy_low = 0, accuracy_high = 0;  ///< of all outputs
};

/// Throws RequestError if the profile is empty or has no power.
GridRanges grid_ranges(const Profile& profile);

/// The energies (J) that one period can use. Least: the cheapest inference that fits into it (the
/// fastest if none does), then idling at `idle_power_w`. Most: the highest power all the time.
struct EnergyRange {
    double low_j = 0, high_j = 0;
};

EnergyRange energy_range(const Profile& profile, double idle_power_w, double period_s);

/// The paper's grid: 36 settings for each of the three objectives, E1 first, then E2, E3.
/// - deadlines: six, evenly from 0.4 to 2 t_ref; the period is the deadline. E3 has none: its
/// period
///   is 2 t_ref.
/// - accuracies: six, evenly from the lowest to the highest of all outputs, both included (a run
///   keeps the highest when it falls short by no more than its standard error).
/// - energies: sixths of the way from energy_range's low to its high, the high included; the low,
///   which leaves nothing for any slowdown, is not.
/// If `group_size` inputs, on average, share a deadline, it and the period are multiplied by that;
/// energies remain per input. Goals hold on average; the caller sets confidences.
/// Throws RequestError as grid_ranges does.
std::vector<Workload> paper_grid(const Profile& profile, double idle_power_w, std::size_t inputs,
                                 int window, double group_size = 1);

}  // namespace alert
