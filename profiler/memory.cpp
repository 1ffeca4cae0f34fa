#include "profiler/memory.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "profiler/power/cgroup.h"
#include "profiler/power/sysfs.h"

namespace alert {
namespace {

namespace fs = std::filesystem;

/// Names of the files of a control group and, in its statistics, of reclaimable memory.
struct Names {
    const char *limit, *used;
    std::array<std::string_view, 2> caches;
};
constexpr std::array<Names, 2> kVersions{{
    {"memory.max", "memory.current", {"inactive_file ", "active_file "}},
    {"memory.limit_in_bytes",
     "memory.usage_in_bytes",
     {"total_inactive_file ", "total_active_file "}},
}};

constexpr double kAlwaysThere = 64e6;

/// The number after `name`; empty if no line begins with it.
std::optional<std::int64_t> number_behind(std::string_view name, std::string_view text) {
    while (!text.empty()) {
        std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        if (line.starts_with(name)) {
            line.remove_prefix(std::min(line.find_first_of("0123456789"), line.size()));
            std::int64_t number = 0;
            std::from_chars(line.data(), line.data() + line.size(), number);
            return number;
        }
    }
    return std::nullopt;
}

/// What is left of the limit of the group; empty if it has none.
std::optional<MemoryLeft> left_in(const fs::path& group) {
    for (const Names& names : kVersions) {
        const auto limit = read_number(group / names.limit);  // no number: "max"
        const auto used = read_number(group / names.used);
        if (!limit || !used) {
            continue;
        }
        const std::string stat = read_value(group / "memory.stat").value_or("");
        auto bytes = static_cast<std::int64_t>(*limit) - static_cast<std::int64_t>(*used);
        for (const std::string_view cache : names.caches) {
            bytes += number_behind(cache, stat).value_or(0);
        }
        return MemoryLeft{.bytes = std::max<std::int64_t>(0, bytes),
                          .file = (group / names.limit).string()};
    }
    return std::nullopt;
}

}  // namespace

std::optional<MemoryLeft> memory_left(const fs::path& meminfo, const fs::path& sysfs_root,
                                      std::string_view groups) {
    std::optional<MemoryLeft> left;
    if (const auto kib = number_behind("MemAvailable:", read_value(meminfo).value_or(""))) {
        left = {.bytes = 1024 * *kib, .file = meminfo.string()};
    }
    for (const fs::path& group : memory_groups(sysfs_root, groups)) {
        const auto here = left_in(group);
        if (here && (!left || here->bytes < left->bytes)) {
            left = here;
        }
    }
    return left;
}

std::optional<MemoryLeft> memory_short_of(double needed_bytes) {
    if (needed_bytes <= kAlwaysThere) {
        return std::nullopt;
    }
    const auto left = memory_left("/proc/meminfo", sysfs_root(), own_groups());
    return left && needed_bytes > static_cast<double>(left->bytes) ? left : std::nullopt;
}

}  // namespace alert
