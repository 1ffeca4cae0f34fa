#include "profiler/power/cgroup.h"

#include <fmt/format.h>
#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "core/error.h"
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

/// The group's folder. In a container that sees only its own part of the hierarchy, the path
/// told by /proc is not there and the mount is the group.
fs::path folder_of(const fs::path& mount, const std::string& path) {
    const fs::path folder = mount / fs::path(path).relative_path();
    std::error_code none;
    return path == "/" || !fs::is_directory(folder, none) ? mount : folder;
}

double quota_over_period(std::string_view quota, std::string_view period) {
    double quota_us = 0;
    double period_us = 0;
    std::from_chars(quota.data(), quota.data() + quota.size(), quota_us);
    std::from_chars(period.data(), period.data() + period.size(), period_us);
    return quota_us > 0 && period_us > 0 ? quota_us / period_us : 0;
}

/// CPUs that one group may use; 0 where it sets no limit.
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

}  // namespace

std::string own_groups() {
    return read_value("/proc/self/cgroup").value_or("");
}

CpuGroup find_cpu_group(const fs::path& sysfs_root, std::string_view groups) {
    const fs::path base = sysfs_root / "fs/cgroup";
    if (const auto path = group_path(groups, "cpu")) {
        for (const char* name : {"cpu", "cpu,cpuacct", "cpuacct,cpu"}) {
            const fs::path mount = base / name;
            if (read_value(mount / "cgroup.procs")) {
                return {1, mount, folder_of(mount, *path)};
            }
        }
    }
    if (const auto path = group_path(groups, "")) {
        for (const fs::path& mount : {base, base / "unified"}) {
            if (!read_value(mount / "cgroup.controllers")) {
                continue;
            }
            const fs::path folder = folder_of(mount, *path);
            const std::string controllers = read_value(folder / "cgroup.controllers").value_or("");
            if (lists(controllers, ' ', "cpu")) {
                return {2, mount, folder};
            }
            if (lists(*read_value(mount / "cgroup.controllers"), ' ', "cpu")) {
                throw RequestError(fmt::format(
                    "--power quota: {} was not given the cpu controller; start with systemd-run "
                    "--scope -p Delegate=yes alert ...",
                    folder.string()));
            }
        }
    }
    throw RequestError(fmt::format(
        "--power quota: no control groups with the cpu controller below {}; mount them (mount -t "
        "cgroup2 none {}) or use --power emulated",
        base.string(), base.string()));
}

double allowed_cpus(const CpuGroup& group) {
    cpu_set_t affinity;
    double cpus = sched_getaffinity(0, sizeof affinity, &affinity) == 0
                      ? CPU_COUNT(&affinity)
                      : static_cast<double>(sysconf(_SC_NPROCESSORS_ONLN));
    for (fs::path folder = group.folder;; folder = folder.parent_path()) {
        const double limit = limit_of(group.version, folder);
        if (limit > 0) {
            cpus = std::min(cpus, limit);
        }
        if (folder == group.mount || folder == folder.root_path()) {
            return cpus;
        }
    }
}

std::vector<fs::path> memory_groups(const fs::path& sysfs_root, std::string_view groups) {
    const fs::path base = sysfs_root / "fs/cgroup";
    fs::path mount = base / "memory";
    auto path = group_path(groups, "memory");
    if (!path) {
        path = group_path(groups, "");
        mount = read_value(base / "cgroup.controllers") ? base : base / "unified";
    }
    std::vector<fs::path> folders;
    if (path) {
        folders.push_back(folder_of(mount, *path));
        while (folders.back() != mount && folders.back() != folders.back().root_path()) {
            folders.push_back(folders.back().parent_path());
        }
    }
    return folders;
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
