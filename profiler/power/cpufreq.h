#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "profiler/power/guardian.h"
#include "profiler/power/power_knob.h"
#include "profiler/power/sysfs.h"

namespace alert {

/// CPUs that share one frequency, as the kernel's cpufreq shows them. Frequencies in kHz, as there.
struct CpufreqPolicy {
    unsigned cpu = 0;  ///< the first CPU of the policy
    std::filesystem::path folder;
    std::uint64_t least_khz = 0, most_khz = 0;
    std::vector<std::uint64_t> table_khz;  ///< ascending; empty: any speed within the limits
    bool userspace = false;                ///< whether a speed can be set; else the bounds are set
};

/// Asks libcpufreq, which has /sys compiled in. Throws RequestError with the remedy if the machine
/// has no policy.
std::vector<CpufreqPolicy> find_cpufreq_policies();

/// The speeds (kHz, ascending) that every policy accepts: steps of the tables, or about eight
/// evenly spaced ones between the limits.
std::vector<std::uint64_t> cpufreq_sweep_khz(std::span<const CpufreqPolicy> policies);

/// Throws RequestError if a policy does not accept this speed (kHz); `text` is the request.
void check_cpufreq_speed(std::span<const CpufreqPolicy> policies, std::uint64_t khz,
                         std::string_view text);

/// Throws RequestError with the remedy if this process may not set speeds; changes nothing.
void check_cpufreq_permission(std::span<const CpufreqPolicy> policies);

/// Whether speeds above the base frequency are allowed; empty if the machine does not report it.
std::optional<bool> cpufreq_boost();

/// "2.4GHz", "800MHz"
std::string cpufreq_name(std::uint64_t khz);

/// The frequency of all CPUs. With a table and the governor `userspace` the speed is set.
/// Otherwise, as under intel_pstate, the lowest and the highest allowed frequency are both set to
/// it.
class CpufreqKnob : public PowerKnob {
   public:
    CpufreqKnob(std::span<const CpufreqPolicy> policies, std::span<const std::uint64_t> khz);

    std::string_view spec() const override { return "cpufreq"; }
    std::span<const PowerSetting> settings() const override { return settings_; }
    void apply(std::size_t setting) override;
    std::string current_setting() const override;
    std::optional<std::string> external_change() override;
    std::vector<std::string> restore() override { return guardian_.restore(); }

   private:
    struct Policy {
        CpufreqPolicy found;
        NumberFile least, most;                  // bounds; both set where no speed can be
        std::optional<std::uint64_t> taken_khz;  // read back after it was set
    };

    bool in_force(const Policy& policy, std::uint64_t khz) const;
    void detect_external_change(Policy& policy);
    void set_speed(Policy& policy, std::uint64_t khz) const;
    void set_bounds(Policy& policy, std::uint64_t khz) const;

    std::vector<PowerSetting> settings_;
    std::vector<std::uint64_t> khz_;
    std::vector<Policy> policies_;
    std::optional<std::string> external_change_;
    Guardian guardian_;
};

}  // namespace alert
