#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Control groups: which this process is in, and how much of the processor it may use.
namespace alert {

/// The group that a process is in, in the hierarchy that has the cpu controller.
struct CpuGroup {
    int version = 0;               ///< 1 or 2
    std::filesystem::path mount;   ///< where that hierarchy is mounted
    std::filesystem::path folder;  ///< the group's folder; `mount` itself for the root group
};

/// The text of /proc/self/cgroup.
std::string own_groups();

/// Finds the group in the hierarchies mounted below `sysfs_root`; `groups` is own_groups().
/// Throws RequestError where no hierarchy has the cpu controller.
CpuGroup find_cpu_group(const std::filesystem::path& sysfs_root, std::string_view groups);

/// CPUs that this process may use: its affinity, or less where a group above limits bandwidth.
double allowed_cpus(const CpuGroup& group);

/// Threads that may compute at once: whole CPUs of its affinity and of the limits above the
/// process's group, 1 at least. `groups` is own_groups().
int allowed_threads(const std::filesystem::path& sysfs_root, std::string_view groups);

/// How often and for how long a group's quota held its processes back.
struct Throttling {
    std::filesystem::path limit;  ///< the file of the quota
    double cpus = 0;              ///< that the quota comes to
    std::int64_t periods = 0;     ///< in which the group computed
    std::int64_t throttled = 0;   ///< of them, in which it used its quota up
    double waited_s = 0;          ///< of all its CPUs together
};

/// Watches the quotas of the groups that this process is in, such as a container's. A quota of our
/// own (--power quota) is none of them.
class ThrottleWatch {
   public:
    /// `groups` is own_groups(). Without control groups it watches nothing.
    ThrottleWatch(const std::filesystem::path& sysfs_root, std::string_view groups);

    /// Of the quota that held the processes back longest since the watch began; empty: none did.
    std::optional<Throttling> since() const;

   private:
    struct Watched {
        std::filesystem::path folder;
        Throttling before;
    };
    int version_ = 0;
    std::vector<Watched> groups_;
};

/// The folders of the group that this process is in and of those above it, up to the mount, where
/// memory is limited; empty where it cannot be.
std::vector<std::filesystem::path> memory_groups(const std::filesystem::path& sysfs_root,
                                                 std::string_view groups);

/// Name of the group that limits this process; the group beside it that does not.
std::string limited_group_name();
std::string unlimited_group_name();

/// The cgroup.procs file that a child must write "0" to, to be outside this process's quota;
/// empty when no quota is in force.
std::filesystem::path way_out_of_quota();

}  // namespace alert
