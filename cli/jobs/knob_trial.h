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
    std::string current;             ///< read back; empty if it could not be read
    std::optional<double> settle_s;  ///< time until it was in force; empty if it did not take
};

struct KnobTrial {
    std::string knob;  ///< its spec
    std::vector<TriedSetting> settings;
    bool restored = false;

    bool all_applied() const;
};

/// Applies each setting, reads it back, and restores what was found; ends early when `stop` is set.
/// Failures are reported as errors, changes by other programs as a warning. Throws RequestError if
/// there is no such knob.
KnobTrial try_knob(const std::string& knob, Status& status, const std::atomic<bool>& stop);

/// Restores what a killed process left changed; false if something could not be restored.
bool restore_changes(Status& status);

}  // namespace alert::cli
