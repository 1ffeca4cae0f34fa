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

/// Does the work that changes the knob's settings, adds to the doubts what another program moved of
/// them and whether a CPU quota held us back, warns of it, and restores what the knob changed,
/// whatever the work throws. What could not be restored is told as shell commands: thrown as an
/// Error or, where the work failed, reported.
void use_knob(PowerKnob& knob, Status& status, std::vector<std::string>& doubts,
              const std::function<void()>& work);

/// The doubt where other programs took a share of the processor that is not small; `again` is what
/// to do again.
std::optional<std::string> disturbance(double others_busy, std::string_view again);

/// The doubt where more threads compute than this program may use CPUs.
std::optional<std::string> crowding(int threads);

/// Warns of the doubt and adds it to those that are stored, where there is one.
void add_doubt(const std::optional<std::string>& doubt, Status& status,
               std::vector<std::string>& doubts);

}  // namespace alert::cli
