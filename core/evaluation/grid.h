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

/// Throws RequestError: the profile is empty or has no power.
GridRanges grid_ranges(const Profile& profile);

/// Energies (J) that one period can take: least, the cheapest inference that fits into it (the
/// fastest where none does) and rest at `idle_power_w` after it; most, the highest power all along.
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
/// Where `group_size` inputs, on average, share a deadline, it and the period are so many times as
/// long; energies stay those of an input. Goals hold on average: confidences are the caller's.
/// Throws RequestError as grid_ranges does.
std::vector<Workload> paper_grid(const Profile& profile, double idle_power_w, std::size_t inputs,
                                 int window, double group_size = 1);

}  // namespace alert
