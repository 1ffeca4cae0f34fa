#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "profiler/power/guardian.h"
#include "profiler/power/power_knob.h"
#include "profiler/power/rapl_zones.h"
#include "profiler/power/sysfs.h"

namespace alert {

/// Hardware rounds limits to steps of this size.
inline constexpr double kRaplStep_w = 0.125;

/// The caps that every package accepts.
struct RaplRange {
    double least_w = 0, most_w = 0;
    std::string held_by;  ///< the twin zone whose limit bounds the range; empty: none
};

/// Throws RequestError with the remedy if there is no package, or none with limits.
RaplRange rapl_range(std::span<const RaplPackage> packages);

/// About eight caps from a third of the maximum to the maximum, ascending, a whole number of watts
/// apart.
std::vector<double> rapl_sweep_w(const RaplRange& range);

/// Throws RequestError with the remedy if this process may not set the limits; changes nothing.
void check_rapl_permission(std::span<const RaplPackage> packages);

/// RAPL power limits through powercap. A setting is the cap of *each* package: its long-term limit,
/// and also its short-term limit, which must not be lower.
class RaplKnob : public PowerKnob {
   public:
    /// `caps_w` ascend, within rapl_range(). Changes nothing yet. Throws Error if another alert
    /// holds a knob.
    RaplKnob(std::span<const RaplPackage> packages, std::span<const double> caps_w);

    std::string_view spec() const override { return "rapl"; }
    std::span<const PowerSetting> settings() const override { return settings_; }
    void apply(std::size_t setting) override;
    std::string current_setting() const override;
    std::optional<std::string> external_change() override;
    std::vector<std::string> restore() override { return guardian_.restore(); }

   private:
    struct Limit {
        NumberFile file;
        std::optional<std::uint64_t> taken_uw;  // read back after it was set
    };
    struct Package {
        std::string name;
        Limit long_term;
        std::optional<Limit> short_term;
        std::optional<NumberFile> twin;  // the long-term limit of the twin zone
    };

    std::uint64_t look(Limit& limit);
    void look_at_twin(const Package& package);
    void write(const Limit& limit, std::uint64_t wanted_uw) const;
    void read_back(Limit& limit, std::uint64_t wanted_uw) const;

    std::vector<PowerSetting> settings_;
    std::vector<std::uint64_t> caps_uw_;
    std::vector<Package> packages_;
    std::optional<std::string> external_change_;
    Guardian guardian_;
};

}  // namespace alert
