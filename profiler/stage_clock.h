#pragma once

#include "profiler/power/power_knob.h"

namespace alert {

/// When a stage ends that started at `start_s` and whose network was done at `done_s`. Under an
/// emulated setting that is later, as a capped processor would be, and this waits for it.
double finish_stage(double start_s, double done_s, const PowerSetting& setting);

}  // namespace alert
