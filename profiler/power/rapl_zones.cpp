#include "profiler/power/rapl_zones.h"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>

#include "profiler/power/sysfs.h"

namespace alert {

namespace fs = std::filesystem;

namespace {

constexpr double kMicro = 1e-6;

std::optional<RaplConstraint> constraint_named(const fs::path& zone, const std::string& name) {
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(zone, ignored)) {
        const std::string file = entry.path().filename().string();
        if (!file.starts_with("constraint_") || !file.ends_with("_name") ||
            read_value(entry.path()) != name) {
            continue;
        }
        const std::string prefix = file.substr(0, file.size() - 4);
        RaplConstraint found{
            .limit_file = zone / (prefix + "power_limit_uw"), .limit_w = 0, .max_w = {}};
        const auto limit_uw = read_number(found.limit_file);
        if (!limit_uw) {
            return std::nullopt;
        }
        found.limit_w = kMicro * static_cast<double>(*limit_uw);
        const auto max_uw = read_number(zone / (prefix + "max_power_uw"));
        if (max_uw && *max_uw > 0 && *max_uw >= *limit_uw) {
            found.max_w = kMicro * static_cast<double>(*max_uw);
        }
        return found;
    }
    return std::nullopt;
}

RaplPackage package_at(const fs::path& zone, const std::string& name) {
    return {.name = name,
            .folder = zone,
            .twin = {},
            .twin_long_term = {},
            .long_term = constraint_named(zone, "long_term"),
            .short_term = constraint_named(zone, "short_term"),
            .energy_file = zone / "energy_uj",
            .energy_range_file = zone / "max_energy_range_uj"};
}

bool governs(const RaplPackage& a, const RaplPackage& b) {
    if (!a.long_term || !b.long_term) {
        return a.long_term.has_value();
    }
    if (a.long_term->limit_w != b.long_term->limit_w) {
        return a.long_term->limit_w < b.long_term->limit_w;
    }
    return a.folder < b.folder;  // intel-rapl before intel-rapl-mmio
}

RaplPackage joined(RaplPackage used, const RaplPackage& other) {
    used.twin = other.folder;
    used.twin_long_term = other.long_term;
    if (!read_number(used.energy_file) && read_number(other.energy_file)) {
        used.energy_file = other.energy_file;
        used.energy_range_file = other.energy_range_file;
    }
    return used;
}

bool is_control_type(const std::string& zone) {
    return zone.starts_with("intel-rapl:") || zone.starts_with("intel-rapl-mmio:");
}

}  // namespace

std::vector<RaplPackage> find_rapl_packages(const fs::path& sysfs_root) {
    std::vector<RaplPackage> packages;
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(sysfs_root / "class/powercap", ignored)) {
        const auto name = read_value(entry.path() / "name");
        if (!name || !name->starts_with("package-") ||
            !is_control_type(entry.path().filename().string())) {
            continue;
        }
        RaplPackage package = package_at(entry.path(), *name);
        const auto known = std::find_if(packages.begin(), packages.end(),
                                        [&](const RaplPackage& p) { return p.name == *name; });
        if (known == packages.end()) {
            packages.push_back(std::move(package));
        } else {
            *known = governs(package, *known) ? joined(std::move(package), *known)
                                              : joined(std::move(*known), package);
        }
    }
    std::sort(packages.begin(), packages.end(), [](const RaplPackage& a, const RaplPackage& b) {
        return a.name.size() != b.name.size() ? a.name.size() < b.name.size() : a.name < b.name;
    });
    return packages;
}

std::string describe(std::span<const RaplPackage> packages) {
    std::string zones;
    for (const RaplPackage& package : packages) {
        zones += fmt::format("{}{} ({})", zones.empty() ? "" : ", ", package.name,
                             package.folder.filename().string());
    }
    return zones;
}

std::string no_rapl_package(const fs::path& sysfs_root) {
    return fmt::format(
        "no RAPL package in {}; load the kernel module intel_rapl_msr (virtual machines and "
        "containers usually have none)",
        (sysfs_root / "class/powercap").string());
}

}  // namespace alert
