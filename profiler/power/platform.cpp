#include "profiler/power/platform.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "alert/error.h"
#include "profiler/meter/find_meter.h"
#include "profiler/power/cap_sweep.h"
#include "profiler/power/cgroup.h"
#include "profiler/power/cpufreq.h"
#include "profiler/power/emulated.h"
#include "profiler/power/joined_knob.h"
#include "profiler/power/nvml.h"
#include "profiler/power/quota.h"
#include "profiler/power/rapl.h"
#include "profiler/power/sysfs.h"

namespace alert {
namespace {

using Selection = std::optional<SettingsSelection>;

constexpr std::string_view kDefaultPlatform = "server";
#ifdef ALERT_WITH_CPUFREQ
constexpr std::array kProcessorKnobs = {"rapl", "cpufreq"};  // in the order that `auto` tries
#else
constexpr std::array kProcessorKnobs = {"rapl"};
#endif
constexpr std::array kGpuKnobs = {"nvml"};
constexpr std::string_view kWithThreads = "+threads";

/// The single setting of a machine that is left alone.
class NoKnob : public PowerKnob {
   public:
    std::string_view spec() const override { return "none"; }
    std::span<const PowerSetting> settings() const override { return settings_; }
    void apply(std::size_t setting) override { (void)settings_.at(setting); }

   private:
    std::vector<PowerSetting> settings_{{"default", std::nullopt}};
};

/// The selected values, ascending and without repetitions; `known` if none is selected.
std::vector<double> selected(const Selection& selection, SettingsSelection::Unit unit,
                             std::vector<double> known, std::string_view remedy) {
    if (!selection) {
        return known;
    }
    if (selection->unit != unit || selection->values.empty()) {
        throw RequestError(fmt::format("--settings {}: {}", selection->text, remedy));
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
                "--settings {}: {}W is outside the range of emulated:{}, above {}W and up to {}W",
                selection->text, cap_w, platform.name, platform.static_w, platform.peak_w));
        }
        if (speed_under_cap(platform, cap_w) < kLeastSpeed) {
            throw RequestError(fmt::format(
                "--settings {}: {}W leaves emulated:{} no speed; use caps well above {}W",
                selection->text, cap_w, platform.name, platform.static_w));
        }
    }
    auto knob = std::make_unique<EmulatedKnob>(platform, caps_w, "emulated:" + name_or_file);
    auto meter = std::make_unique<ModelledMeter>(platform.name, knob->power());
    return {std::move(knob), std::move(meter), to_json(platform), ""};
}

