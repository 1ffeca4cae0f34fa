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

/// --settings, parsed: which of a knob's settings to use, or which values within its range.
struct SettingsSelection {
    enum class Unit { kWatts, kHertz, kShare };
    Unit unit = Unit::kWatts;
    std::vector<double> values;  ///< W, Hz or share of one
    std::string text;            ///< as written, for messages
    /// Numbers of threads, for a knob that is paired with threads; `values` may then be empty.
    std::vector<int> threads{};
};

/// A power knob with the energy source that belongs to it.
struct Platform {
    std::unique_ptr<PowerKnob> knob;
    std::unique_ptr<EnergyMeter> meter;  ///< null: no energy source
    std::string description_json;        ///< what the settings mean, as stored with a profile
    std::string why;                     ///< what `auto` chose and why; empty if asked for by name
};

/// Whether `--power` names a knob that is paired with threads: "rapl+threads".
bool joins_threads(std::string_view spec);

/// Opens what `--power` names: "auto", "rapl", "cpufreq", "nvml", "emulated", "emulated:NAME" or
/// "emulated:FILE", "quota", "none", or one of them with "+threads". `device` is the engine's
/// ("cpu", "cuda"). `engine`, needed if joins_threads(), is the one whose threads are set, and must
/// outlive the platform. Throws RequestError if the spec or the selection is wrong or the machine
/// does not offer it; nothing has been changed then.
Platform open_platform(std::string_view spec, const std::optional<SettingsSelection>& selection,
                       std::string_view device, Engine* engine = nullptr);

}  // namespace alert
