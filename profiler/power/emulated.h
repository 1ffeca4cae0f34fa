#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "profiler/meter/modelled_meter.h"
#include "profiler/power/power_knob.h"

/// The emulated platform: networks run for real, and the time of each stage is stretched as a
/// power-capped processor would stretch it. Power and energy are modelled, never measured.
namespace alert {

/// A power-capped processor as a platform file describes it.
struct EmulatedPlatform {
    std::string name;
    std::vector<double> settings_w;  ///< default caps, ascending
    double static_w = 0;             ///< static power: power that yields no speed
    double peak_w = 0;               ///< cap at which it runs at full speed
    double idle_w = 0;               ///< idle power, whatever the cap
    double exponent = 1;             ///< of dynamic power over speed
};

/// speed(cap) = ((cap - static_w) / (peak_w - static_w)) ^ (1 / exponent); 1 at peak_w.
double speed_under_cap(const EmulatedPlatform& platform, double cap_w);

/// Below this share of full speed nothing would finish: such a cap is refused.
inline constexpr double kLeastSpeed = 1e-6;

/// Reads the text of a platform file. Throws RequestError, one line that names `file` and the key.
EmulatedPlatform parse_emulated_platform(std::string_view json, const std::string& file);

/// A built-in platform by its name, else the platform file at that path. Throws RequestError.
EmulatedPlatform load_emulated_platform(const std::string& name_or_file);

/// Names of the built-in platforms.
std::vector<std::string> builtin_platform_names();

/// The platform file of this platform, as JSON.
std::string to_json(const EmulatedPlatform& platform);

/// The time under this setting of work that took `duration_s` at full speed. The part of that time
/// that other programs used is stretched as well.
double stretched_s(double duration_s, const PowerSetting& setting);

/// Remembers the current cap; changes nothing on the machine.
class EmulatedKnob : public PowerKnob {
   public:
    /// Offers `caps_w` (ascending, each in (static_w, peak_w]). `spec` opens the same knob again.
    EmulatedKnob(const EmulatedPlatform& platform, std::span<const double> caps_w,
                 std::string spec);

    std::string_view spec() const override { return spec_; }
    std::span<const PowerSetting> settings() const override { return settings_; }
    void apply(std::size_t setting) override;

    /// What a modelled meter integrates; follows the current setting.
    std::shared_ptr<const ModelledPower> power() const { return power_; }

   private:
    std::string spec_;
    std::vector<PowerSetting> settings_;
    std::shared_ptr<ModelledPower> power_;
};

}  // namespace alert
