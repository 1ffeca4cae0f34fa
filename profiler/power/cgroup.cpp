#include "profiler/power/cgroup.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "alert/error.h"
#include "profiler/machine.h"
#include "profiler/power/sysfs.h"

namespace alert {
namespace {

namespace fs = std::filesystem;

/// Whether `word` is in a list separated by `separator`.
bool lists(std::string_view list, char separator, std::string_view word) {
    while (true) {
        const auto end = list.find(separator);
        if (list.substr(0, end) == word) {
            return true;
        }
        if (end == list.npos) {
            return false;
        }
        list.remove_prefix(end + 1);
    }
}

/// Path of the group in the hierarchy of the controller ("" is version 2), from lines like
/// "4:cpu,cpuacct:/user.slice".
std::optional<std::string> group_path(std::string_view groups, std::string_view controller) {
    while (!groups.empty()) {
        const std::string_view line = groups.substr(0, groups.find('\n'));
        groups.remove_prefix(std::min(line.size() + 1, groups.size()));
        const auto first = line.find(':');
        const auto second = line.find(':', first + 1);
        if (first == line.npos || second == line.npos) {
            continue;
        }
        if (lists(line.substr(first + 1, second - first - 1), ',', controller)) {
            return std::string(line.substr(second + 1));
        }
    }
    return std::nullopt;
}

/// The folder of the group. In a container that sees only its own part of the hierarchy, the path
/// in /proc does not exist or leads out of it ("/../..", in a namespace of its own). Then the mount
/// is the group.
fs::path folder_of(const fs::path& mount, const std::string& path) {
    const fs::path folder = mount / fs::path(path).relative_path();
    std::error_code none;
    return path == "/" || path.starts_with("/..") || !fs::is_directory(folder, none) ? mount
                                                                                     : folder;
}

std::optional<CpuGroup> version_1_group(const fs::path& base, std::string_view groups) {
    if (const auto path = group_path(groups, "cpu")) {
        for (const char* name : {"cpu", "cpu,cpuacct", "cpuacct,cpu"}) {
            const fs::path mount = base / name;
            if (read_value(mount / "cgroup.procs")) {
                return CpuGroup{1, mount, folder_of(mount, *path)};
            }
        }
    }
    return std::nullopt;
}

/// Mounts of the version 2 hierarchy, which may be mounted twice.
std::vector<CpuGroup> version_2_groups(const fs::path& base, std::string_view groups) {
    std::vector<CpuGroup> found;
    if (const auto path = group_path(groups, "")) {
        for (const fs::path& mount : {base, base / "unified"}) {
            if (read_value(mount / "cgroup.controllers")) {
                found.push_back({2, mount, folder_of(mount, *path)});
            }
        }
    }
    return found;
}

/// A group and all above it, the mount last. The limits of all of them apply to its processes, even
/// if the controller was not delegated to the lower ones.
std::vector<fs::path> folders_up(const fs::path& group, const fs::path& mount) {
    std::vector<fs::path> folders = {group};
    while (folders.back() != mount && folders.back() != folders.back().root_path()) {
        folders.push_back(folders.back().parent_path());
    }
    return folders;
}

/// The group in the hierarchy whose limits bind this process; empty if none is mounted.
std::optional<CpuGroup> binding_group(const fs::path& sysfs_root, std::string_view groups) {
    const fs::path base = sysfs_root / "fs/cgroup";
    auto group = version_1_group(base, groups);
    if (!group) {
        const auto found = version_2_groups(base, groups);
        group = found.empty() ? group : found.front();
    }
    return group;
}

/// A counter of cpu.stat; 0 if it is missing.
std::int64_t counter_in(std::string_view stat, std::string_view name) {
    while (!stat.empty()) {
        const std::string_view line = stat.substr(0, stat.find('\n'));
        stat.remove_prefix(std::min(line.size() + 1, stat.size()));
        if (line.starts_with(name) && line.substr(name.size()).starts_with(' ')) {
            std::int64_t count = 0;
            std::from_chars(line.data() + name.size() + 1, line.data() + line.size(), count);
            return count;
        }
    }
    return 0;
}

double quota_over_period(std::string_view quota, std::string_view period) {
    double quota_us = 0;
    double period_us = 0;
    std::from_chars(quota.data(), quota.data() + quota.size(), quota_us);
    std::from_chars(period.data(), period.data() + period.size(), period_us);
    return quota_us > 0 && period_us > 0 ? quota_us / period_us : 0;
}

/// CPUs that a group may use; 0 if it has no limit.
double limit_of(int version, const fs::path& folder) {
    if (version == 2) {
        const std::string limit = read_value(folder / "cpu.max").value_or("max 1");
        const auto space = limit.find(' ');
        return space == limit.npos ? 0
                                   : quota_over_period(std::string_view(limit).substr(0, space),
                                                       std::string_view(limit).substr(space + 1));
    }
    return quota_over_period(read_value(folder / "cpu.cfs_quota_us").value_or("-1"),
                             read_value(folder / "cpu.cfs_period_us").value_or("1"));
}

fs::path limit_file(int version, const fs::path& folder) {
    return folder / (version == 1 ? "cpu.cfs_quota_us" : "cpu.max");
}

Throttling throttling_of(int version, const fs::path& folder) {
    const std::string stat = read_value(folder / "cpu.stat").value_or("");
    const double waited = version == 1
                              ? 1e-9 * static_cast<double>(counter_in(stat, "throttled_time"))
                              : 1e-6 * static_cast<double>(counter_in(stat, "throttled_usec"));
    return {.limit = limit_file(version, folder),
            .cpus = limit_of(version, folder),
            .periods = counter_in(stat, "nr_periods"),
            .throttled = counter_in(stat, "nr_throttled"),
            .waited_s = waited};
}

}  // namespace

std::string own_groups() {
    return read_value("/proc/self/cgroup").value_or("");
}

CpuGroup find_cpu_group(const fs::path& sysfs_root, std::string_view groups) {
    const fs::path base = sysfs_root / "fs/cgroup";
    if (const auto group = version_1_group(base, groups)) {
        return *group;
    }
    for (const CpuGroup& group : version_2_groups(base, groups)) {
        const std::string controllers =
            read_value(group.folder / "cgroup.controllers").value_or("");
        if (lists(controllers, ' ', "cpu")) {
            return group;
        }
        if (lists(read_value(group.mount / "cgroup.controllers").value_or(""), ' ', "cpu")) {
            throw RequestError(fmt::format(
                "--power quota: the cpu controller was not delegated to {}; start with systemd-run "
                "--scope -p Delegate=yes alert ...",
                group.folder.string()));
        }
    }
    throw RequestError(fmt::format(
        "--power quota: no control groups with the cpu controller below {}; mount them (mount -t "
        "cgroup2 none {}) or use --power emulated",
        base.string(), base.string()));
}

double allowed_cpus(const CpuGroup& group) {
    double cpus = std::max(1, allowed_cores());
    for (const fs::path& folder : folders_up(group.folder, group.mount)) {
        const double limit = limit_of(group.version, folder);
        if (limit > 0) {
            cpus = std::min(cpus, limit);
        }
    }
    return cpus;
}

int allowed_threads(const fs::path& sysfs_root, std::string_view groups) {
    const auto group = binding_group(sysfs_root, groups);
    const double cpus = group ? allowed_cpus(*group) : allowed_cores();
    return std::max(1, static_cast<int>(cpus + 1e-9));
}

ThrottleWatch::ThrottleWatch(const fs::path& sysfs_root, std::string_view groups) {
    const auto group = binding_group(sysfs_root, groups);
    if (!group) {
        return;
    }
    version_ = group->version;
    for (const fs::path& folder : folders_up(group->folder, group->mount)) {
        if (folder.filename() != limited_group_name()) {
            groups_.push_back({folder, throttling_of(version_, folder)});
        }
    }
}

std::optional<Throttling> ThrottleWatch::since() const {
    std::optional<Throttling> longest;
    for (const Watched& group : groups_) {
        Throttling now = throttling_of(version_, group.folder);
        now.periods -= group.before.periods;
        now.throttled -= group.before.throttled;
        now.waited_s -= group.before.waited_s;
        if (now.throttled > 0 && (!longest || now.waited_s > longest->waited_s)) {
            longest = now;
        }
    }
    return longest;
}

std::vector<fs::path> memory_groups(const fs::path& sysfs_root, std::string_view groups) {
    const fs::path base = sysfs_root / "fs/cgroup";
    fs::path mount = base / "memory";
    auto path = group_path(groups, "memory");
    if (!path) {
        path = group_path(groups, "");
        mount = read_value(base / "cgroup.controllers") ? base : base / "unified";
    }
    return path ? folders_up(folder_of(mount, *path), mount) : std::vector<fs::path>{};
}

std::string limited_group_name() {
    return fmt::format("alert-{}", getpid());
}

std::string unlimited_group_name() {
    return fmt::format("alert-{}-unlimited", getpid());
}

fs::path way_out_of_quota() {
    const std::string groups = own_groups();
    for (const char* controller : {"cpu", ""}) {
        const auto path = group_path(groups, controller);
        if (!path || fs::path(*path).filename() != limited_group_name()) {
            continue;
        }
        const CpuGroup group = find_cpu_group(sysfs_root(), groups);
        const fs::path above = group.folder.parent_path();
        const fs::path beside = above / unlimited_group_name() / "cgroup.procs";
        return fs::exists(beside) ? beside : above / "cgroup.procs";
    }
    return {};
}

}  // namespace alert
