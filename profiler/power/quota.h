#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "profiler/power/cgroup.h"
#include "profiler/power/guardian.h"
#include "profiler/power/power_knob.h"

namespace alert {

/// The smallest share of the allowed CPUs for a setting.
constexpr double kLeastQuotaShare = 0.01;

/// Throws RequestError with the remedy if this process may not create a group below `group`;
/// changes nothing.
void check_quota_permission(const CpuGroup& group);

/// CPU bandwidth of a control group (v1 cpu.cfs_quota_us, v2 cpu.max): the whole process runs in
/// a group of its own, which gets a share of the allowed CPUs in each period and then waits for
/// the next. It changes latency, not the energy of a unit of work.
class QuotaKnob : public PowerKnob {
   public:
    /// Creates a group below `group` and moves this process into it. `shares` of `cpus` ascend,
    /// each within [kLeastQuotaShare, 1]. Throws RequestError with the remedy if the machine does
    /// not permit it, Error if another alert holds a knob.
    QuotaKnob(const CpuGroup& group, double cpus, std::span<const double> shares);

    std::string_view spec() const override { return "quota"; }
    std::span<const PowerSetting> settings() const override { return settings_; }
    void apply(std::size_t setting) override;
    std::string current_setting() const override;
    std::vector<std::string> restore() override { return guardian_.restore(); }

    double cpus() const { return cpus_; }
    int period_us() const { return period_us_; }

   private:
    void enter_group();
    std::filesystem::path limit_file() const;
    std::string limit_of(double share) const;

    CpuGroup group_;
    std::filesystem::path limited_;
    double cpus_;
    std::vector<double> shares_;
    int period_us_;
    std::vector<PowerSetting> settings_;
    std::optional<std::size_t> current_;
    Guardian guardian_;
};

}  // namespace alert
