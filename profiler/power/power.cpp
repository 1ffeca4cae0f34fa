#include "alert/power.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

#include "alert/error.h"
#include "profiler/clock.h"
#include "profiler/power/platform.h"

namespace alert {

namespace {

struct Unit {
    std::string_view name;
    SettingsSelection::Unit of;
    double factor;
};

constexpr std::array kUnits{Unit{"mW", SettingsSelection::Unit::kWatts, 1e-3},
                            Unit{"kHz", SettingsSelection::Unit::kHertz, 1e3},
                            Unit{"MHz", SettingsSelection::Unit::kHertz, 1e6},
                            Unit{"GHz", SettingsSelection::Unit::kHertz, 1e9},
                            Unit{"W", SettingsSelection::Unit::kWatts, 1},
                            Unit{"%", SettingsSelection::Unit::kShare, 0.01}};

// Names are those of knobs, not free text.
void select(SettingsSelection& selection, const std::string& name) {
    double value = 0;
    const char* const end = name.data() + name.size();
    const std::from_chars_result read = std::from_chars(name.data(), end, value);
    const std::string_view unit(read.ptr, static_cast<std::size_t>(end - read.ptr));
    const auto known = std::find_if(kUnits.begin(), kUnits.end(),
                                    [&](const Unit& candidate) { return candidate.name == unit; });
    if (read.ec != std::errc() || known == kUnits.end()) {
        throw RequestError("setting '" + name +
                           "': not a power setting; write it like 40W, 2.4GHz or 50%");
    }
    if (!selection.values.empty() && selection.unit != known->of) {
        throw RequestError("setting '" + name + "': not in the unit of the settings before it");
    }
    selection.unit = known->of;
    selection.values.push_back(known->factor * value);
    selection.text += (selection.text.empty() ? "" : ",") + name;
}

std::optional<SettingsSelection> selection_of(const std::string& spec,
                                              const std::vector<std::string>& names) {
    if (names.empty() || spec == "none") {
        return std::nullopt;
    }
    SettingsSelection selection;
    for (const std::string& name : names) {
        select(selection, name);
    }
    return selection;
}

void check_spec(const std::string& spec) {
    if (spec.starts_with("emulated")) {
        throw RequestError(
            "power " + spec +
            ": emulated settings only stretch the networks of `alert run`; open another knob");
    }
    if (joins_threads(spec)) {
        throw RequestError(
            "power " + spec +
            ": threads are set in the engine of `alert run` only; open the knob without them");
    }
}

}  // namespace

class Power::Impl {
   public:
    Impl(const std::string& spec, const std::vector<std::string>& names, const std::string& device)
        : platform_(open_platform(spec, selection_of(spec, names), device)) {
        const auto offered = platform_.knob->settings();
        for (const PowerSetting& setting : offered) {
            names_.push_back(setting.name);
        }
        if (!names.empty()) {
            names_ = names;
        }
        for (const std::string& name : names_) {
            const auto found =
                std::find_if(offered.begin(), offered.end(),
                             [&](const PowerSetting& setting) { return setting.name == name; });
            if (found == offered.end()) {
                throw RequestError("setting '" + name + "': " +
                                   std::string(platform_.knob->spec()) + " does not offer it here");
            }
            indices_.push_back(static_cast<std::size_t>(found - offered.begin()));
        }
    }

    const std::vector<std::string>& names() const { return names_; }
    void apply(std::size_t setting) { platform_.knob->apply(indices_.at(setting)); }
    PowerKnob& knob() { return *platform_.knob; }
    EnergyMeter* meter() const { return platform_.meter.get(); }

   private:
    Platform platform_;
    std::vector<std::string> names_;
    std::vector<std::size_t> indices_;  // of each name, among the knob's settings
};

Power::Power(const std::string& spec, const std::vector<std::string>& settings,
             const std::string& device) {
    check_spec(spec);
    impl_ = std::make_unique<Impl>(spec, settings, device);
}

Power::~Power() = default;
Power::Power(Power&&) noexcept = default;
Power& Power::operator=(Power&&) noexcept = default;

const std::vector<std::string>& Power::settings() const {
    return impl_->names();
}

void Power::apply(std::size_t setting) {
    if (setting >= settings().size()) {
        throw RequestError("power setting " + std::to_string(setting) + ": there are " +
                           std::to_string(settings().size()));
    }
    impl_->apply(setting);
}

std::vector<std::string> Power::restore() {
    return impl_->knob().restore();
}

std::optional<std::string> Power::energy_source() const {
    const EnergyMeter* const meter = impl_->meter();
    return meter == nullptr ? std::nullopt : std::optional(std::string(meter->source()));
}

double Power::read_energy_j() {
    if (impl_->meter() == nullptr) {
        throw RequestError("energy is not measured: no meter works here; `alert devices` says why");
    }
    return impl_->meter()->read_j(now_s());
}

double Power::resolution_s() const {
    return impl_->meter() == nullptr ? 0 : impl_->meter()->resolution_s();
}

}  // namespace alert
