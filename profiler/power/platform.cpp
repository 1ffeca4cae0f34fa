#include "profiler/power/platform.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/error.h"
#include "profiler/power/cgroup.h"
#include "profiler/power/emulated.h"
#include "profiler/power/quota.h"
#include "profiler/power/sysfs.h"

namespace alert {
namespace {

using Selection = std::optional<SettingsSelection>;

constexpr std::string_view kDefaultPlatform = "server";
constexpr std::array kComingKnobs = {"rapl", "nvml", "cpufreq"};

/// The settings of a machine that is left alone.
class NoKnob : public PowerKnob {
   public:
    std::string_view spec() const override { return "none"; }
    std::span<const PowerSetting> settings() const override { return settings_; }
    void apply(std::size_t setting) override { (void)settings_.at(setting); }

   private:
    std::vector<PowerSetting> settings_{{"default", std::nullopt}};
};

/// The values selected, ascending, each once; `known` where nothing is selected.
std::vector<double> selected(const Selection& selection, SettingsSelection::Unit unit,
                             std::vector<double> known, std::string_view mend) {
    if (!selection) {
        return known;
    }
    if (selection->unit != unit || selection->values.empty()) {
        throw RequestError(fmt::format("--settings {}: {}", selection->text, mend));
    }
    std::vector<double> values = selection->values;
    std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
    return values;
}

Platform open_emulated(const std::string& name_or_file, const Selection& selection) {
    const EmulatedPlatform platform = load_emulated_platform(name_or_file);
    const std::vector<double> caps_w =
        selected(selection, SettingsSelection::Unit::kWatts, platform.settings_w,
                 fmt::format("settings of emulated:{} are power caps; write 40W or 40W:100W:5W",
                             platform.name));
    for (double cap_w : caps_w) {
        if (cap_w <= platform.static_w || cap_w > platform.peak_w) {
            throw RequestError(fmt::format(
                "--settings {}: {}W is outside what emulated:{} takes, above {}W and up to {}W",
                selection->text, cap_w, platform.name, platform.static_w, platform.peak_w));
        }
    }
    auto knob = std::make_unique<EmulatedKnob>(platform, caps_w, "emulated:" + name_or_file);
    auto meter = std::make_unique<ModelledMeter>(platform.name, knob->power());
    return {std::move(knob), std::move(meter), to_json(platform), ""};
}

Platform open_quota(const Selection& selection) {
    const std::vector<double> shares =
        selected(selection, SettingsSelection::Unit::kShare, {0.25, 0.5, 0.75, 1},
                 "settings of quota are shares of the allowed CPUs; write 25%,50%,100%");
    for (double share : shares) {
        if (share < kLeastQuotaShare || share > 1) {
            throw RequestError(
                fmt::format("--settings {}: {:.10g}% is outside what quota takes, {:.10g}% to 100%",
                            selection->text, share * 100, kLeastQuotaShare * 100));
        }
    }
    const CpuGroup group = find_cpu_group(sysfs_root(), own_groups());
    check_quota_permission(group);
    auto knob = std::make_unique<QuotaKnob>(group, allowed_cpus(group), shares);
    const nlohmann::ordered_json description = {{"kind", "quota"},
                                                {"cgroup_version", group.version},
                                                {"allowed_cpus", knob->cpus()},
                                                {"period_us", knob->period_us()}};
    return {std::move(knob), nullptr, description.dump(), ""};
}

Platform open_none(const Selection& selection) {
    if (selection) {
        throw RequestError(fmt::format(
            "--settings {}: --power none has no settings; leave --settings out", selection->text));
    }
    return {std::make_unique<NoKnob>(), nullptr, R"({"kind":"none"})", ""};
}

}  // namespace

Platform open_platform(std::string_view spec, const Selection& selection, std::string_view device) {
    constexpr std::string_view kEmulated = "emulated:";
    if (spec == "auto") {
        Platform platform = open_emulated(std::string(kDefaultPlatform), selection);
        platform.why = fmt::format(
            "--power auto took {}: this build has no hardware knob for {}; energy is {}",
            platform.knob->spec(), device.starts_with("cuda") ? "the GPU" : "the processor",
            platform.meter->source());
        return platform;
    }
    if (spec == "emulated") {
        return open_emulated(std::string(kDefaultPlatform), selection);
    }
    if (spec.starts_with(kEmulated)) {
        return open_emulated(std::string(spec.substr(kEmulated.size())), selection);
    }
    if (spec == "quota") {
        return open_quota(selection);
    }
    if (spec == "none") {
        return open_none(selection);
    }
    const bool coming =
        std::find(kComingKnobs.begin(), kComingKnobs.end(), spec) != kComingKnobs.end();
    throw RequestError(
        fmt::format("--power {}: {}; write auto, emulated[:NAME|FILE], quota or none", spec,
                    coming ? "this build does not have it" : "there is no such power knob"));
}

}  // namespace alert
