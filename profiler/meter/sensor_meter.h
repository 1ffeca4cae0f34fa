#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "profiler/meter/energy_meter.h"
#include "profiler/power/sysfs.h"

namespace alert {

/// A coarse sensor of power or energy: only averages over a run are meaningful. Power is integrated
/// between readings (trapezoidal rule).
class SensorMeter : public EnergyMeter {
   public:
    std::string_view source() const override { return source_; }
    double read_j(double now_s) override;
    double resolution_s() const override { return resolution_s_; }
    bool resolution_assumed() const override { return resolution_assumed_; }
    double shown(double now_s) override;

    /// The first sensor in class/hwmon that counts energy (energyN_input, uJ), else the first that
    /// shows power (powerN_input, uW). Throws Error if there is none.
    static SensorMeter hwmon(const std::filesystem::path& sysfs_root);

    /// The power of the whole machine from its batteries, in class/power_supply: power_now (uW),
    /// else current_now (uA) times voltage_now (uV). Throws Error if there is no battery, and if
    /// one is not discharging: its power is then not the machine's.
    static SensorMeter battery(const std::filesystem::path& sysfs_root);

   private:
    struct Sensor {
        NumberFile value;
        std::optional<NumberFile> factor;  // the voltage, beside a current
        std::filesystem::path status;      // must read "Discharging"; empty: not checked
    };

    SensorMeter(std::string source, double resolution_s)
        : source_(std::move(source)), resolution_s_(resolution_s) {}
    double sum() const;

    std::string source_;
    double resolution_s_;
    bool resolution_assumed_ = true;
    bool counts_energy_ = false;
    std::vector<Sensor> sensors_;
    std::optional<double> last_s_;
    double last_w_ = 0, energy_j_ = 0;
};

}  // namespace alert
