#include "cli/jobs/devices.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "alert/error.h"
#include "cli/text/units.h"
#include "profiler/meter/find_meter.h"
#include "profiler/power/cap_sweep.h"
#include "profiler/power/cpufreq.h"
#include "profiler/power/emulated.h"
#include "profiler/power/interfering_daemons.h"
#include "profiler/power/nvml.h"
#include "profiler/power/platform.h"
#include "profiler/power/quota.h"
#include "profiler/power/rapl.h"
#include "profiler/power/sysfs.h"
#include "profiler/workload/stress_ng.h"

namespace alert::cli {

namespace {

constexpr double kWatchMeter_s = 0.5;

std::string watts(double power_w) {
    return flag_text(power_w, Dimension::kPower);
}

/// "40W:100W:5W" where the steps are even, else "40W,60W,61W".
std::string caps_text(const std::vector<double>& caps_w) {
    const double step_w = caps_w.size() > 2 ? caps_w[1] - caps_w[0] : 0;
    bool even = caps_w.size() > 2;
    std::vector<std::string> names;
    for (std::size_t i = 0; i < caps_w.size(); ++i) {
        even = even && (i == 0 || std::abs(caps_w[i] - caps_w[i - 1] - step_w) < 1e-9);
        names.push_back(watts(caps_w[i]));
    }
    return even ? fmt::format("{}:{}:{}", names.front(), names.back(), watts(step_w))
                : fmt::format("{}", fmt::join(names, ","));
}

void set_range(Offer& offer, double least_w, double most_w) {
    offer.least_w = least_w;
    offer.most_w = most_w;
    offer.range = fmt::format("{} to {}", watts(least_w), watts(most_w));
}

/// Fills in what `look` finds before it throws; what it throws is the reason that it does not work.
template <class Look>
Offer looked_at(std::string kind, std::string name, Look look) {
    Offer offer{.kind = std::move(kind), .name = std::move(name)};
    try {
        look(offer);
        offer.works = true;
    } catch (const Error& error) {
        offer.remedy = error.what();
        const std::string named = fmt::format("--power {}: ", offer.name);
        if (offer.remedy.starts_with(named)) {
            offer.remedy.erase(0, named.size());
        }
    }
    return offer;
}

void look_at_rapl(Offer& offer) {
    const auto packages = find_rapl_packages(sysfs_root());
    const RaplRange range = rapl_range(packages);
    offer.covers = describe(packages);
    std::vector<std::string> limits, twins;
    for (const RaplPackage& package : packages) {
        limits.push_back(watts(package.long_term->limit_w));
        if (package.twin_long_term) {
            twins.push_back(fmt::format("{} at {}", package.twin.filename().string(),
                                        watts(package.twin_long_term->limit_w)));
        }
    }
    offer.other_limit = fmt::format("{}", fmt::join(twins, ", "));
    if (std::count(limits.begin(), limits.end(), limits.front()) == std::ssize(limits)) {
        limits.resize(1);
        offer.current_w = packages.front().long_term->limit_w;
    }
    offer.current = fmt::format("{}", fmt::join(limits, ","));
    set_range(offer, range.least_w, range.most_w);
    offer.step_w = kRaplStep_w;
    offer.settings = caps_text(rapl_sweep_w(range));
    check_rapl_permission(packages);
}

#ifdef ALERT_WITH_CPUFREQ
void look_at_cpufreq(Offer& offer) {
    const auto policies = find_cpufreq_policies();
    const auto khz = cpufreq_sweep_khz(policies);
    if (!khz.empty()) {
        offer.least_hz = 1e3 * static_cast<double>(khz.front());
        offer.most_hz = 1e3 * static_cast<double>(khz.back());
        offer.range = fmt::format("{} to {}", cpufreq_name(khz.front()), cpufreq_name(khz.back()));
        std::vector<std::string> names;
        names.reserve(khz.size());
        for (const std::uint64_t speed : khz) {
            names.push_back(cpufreq_name(speed));
        }
        offer.settings = fmt::format("{}", fmt::join(names, ","));
    }
    const auto boost = cpufreq_boost();
    offer.covers =
        fmt::format("{} {}{}", policies.size(), policies.size() == 1 ? "policy" : "policies",
                    boost ? (*boost ? ", boost on" : ", boost off") : "");
    const auto& folder = policies.front().folder;
    offer.current =
        fmt::format("{}, {} to {}", read_value(folder / "scaling_governor").value_or(""),
                    cpufreq_name(read_number(folder / "scaling_min_freq").value_or(0)),
                    cpufreq_name(read_number(folder / "scaling_max_freq").value_or(0)));
    check_cpufreq_permission(policies);
}
#endif

void look_at_nvml(Offer& offer) {
    const NvmlGpu gpu = nvml_gpu("cuda");
    offer.covers = fmt::format("{} ({})", gpu.name(), gpu.uuid());
    const NvmlRange range = nvml_range(gpu);
    set_range(offer, range.least_w, range.most_w);
    offer.settings = caps_text(cap_sweep_w(range.least_w, range.most_w));
    offer.current_w = 1e-3 * gpu.limit_mw();
    offer.current = watts(*offer.current_w);
    offer.covers += fmt::format(", default {}", watts(1e-3 * gpu.default_limit_mw()));
    if (!may_set_nvml_limits()) {
        throw RequestError(
            "only root may set limits: run as root (in a container: with the capability "
            "SYS_ADMIN)");
    }
}

void look_at_quota(Offer& offer) {
    offer.settings = "25%,50%,75%,100%";
    offer.range = fmt::format("{:.10g}% to 100%", kLeastQuotaShare * 100);
    const CpuGroup group = find_cpu_group(sysfs_root(), own_groups());
    offer.current = fmt::format("{:.4g} CPUs", allowed_cpus(group));
    check_quota_permission(group);
}

void add_emulated(std::vector<Offer>& knobs) {
    for (const std::string& name : builtin_platform_names()) {
        const EmulatedPlatform platform = load_emulated_platform(name);
        knobs.push_back({.kind = "knob",
                         .name = "emulated:" + name,
                         .works = true,
                         .settings = caps_text(platform.settings_w),
                         .range = fmt::format("above {} to {}", watts(platform.static_w),
                                              watts(platform.peak_w)),
                         .least_w = platform.static_w,
                         .most_w = platform.peak_w});
    }
}

std::vector<Offer> look_at_knobs() {
    std::vector<Offer> knobs = {looked_at("knob", "rapl", look_at_rapl)};
#ifdef ALERT_WITH_CPUFREQ
    knobs.push_back(looked_at("knob", "cpufreq", look_at_cpufreq));
#endif
    knobs.push_back(looked_at("knob", "nvml", look_at_nvml));
    add_emulated(knobs);
    knobs.push_back(looked_at("knob", "quota", look_at_quota));
    knobs.push_back({.kind = "knob", .name = "none", .works = true, .settings = "default"});
    for (const InterferingDaemon& daemon : find_interfering_daemons()) {
        for (Offer& knob : knobs) {
            if (std::find(daemon.knobs.begin(), daemon.knobs.end(), knob.name) !=
                daemon.knobs.end()) {
                knob.interfering_daemons +=
                    fmt::format("{}{} (process {})", knob.interfering_daemons.empty() ? "" : ", ",
                                daemon.name, daemon.pid);
            }
        }
    }
    return knobs;
}

/// Notes which knobs changed between two looks.
void note_changes(std::vector<Offer>& before, const std::vector<Offer>& after) {
    for (std::size_t i = 0; i < before.size(); ++i) {
        if (before[i].current != after[i].current) {
            before[i].external_change =
                fmt::format("from {} to {}", before[i].current, after[i].current);
        }
    }
}

Offer meter_offer(const MeterOffer& found) {
    Offer offer{.kind = "meter",
                .name = found.source,
                .works = found.meter != nullptr,
                .remedy = found.remedy,
                .covers = found.covers};
    if (found.meter) {
        const auto seen_s = seen_resolution_s(*found.meter, kWatchMeter_s);
        offer.resolution_s = seen_s.value_or(found.meter->resolution_s());
        offer.resolution_source = seen_s                              ? "observed"
                                  : found.meter->resolution_assumed() ? "assumed"
                                                                      : "documented";
    }
    return offer;
}

std::vector<Offer> look_at_meters() {
    std::vector<Offer> meters;
    for (const MeterOffer& found : find_meters()) {
        meters.push_back(meter_offer(found));
    }
    for (const std::string& name : builtin_platform_names()) {
        meters.push_back({.kind = "meter",
                          .name = "modelled:" + name,
                          .works = true,
                          .covers = "a model: nothing is measured"});
    }
    return meters;
}

Offer look_at_stress_ng() {
    return looked_at("co-runner", "stress-ng", [](Offer& offer) {
        offer.covers = find_stress_ng().string();
        if (offer.covers.empty()) {
            throw Error("not installed; apt-get install stress-ng");
        }
    });
}

}  // namespace

Devices look_around() {
    Devices devices{.knobs = look_at_knobs(),
                    .meters = look_at_meters(),
                    .co_runners = {look_at_stress_ng()},
                    .automatic = {},
                    .automatic_why = {}};
    note_changes(devices.knobs, look_at_knobs());
    try {
        const Platform automatic = open_platform("auto", {}, "cpu");
        devices.automatic = automatic.knob->spec();
        devices.automatic_why = automatic.why;
    } catch (const Error& error) {  // another alert holds the knob, or left it changed
        devices.automatic_why = error.what();
    }
    return devices;
}

}  // namespace alert::cli
