#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace alert {

/// One power limit of a zone, found by its name.
struct RaplConstraint {
    std::filesystem::path limit_file;  ///< uW
    double limit_w = 0;                ///< in force when it was read
    std::optional<double> max_w;       ///< the driver's maximum; empty if it reports none that is
                                       ///< plausible
};

/// A processor package as the kernel's powercap shows it.
struct RaplPackage {
    std::string name;              ///< "package-0", "package-1-die-0"
    std::filesystem::path folder;  ///< of the zone that is used
    std::filesystem::path twin;    ///< the other zone of the same package; empty: none
    std::optional<RaplConstraint> twin_long_term;
    std::optional<RaplConstraint> long_term, short_term;
    std::filesystem::path energy_file;  ///< uJ, wraps at `energy_range_file`
    std::filesystem::path energy_range_file;
};

/// Every package under class/powercap, sorted by name. Zones are matched by their names: cores,
/// uncore, memory and the platform lie inside or around the packages and are left out. A package
/// with two zones, through its registers (intel-rapl) and through memory (intel-rapl-mmio), is one
/// package: the lower limit governs, so the zone with the lower one is used.
std::vector<RaplPackage> find_rapl_packages(const std::filesystem::path& sysfs_root);

/// "package-0 (intel-rapl:0), package-1 (intel-rapl:1)": which zones are used, for people.
std::string describe(std::span<const RaplPackage> packages);

/// The message for a machine without packages, with the remedy.
std::string no_rapl_package(const std::filesystem::path& sysfs_root);

}  // namespace alert
