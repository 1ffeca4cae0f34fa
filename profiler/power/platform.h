#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "profiler/engine/engine.h"
#include "profiler/meter/energy_meter.h"
#include "profiler/power/power_knob.h"

namespace alert {

/// The settings asked for with --settings, parsed: which of a knob's settings to use, or which
/// values within its range.
struct SettingsSelection {
    enum class Unit { kWatts, kHertz, kShare };
    Unit unit = Unit::kWatts;
    std::vector<double> values;  ///< W, Hz or share of one
    std::string text;            ///< as it was written, for messages
    /// Beside the values, which may be empty then: of a knob that is joined with threads.
    std::vector<int> threads{};
};

/// A power knob with the energy source that belongs to it.
struct Platform {
    std::unique_ptr<PowerKnob> knob;
    std::unique_ptr<EnergyMeter> meter;  ///< null: no energy source
    std::string description_json;        ///< what the settings mean, as stored with a profile
    std::string why;                     ///< what `auto` took and why; empty when asked for by name
};

/// Whether `--power` names a knob whose settings are pairs with a number of threads:
/// "rapl+threads".
bool joins_threads(std::string_view spec);

/// Opens what `--power` names: "auto", "rapl", "cpufreq", "nvml", "emulated", "emulated:NAME" or
/// "emulated:FILE", "quota", "none", or one of them with "+threads". `device` is the engine's
/// ("cpu", "cuda"); `engine` is whose threads are set, and outlives the platform: needed where
/// joins_threads(). Throws RequestError where the spec or the selection is wrong or the machine
/// does not offer it; nothing has been changed then.
Platform open_platform(std::string_view spec, const std::optional<SettingsSelection>& selection,
                       std::string_view device, Engine* engine = nullptr);

}  // namespace alert
