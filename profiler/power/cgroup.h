#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Control groups: the one that this process is in, and how much of the processor it may use.
namespace alert {

/// The group of a process in the hierarchy that has the cpu controller.
struct CpuGroup {
    int version = 0;               ///< 1 or 2
    std::filesystem::path mount;   ///< where that hierarchy is mounted
    std::filesystem::path folder;  ///< the group's folder; `mount` itself for the root group
};

/// The text of /proc/self/cgroup.
std::string own_groups();

/// Finds the group in the hierarchies mounted below `sysfs_root`; `groups` is own_groups().
/// Throws RequestError if no hierarchy has the cpu controller.
CpuGroup find_cpu_group(const std::filesystem::path& sysfs_root, std::string_view groups);

/// CPUs that this process may use: its affinity, or less if a group above limits the bandwidth.
double allowed_cpus(const CpuGroup& group);

/// Threads that can run at once: the whole CPUs of the process's affinity and of the limits above
/// its group, at least 1. `groups` is own_groups().
int allowed_threads(const std::filesystem::path& sysfs_root, std::string_view groups);

/// How often and for how long a group's quota throttled its processes.
struct Throttling {
    std::filesystem::path limit;  ///< the file of the quota
    double cpus = 0;              ///< the quota in CPUs
    std::int64_t periods = 0;     ///< number of periods in which the group ran
    std::int64_t throttled = 0;   ///< number of those in which it used up its quota
    double waited_s = 0;          ///< waiting time, summed over its CPUs
};

/// Watches the quotas of the groups that this process is in, such as a container's, but not our own
/// quota (--power quota).
class ThrottleWatch {
   public:
    /// `groups` is own_groups(). Watches nothing if there are no control groups.
    ThrottleWatch(const std::filesystem::path& sysfs_root, std::string_view groups);

    /// The quota that throttled the processes longest since the watch began; empty: none did.
    std::optional<Throttling> since() const;

   private:
    struct Watched {
        std::filesystem::path folder;
        Throttling before;
    };
    int version_ = 0;
    std::vector<Watched> groups_;
};

/// The folders that may limit this process's memory: of its group and of those above it, up to the
/// mount; empty if there are none.
std::vector<std::filesystem::path> memory_groups(const std::filesystem::path& sysfs_root,
                                                 std::string_view groups);

/// Names of the group that limits this process, and of its sibling that does not.
std::string limited_group_name();
std::string unlimited_group_name();

/// The cgroup.procs file to which a child must write "0" to leave this process's quota; empty if no
/// quota is in force.
std::filesystem::path way_out_of_quota();

}  // namespace alert
