#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace alert {

/// How an emulated setting follows from the reference setting (the one at full speed).
struct EmulatedSetting {
    double stretch = 1;  ///< 1 / speed: how much longer an inference takes
    double power_w = 0;  ///< modelled power while inferring
};

/// One setting p_j of a knob, written as in flags: "40W", "2.4GHz", "50%".
struct PowerSetting {
    std::string name;
    std::optional<EmulatedSetting> emulated;  ///< empty on hardware, where power is measured
};

/// The platform's power knob. The destructor restores whatever the knob changed; after a kill a
/// guardian process does.
class PowerKnob {
   public:
    virtual ~PowerKnob() = default;

    /// The spec that opens this knob again: "emulated:server", "quota", "none".
    virtual std::string_view spec() const = 0;

    /// From the least to the most power.
    virtual std::span<const PowerSetting> settings() const = 0;

    /// Applies the setting and reads it back; writes nothing if it is the current one. Throws Error
    /// if it did not take.
    virtual void apply(std::size_t setting) = 0;

    /// The current setting, read back from the machine and written like the settings' names; empty
    /// if the knob changes nothing that can be read.
    virtual std::string current_setting() const { return {}; }

    /// What another program was found to have changed since the setting was applied; reported once.
    /// The next apply() sets it again.
    virtual std::optional<std::string> external_change() { return {}; }

    /// Restores what was found, as the destructor does. Returns the shell commands for what could
    /// not be restored. No setting can be applied afterwards.
    virtual std::vector<std::string> restore() { return {}; }
};

}  // namespace alert
