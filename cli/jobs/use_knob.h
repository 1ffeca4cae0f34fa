#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/jobs/status.h"
#include "profiler/power/power_knob.h"

/// Measuring on a machine that is not ours alone: what is changed is put back, and what disturbed
/// the numbers is told and stored with them.
namespace alert::cli {

/// Does the work that changes the knob's settings, adds to the warnings what another program moved
/// of them and whether a CPU quota held us back, warns of it, and restores what the knob changed,
/// whatever the work throws. What could not be restored is told as shell commands: thrown as an
/// Error or, where the work failed, reported.
void use_knob(PowerKnob& knob, Status& status, std::vector<std::string>& warnings,
              const std::function<void()>& work);

/// The warning where other programs took a share of the processor that is not small; `again` is
/// what to do again.
std::optional<std::string> disturbance(double others_busy, std::string_view again);

/// The warning where more threads compute than this program may use CPUs.
std::optional<std::string> crowding(int threads);

/// Gives the warning, where there is one, and adds it to those that are stored.
void add_warning(const std::optional<std::string>& warning, Status& status,
                 std::vector<std::string>& warnings);

}  // namespace alert::cli
