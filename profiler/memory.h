#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace alert {

/// Memory that this process may still allocate before something is swapped out or it is killed.
struct MemoryLeft {
    std::int64_t bytes = 0;
    std::string file;  ///< source of the tightest limit: /proc/meminfo, or a control group's file
};

/// What the machine has left, or a control group above this process if that is less. File caches
/// count as free. `meminfo` is /proc/meminfo, `groups` the text of /proc/self/cgroup. Empty if
/// neither is available.
std::optional<MemoryLeft> memory_left(const std::filesystem::path& meminfo,
                                      const std::filesystem::path& sysfs_root,
                                      std::string_view groups);

/// What this process has left, if `needed_bytes` is more than that; empty if there is room or
/// nobody can say. Less than 64 MB always has room: loading LibTorch takes more, and the kernel's
/// statistics of what it could give back lag behind by seconds.
std::optional<MemoryLeft> memory_short_of(double needed_bytes);

}  // namespace alert
