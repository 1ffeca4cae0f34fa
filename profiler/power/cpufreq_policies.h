#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace alert {

/// Whether this build has libcpufreq.
bool cpufreq_available();

/// CPUs that change their frequency together.
struct CpufreqPolicy {
    std::vector<unsigned> cpus;    ///< ascending; never empty
    std::filesystem::path folder;  ///< its files, as the journal names them
    std::string driver, governor;
    unsigned long least_khz = 0, most_khz = 0;  ///< of the hardware
    std::vector<unsigned long> steps_khz;       ///< ascending; empty: any within the limits
    bool sets_speed = false;                    ///< by the userspace governor; else by its bounds

    /// What a setting means here: within the limits, and the step at or below where there are
    /// steps. Small cores run at their fastest where a setting is beyond them.
    unsigned long target_khz(double hz) const;
};

/// Every policy below /sys/devices/system/cpu, in the order of CPUs. libcpufreq knows no other
/// place. Empty: none, or a build without the library.
std::vector<CpufreqPolicy> find_cpufreq_policies();

/// The settings that make sense: those of the fastest policy.
struct CpufreqRange {
    double least_hz = 0, most_hz = 0;
    std::vector<double> steps_hz;  ///< ascending; empty: any within the limits
};

/// Throws RequestError that names the mend where there is no policy.
CpufreqRange cpufreq_range(std::span<const CpufreqPolicy> policies);

/// About eight settings from the slowest to the fastest, ascending: steps where there are steps,
/// whole 100 MHz between the limits where not.
std::vector<double> cpufreq_sweep_hz(const CpufreqRange& range);

/// Throws RequestError that names what there is when a value lies outside, or between two steps.
/// `text` is what --settings said.
void check_cpufreq_values(const CpufreqRange& range, std::span<const double> values_hz,
                          std::string_view text);

/// Throws RequestError that names the mend where this process may not set every policy; looks only.
void check_cpufreq_permission(std::span<const CpufreqPolicy> policies);

/// Whether the processor may exceed its base frequency; empty where the kernel does not say.
std::optional<bool> boost_is_on();

/// What is stored with a profile: driver and kind of each policy, and whether boost was on.
std::string cpufreq_description(std::span<const CpufreqPolicy> policies);

/// As it is written in flags: "2.4GHz", "800MHz".
std::string frequency_text(double hz);

/// Why a file of cpufreq is refused, and what would help; opens with "; " or is empty.
std::string_view cpufreq_mend(int failure);

}  // namespace alert
