#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace alert {

/// The power knob of this machine, and the energy meter that belongs to it.
///
/// Whatever it changes is restored by the destructor and by restore(), and by a small guardian
/// process if this one is killed; one process at a time holds a knob. A GPU's limit is restored
/// by the program `alert`, which must then be in PATH; where it is not, or the guardian was killed
/// as well, `alert devices --restore` does it afterwards. Not thread-safe. Can be moved, not
/// copied.
class Power {
   public:
    /// Opens a knob: "rapl", "cpufreq", "nvml", "quota", "none" (one setting: leave the machine
    /// alone) or "auto", the first that works here. `settings` are names as a profile has them
    /// ("40W", "2.4GHz", "50%"), which apply() then counts; empty: the knob's own choice. `device`
    /// is what the networks run on: "cpu", "cuda", "cuda:1". Nothing is changed yet. Throws
    /// RequestError where there is no such knob or setting here, or no permission, and Error where
    /// another process holds it.
    explicit Power(const std::string& spec = "auto", const std::vector<std::string>& settings = {},
                   const std::string& device = "cpu");
    ~Power();
    Power(const Power&) = delete;
    Power& operator=(const Power&) = delete;
    Power(Power&&) noexcept;
    Power& operator=(Power&&) noexcept;

    /// Names of the settings: those asked for in their order, else from the least to the most
    /// power.
    const std::vector<std::string>& settings() const;

    /// Sets one of settings(), and reads it back; writes nothing if it is the current one.
    /// Throws Error if it did not take.
    void apply(std::size_t setting);

    /// Restores what was found. Returns the shell commands for what could not be restored. No
    /// setting can be applied afterwards.
    std::vector<std::string> restore();

    /// Where energies come from, such as "measured:rapl"; empty: no meter works here.
    std::optional<std::string> energy_source() const;

    /// Energy (J) spent since some fixed moment, read now; never decreases. A difference over less
    /// than resolution_s() says nothing. Throws RequestError where there is no meter, and Error
    /// where reading fails.
    double read_energy_j();

    /// Update interval (s) of the reading; 0: updated at any moment.
    double resolution_s() const;

   private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace alert
