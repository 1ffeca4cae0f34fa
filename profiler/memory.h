#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace alert {

/// Memory that a process may still take without another being swapped out or it being killed.
struct MemoryLeft {
    std::int64_t bytes = 0;
    std::string file;  ///< that tells the tightest limit: /proc/meminfo, or a control group's
};

/// What the machine has left, or less where a control group above this process has: caches of files
/// count as free. `meminfo` is /proc/meminfo, `groups` the text of /proc/self/cgroup. Empty where
/// neither is told.
std::optional<MemoryLeft> memory_left(const std::filesystem::path& meminfo,
                                      const std::filesystem::path& sysfs_root,
                                      std::string_view groups);

}  // namespace alert
