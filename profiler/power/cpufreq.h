#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "profiler/power/cpufreq_policies.h"
#include "profiler/power/guardian.h"
#include "profiler/power/power_knob.h"
#include "profiler/power/sysfs.h"

namespace alert {

/// The frequency of every CPU, by libcpufreq. With a table of steps and the userspace governor the
/// speed is set; otherwise the policy's lower and upper bound are drawn together.
class CpufreqKnob : public PowerKnob {
   public:
    /// `speeds_hz` ascend, as check_cpufreq_values() lets them pass. Changes nothing yet. Throws
    /// Error when another alert holds a knob, or where a control cannot be read.
    CpufreqKnob(std::span<const CpufreqPolicy> policies, std::span<const double> speeds_hz);

    std::string_view spec() const override { return "cpufreq"; }
    std::span<const PowerSetting> settings() const override { return settings_; }
    void apply(std::size_t setting) override;
    std::string standing() const override;
    std::optional<std::string> drift() override;
    std::vector<std::string> restore() override { return guardian_.restore(); }

   private:
    struct Bounds {
        unsigned long least_khz, most_khz;
        bool operator==(const Bounds&) const = default;
    };
    struct Control {
        CpufreqPolicy policy;
        NumberFile least, most;
        std::optional<NumberFile> speed;  // where the speed is set
        std::optional<Bounds> taken;      // read back after it was set

        unsigned cpu() const { return policy.cpus.front(); }
        Bounds bounds() const;
        /// What stands; where a speed is set, 0 when the governor is another program's.
        Bounds stands() const;
    };

    void look(Control& control);
    void set(Control& control, unsigned long khz);
    static void set_bounds(const Control& control, Bounds wanted);
    [[noreturn]] static void did_not_take(const Control& control, unsigned long khz);

    std::vector<double> speeds_hz_;
    std::vector<PowerSetting> settings_;
    std::vector<Control> controls_;
    std::optional<std::string> drift_;
    Guardian guardian_;
};

}  // namespace alert
