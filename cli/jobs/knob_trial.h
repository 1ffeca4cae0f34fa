#pragma once

#include <atomic>
#include <optional>
#include <string>
#include <vector>

#include "cli/jobs/status.h"

/// What `alert devices` does to a power knob.
namespace alert::cli {

/// One setting that was tried.
struct TriedSetting {
    std::string requested;
    std::string stands;              ///< read back; empty: it could not be read
    std::optional<double> settle_s;  ///< how long setting it took; empty: it did not take
};

struct KnobTrial {
    std::string knob;  ///< its spec
    std::vector<TriedSetting> settings;
    bool restored = false;

    bool all_took() const;
};

/// Sets each setting, reads it back, and puts back what was found; ends early when `stop` is set.
/// What fails is told as errors, what another program moved meanwhile as a warning. Throws
/// RequestError where there is no such knob.
KnobTrial try_knob(const std::string& knob, Status& status, const std::atomic<bool>& stop);

/// Puts back what a process that was killed left changed; false where something could not be.
bool restore_changes(Status& status);

}  // namespace alert::cli
