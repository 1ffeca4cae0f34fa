#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace alert {

/// A running program that is known to change what a knob sets.
struct InterferingDaemon {
    std::string_view name;
    int pid = 0;
    std::vector<std::string_view> knobs;  ///< specs: "rapl", "cpufreq"
};

/// Such programs among the processes below `proc`, in a fixed order. The remedy is to stop the
/// service of that name.
std::vector<InterferingDaemon> find_interfering_daemons(
    const std::filesystem::path& proc = "/proc");

}  // namespace alert
