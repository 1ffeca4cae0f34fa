#include "profiler/meter/sensor_meter.h"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>

#include "alert/error.h"

namespace alert {

namespace fs = std::filesystem;

namespace {

constexpr double kMicro = 1e-6;
// Approximate update interval of such sensors if the driver does not report it.
constexpr double kHwmon_s = 0.1, kBattery_s = 1;

/// Files in the folders of a class whose names begin and end like this, in a fixed order.
std::vector<fs::path> files_like(const fs::path& folder, std::string_view begin,
                                 std::string_view end) {
    std::vector<fs::path> files;
    std::error_code ignored;
    for (const auto& device : fs::directory_iterator(folder, ignored)) {
        for (const auto& entry : fs::directory_iterator(device.path(), ignored)) {
            const std::string name = entry.path().filename().string();
            if (name.starts_with(begin) && name.ends_with(end)) {
                files.push_back(entry.path());
            }
        }
    }
    std::sort(files.begin(), files.end());
    return files;
}

}  // namespace

SensorMeter SensorMeter::hwmon(const fs::path& sysfs_root) {
    SensorMeter meter("measured:hwmon", kHwmon_s);
    auto files = files_like(sysfs_root / "class/hwmon", "energy", "_input");
    meter.counts_energy_ = !files.empty();
    if (files.empty()) {
        files = files_like(sysfs_root / "class/hwmon", "power", "_input");
    }
    if (files.empty()) {
        throw Error(fmt::format("{}: no sensor shows power or energy",
                                (sysfs_root / "class/hwmon").string()));
    }
    // Only one sensor: several may overlap, and the kernel does not say so.
    meter.sensors_.push_back({NumberFile(files.front()), std::nullopt, {}});
    const auto interval_ms = read_number(files.front().parent_path() / "update_interval");
    if (interval_ms && *interval_ms > 0) {
        meter.resolution_s_ = 1e-3 * static_cast<double>(*interval_ms);
        meter.resolution_assumed_ = false;
    }
    meter.sum();
    return meter;
}

SensorMeter SensorMeter::battery(const fs::path& sysfs_root) {
    SensorMeter meter("measured:battery", kBattery_s);
    const fs::path supplies = sysfs_root / "class/power_supply";
    std::error_code ignored;
    for (const auto& supply : fs::directory_iterator(supplies, ignored)) {
        const fs::path& folder = supply.path();
        if (read_value(folder / "type") != "Battery") {
            continue;
        }
        if (read_number(folder / "power_now")) {
            meter.sensors_.push_back(
                {NumberFile(folder / "power_now"), std::nullopt, folder / "status"});
        } else if (read_number(folder / "current_now")) {
            meter.sensors_.push_back({NumberFile(folder / "current_now"),
                                      NumberFile(folder / "voltage_now"), folder / "status"});
        }
    }
    if (meter.sensors_.empty()) {
        throw Error(fmt::format("{}: no battery shows its power", supplies.string()));
    }
    meter.sum();
    return meter;
}

// W, or J if energy is counted.
double SensorMeter::sum() const {
    double total = 0;
    for (const Sensor& sensor : sensors_) {
        if (!sensor.status.empty() && read_value(sensor.status) != "Discharging") {
            throw Error(
                fmt::format("{}: reads {}; a battery shows the power of the machine only while "
                            "it is discharging: unplug the supply",
                            sensor.status.string(), read_value(sensor.status).value_or("nothing")));
        }
        const double value = kMicro * static_cast<double>(sensor.value.read());
        total +=
            sensor.factor ? kMicro * static_cast<double>(sensor.factor->read()) * value : value;
    }
    return total;
}

double SensorMeter::shown(double /*now_s*/) {
    return sum();
}

double SensorMeter::read_j(double now_s) {
    const double now = sum();
    if (counts_energy_) {
        return now;
    }
    if (last_s_) {
        energy_j_ += (now_s - *last_s_) * (now + last_w_) / 2;
    }
    last_s_ = now_s;
    last_w_ = now;
    return energy_j_;
}

}  // namespace alert
