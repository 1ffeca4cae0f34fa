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
    std::optional<EmulatedSetting> emulated;  ///< empty on hardware, where it is measured
};

/// The platform's power knob. Whatever it changes, the destructor restores; a guardian process
/// restores after a kill.
class PowerKnob {
   public:
    virtual ~PowerKnob() = default;

    /// The spec that makes this knob again: "emulated:server", "quota", "none".
    virtual std::string_view spec() const = 0;

    /// From the least to the most power.
    virtual std::span<const PowerSetting> settings() const = 0;

    /// Makes the setting stand, read back; writes nothing when it stands already.
    /// Throws Error when it did not take.
    virtual void apply(std::size_t setting) = 0;

    /// The setting that stands, read back from the machine and written like the settings' names;
    /// empty where the knob changes nothing that could be read.
    virtual std::string current_setting() const { return {}; }

    /// What another program was seen to have moved since it was set, told once; the next apply()
    /// sets it again.
    virtual std::optional<std::string> external_change() { return {}; }

    /// Puts back what was found, as the destructor does. What could not be put back is returned
    /// as the shell commands that would do it. No setting can be applied afterwards.
    virtual std::vector<std::string> restore() { return {}; }
};

}  // namespace alert
