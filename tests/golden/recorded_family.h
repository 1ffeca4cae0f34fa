#pragma once

#include <string>

#include "alert/profile.h"
#include "core/evaluation/trace.h"

namespace alert::golden {

/// A family's profile and what it did on some inputs, as text: `NAME_profile.csv` and
/// `NAME_trace.csv`, one row per configuration and per input and configuration. Recorded from the
/// networks in zoo/ with three settings of `emulated:server`, beside co-runners for half of the
/// inputs (compute, then memory). The profiled latencies are the trace's own medians without
/// co-runners. The modelled powers are varied by some percent, the power at rest from input to
/// input, so that one cannot be taken for another.
struct RecordedFamily {
    Profile profile;
    Trace trace;  ///< environments: 0 default, 1 compute, 2 memory
};

/// "image" or "sentence", whose inputs have groups.
RecordedFamily recorded_family(const std::string& name);

/// The same, measured without an energy source.
RecordedFamily without_power(RecordedFamily family);

}  // namespace alert::golden
