#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/jobs/status.h"
#include "profiler/power/power_knob.h"

/// Measuring on a shared machine: changes are restored, and disturbances are reported and stored
/// with the numbers.
namespace alert::cli {

/// Does the work, which changes the knob's settings. Afterwards warns, and adds to `warnings`, if
/// another program changed them or a CPU quota throttled this one. Restores what the knob changed,
/// even if the work throws. What cannot be restored is given as shell commands: thrown as an Error,
/// or only reported if the work failed.
void use_knob(PowerKnob& knob, Status& status, std::vector<std::string>& warnings,
              const std::function<void()>& work);

/// The warning if other programs used a considerable share of the processor; `again` is what to
/// repeat: "profile".
std::optional<std::string> disturbance(double others_busy, std::string_view again);

/// The warning if there are more threads than CPUs that this program may use.
std::optional<std::string> crowding(int threads);

/// Reports the warning, if there is one, and adds it to those that are stored.
void add_warning(const std::optional<std::string>& warning, Status& status,
                 std::vector<std::string>& warnings);

}  // namespace alert::cli