Platform open_quota(const Selection& selection, std::string_view device) {
    const std::vector<double> shares =
        selected(selection, SettingsSelection::Unit::kShare, {0.25, 0.5, 0.75, 1},
                 "settings of quota are shares of the allowed CPUs; write 25%,50%,100%");
    for (double share : shares) {
        if (share < kLeastQuotaShare || share > 1) {
            throw RequestError(fmt::format(
                "--settings {}: {:.10g}% is outside the range of quota, {:.10g}% to 100%",
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
    return {std::move(knob), first_meter(device), description.dump(), ""};
}

#ifdef ALERT_WITH_CPUFREQ
Platform open_cpufreq(const Selection& selection, std::string_view device) {
    const std::vector<CpufreqPolicy> policies = find_cpufreq_policies();
    std::vector<std::uint64_t> khz;
    if (selection) {
        for (const double hz :
             selected(selection, SettingsSelection::Unit::kHertz, {},
                      "settings of cpufreq are frequencies; write 1.2GHz,2.4GHz")) {
            khz.push_back(static_cast<std::uint64_t>(std::llround(hz / 1e3)));
            check_cpufreq_speed(policies, khz.back(), selection->text);
        }
    } else {
        khz = cpufreq_sweep_khz(policies);
    }
    check_cpufreq_permission(policies);
    nlohmann::ordered_json description = {{"kind", "cpufreq"}};
    for (const CpufreqPolicy& policy : policies) {
        description["policies"].push_back(
            {{"cpu", policy.cpu}, {"sets", policy.userspace ? "speed" : "bounds"}});
    }
    if (const auto boost = cpufreq_boost()) {
        description["boost"] = *boost;
    }
    return {std::make_unique<CpufreqKnob>(policies, khz), first_meter(device), description.dump(),
            ""};
}
#endif

/// `why_most` explains the end of the range, if that needs an explanation.
void check_caps(const Selection& selection, std::span<const double> caps_w, double least_w,
                double most_w, std::string_view knob, std::string_view why_most = "") {
    for (double cap_w : caps_w) {
        if (cap_w < least_w || cap_w > most_w) {
            throw RequestError(fmt::format(
                "--settings {}: {:.10g}W is outside the range of {} here, {:.10g}W to {:.10g}W{}",
                selection->text, cap_w, knob, least_w, most_w, why_most));
        }
    }
}

std::string not_measured(std::string_view knob) {
    return fmt::format(
        "--power {}: energy is not measured: no meter works here; alert devices says why", knob);
}

Platform open_rapl(const Selection& selection, std::string_view device) {
    const std::vector<RaplPackage> packages = find_rapl_packages(sysfs_root());
    const RaplRange range = rapl_range(packages);
    const std::vector<double> caps_w =
        selected(selection, SettingsSelection::Unit::kWatts, rapl_sweep_w(range),
                 "settings of rapl are power caps of a package; write 40W or 40W:100W:5W");
    check_caps(selection, caps_w, range.least_w, range.most_w, "rapl",
               range.held_by.empty()
                   ? ""
                   : fmt::format("; {} limits the same package, and the lower limit wins: raise it "
                                 "first",
                                 range.held_by));
    check_rapl_permission(packages);
    nlohmann::ordered_json description = {{"kind", "rapl"}};
    for (const RaplPackage& package : packages) {
        description["packages"].push_back(
            {{"name", package.name}, {"zone", package.folder.filename().string()}});
    }
    Platform platform{nullptr, nullptr, description.dump(), ""};
    platform.meter = first_meter(device);
    if (!platform.meter) {
        platform.why = not_measured("rapl");
    }
    platform.knob = std::make_unique<RaplKnob>(packages, caps_w);
    return platform;
}

Platform open_nvml(const Selection& selection, std::string_view device) {
    const NvmlGpu gpu = nvml_gpu(device);
    const NvmlRange range = nvml_range(gpu);
    const std::vector<double> caps_w = selected(
        selection, SettingsSelection::Unit::kWatts, cap_sweep_w(range.least_w, range.most_w),
        "settings of nvml are power limits of a GPU; write 250W or 150W:350W:50W");
    check_caps(selection, caps_w, range.least_w, range.most_w, "nvml");
    check_nvml_permission(gpu);
    const nlohmann::ordered_json description = {
        {"kind", "nvml"}, {"gpu", gpu.name()}, {"uuid", gpu.uuid()}};
    Platform platform{nullptr, nullptr, description.dump(), ""};
    platform.meter = first_meter(device);
    if (!device.starts_with("cuda")) {
        platform.why = fmt::format(
            "--power nvml limits {}, but the networks run on the CPU; give --device cuda",
            gpu.name());
    } else if (!platform.meter) {
        platform.why = not_measured("nvml");
    }
    platform.knob = std::make_unique<NvmlKnob>(gpu, caps_w);
    return platform;
}

Platform open_none(const Selection& selection, std::string_view device) {
    if (selection) {
        throw RequestError(fmt::format(
            "--settings {}: --power none has no settings; leave --settings out", selection->text));
    }
    return {std::make_unique<NoKnob>(), first_meter(device), R"({"kind":"none"})", ""};
}

/// Throws RequestError if this hardware knob cannot be used; changes nothing. Separate from opening
/// it, so that `auto` does not mistake wrong --settings for a knob that does not work.
void check_knob(std::string_view spec, std::string_view device) {
    if (spec == "nvml") {
        const NvmlGpu gpu = nvml_gpu(device);
        nvml_range(gpu);
        check_nvml_permission(gpu);
    }
    if (spec == "rapl") {
        const std::vector<RaplPackage> packages = find_rapl_packages(sysfs_root());
        rapl_range(packages);
        check_rapl_permission(packages);
    }
#ifdef ALERT_WITH_CPUFREQ
    if (spec == "cpufreq") {
        check_cpufreq_permission(find_cpufreq_policies());
    }
#endif
}

/// The knobs that affect this device, in the order in which `auto` tries them.
std::span<const char* const> knobs_for(std::string_view device) {
    if (device.starts_with("cuda")) {
        return kGpuKnobs;
    }
    return kProcessorKnobs;
}

/// 1, 2, 4, ... up to the CPUs that this process may use.
std::vector<int> thread_sweep(int cpus) {
    std::vector<int> threads;
    for (int some = 1; some < cpus; some *= 2) {
        threads.push_back(some);
    }
    threads.push_back(cpus);
    return threads;
}

std::vector<int> selected_threads(const Selection& selection) {
    const int cpus = allowed_threads(sysfs_root(), own_groups());
    if (!selection || selection->threads.empty()) {
        return thread_sweep(cpus);
    }
    const int most = selection->threads.back();
    if (most > cpus) {
        throw RequestError(
            fmt::format("--settings {}: {} threads are more than the {} {} that this program may "
                        "use (its affinity and CPU quota); write {}t at most",
                        selection->text, most, cpus, cpus == 1 ? "CPU" : "CPUs", cpus));
    }
    return selection->threads;
}

Platform open_joined(std::string_view base, const Selection& selection, std::string_view device,
                     Engine* engine) {
    const std::vector<int> threads = selected_threads(selection);
    Selection base_selection;
    if (selection && !selection->values.empty()) {
        base_selection = selection;
        base_selection->threads.clear();
    }
    Platform platform = open_platform(base, base_selection, device);
    if (platform.knob->settings().front().emulated) {
        throw RequestError(
            fmt::format("--power {}{}: settings of {} are computed from one another, which is not "
                        "possible for threads; "
                        "write --power none{} to choose threads alone",
                        base, kWithThreads, platform.knob->spec(), kWithThreads));
    }
    platform.knob = std::make_unique<JoinedKnob>(std::move(platform.knob), threads, *engine);
    return platform;
}

Platform open_automatic(const Selection& selection, std::string_view device) {
    const auto energy = [](const Platform& platform) {
        return platform.meter ? platform.meter->source() : "not measured";
    };
    std::string failed;
    for (const char* knob : knobs_for(device)) {
        try {
            check_knob(knob, device);
        } catch (const RequestError&) {
            failed += (failed.empty() ? "" : ", ") + std::string(knob);
            continue;
        }
        Platform platform = open_platform(knob, selection, device);
        platform.why = fmt::format("--power auto chose {}, the first that works here; energy is {}",
                                   knob, energy(platform));
        return platform;
    }
    Platform platform = open_emulated(std::string(kDefaultPlatform), selection);
    platform.why = fmt::format(
        "--power auto chose {}: no hardware knob works here (tried {}; alert devices says why); "
        "energy is {}",
        platform.knob->spec(), failed, energy(platform));
    return platform;
}

}  // namespace

bool joins_threads(std::string_view spec) {
    return spec.ends_with(kWithThreads);
}

Platform open_platform(std::string_view spec, const Selection& selection, std::string_view device,
                       Engine* engine) {
    constexpr std::string_view kEmulated = "emulated:";
    if (joins_threads(spec)) {
        return open_joined(spec.substr(0, spec.size() - kWithThreads.size()), selection, device,
                           engine);
    }
    if (selection && !selection->threads.empty()) {
        throw RequestError(
            fmt::format("--settings {}: --power {} has no threads; write --power {}{}",
                        selection->text, spec, spec, kWithThreads));
    }
    if (spec == "auto") {
        return open_automatic(selection, device);
    }
    if (spec == "rapl") {
        return open_rapl(selection, device);
    }
    if (spec == "nvml") {
        return open_nvml(selection, device);
    }
#ifdef ALERT_WITH_CPUFREQ
    if (spec == "cpufreq") {
        return open_cpufreq(selection, device);
    }
#endif
    if (spec == "emulated") {
        return open_emulated(std::string(kDefaultPlatform), selection);
    }
    if (spec.starts_with(kEmulated)) {
        return open_emulated(std::string(spec.substr(kEmulated.size())), selection);
    }
    if (spec == "quota") {
        return open_quota(selection, device);
    }
    if (spec == "none") {
        return open_none(selection, device);
    }
    throw RequestError(fmt::format(
        "--power {}: {}; write auto, rapl, cpufreq, nvml, emulated[:NAME|FILE], quota or none; "
        "KNOB+threads, such as rapl+threads, varies the number of threads, too",
        spec, spec == "cpufreq" ? "this build does not have it" : "there is no such power knob"));
}

}  // namespace alert
