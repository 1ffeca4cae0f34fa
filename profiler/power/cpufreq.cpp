#include "profiler/power/cpufreq.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <thread>
#include <utility>

#include "core/error.h"
#include "profiler/clock.h"
#include "profiler/power/cpufreq_library.h"

namespace alert {

namespace {

/// Without a table drivers may round to their bus clock's multiples.
constexpr unsigned long kHalfStep_khz = 50'000;
/// Hardware that measures its speed says nearly the one that was set.
constexpr double kNearly = 0.05;
/// How long a speed may take to show.
constexpr double kSettle_s = 0.05;

std::string khz_text(unsigned long khz) {
    return frequency_text(1e3 * static_cast<double>(khz));
}

unsigned long distance(unsigned long a, unsigned long b) {
    return std::max(a, b) - std::min(a, b);
}

/// As it was found. The lower bound first goes as low as the hardware does, so that no bound
/// crosses the other; the speed comes after the governor that takes it.
std::vector<RestoreAction> way_back(std::span<const CpufreqPolicy> policies) {
    std::vector<RestoreAction> actions;
    for (const CpufreqPolicy& policy : policies) {
        const auto file = [&](const char* name) { return (policy.folder / name).string(); };
        const auto number = [&](const char* name) {
            return std::to_string(NumberFile(policy.folder / name).read());
        };
        actions.push_back({file("scaling_min_freq"), std::to_string(policy.least_khz)});
        actions.push_back({file("scaling_max_freq"), number("scaling_max_freq")});
        actions.push_back({file("scaling_min_freq"), number("scaling_min_freq")});
        if (policy.sets_speed) {
            actions.push_back({file("scaling_governor"), policy.governor});
            if (policy.governor == "userspace") {
                actions.push_back({file("scaling_setspeed"), number("scaling_setspeed")});
            }
        }
    }
    return actions;
}

void must(int failure, const CpufreqPolicy& policy, const char* file, unsigned long khz) {
    if (failure != 0) {
        throw Error(fmt::format("--power cpufreq: {} was refused by {}: {}{}", khz_text(khz),
                                (policy.folder / file).string(), std::strerror(failure),
                                cpufreq_mend(failure)));
    }
}

}  // namespace

CpufreqKnob::Bounds CpufreqKnob::Control::bounds() const {
    return {static_cast<unsigned long>(least.read()), static_cast<unsigned long>(most.read())};
}

CpufreqKnob::Bounds CpufreqKnob::Control::stands() const {
    if (!speed) {
        return bounds();
    }
    try {
        const auto khz = static_cast<unsigned long>(speed->read());
        return {khz, khz};
    } catch (const Error&) {
        return {0, 0};
    }
}

CpufreqKnob::CpufreqKnob(std::span<const CpufreqPolicy> policies, std::span<const double> speeds_hz)
    : speeds_hz_(speeds_hz.begin(), speeds_hz.end()),
      guardian_("--power cpufreq", way_back(policies)) {
    settings_.reserve(speeds_hz_.size());
    for (const double hz : speeds_hz_) {
        settings_.push_back({frequency_text(hz), std::nullopt});
    }
    controls_.reserve(policies.size());
    for (const CpufreqPolicy& policy : policies) {
        controls_.push_back({policy,
                             NumberFile(policy.folder / "scaling_min_freq"),
                             NumberFile(policy.folder / "scaling_max_freq"),
                             {},
                             {}});
        if (policy.sets_speed) {
            controls_.back().speed.emplace(policy.folder / "scaling_setspeed");
        }
    }
}

void CpufreqKnob::look(Control& control) {
    const Bounds now = control.stands();
    if (!control.taken || *control.taken == now) {
        return;
    }
    const std::string stands =
        now.most_khz == 0 ? fmt::format("the governor {}",
                                        read_value(control.policy.folder / "scaling_governor")
                                            .value_or("of nobody knows"))
        : now.least_khz == now.most_khz
            ? khz_text(now.most_khz)
            : fmt::format("{} to {}", khz_text(now.least_khz), khz_text(now.most_khz));
    drift_ = fmt::format(
        "--power cpufreq: another program (tuned, power-profiles-daemon, the firmware?) moved {} "
        "from {} to {}",
        control.policy.folder.string(), khz_text(control.taken->most_khz), stands);
    control.taken.reset();
}

std::optional<std::string> CpufreqKnob::drift() {
    for (Control& control : controls_) {
        look(control);
    }
    return std::exchange(drift_, std::nullopt);
}

void CpufreqKnob::set_bounds(const Control& control, Bounds wanted) {
    const auto least = [&] {
        must(cpufreq::set_least(control.cpu(), wanted.least_khz), control.policy,
             "scaling_min_freq", wanted.least_khz);
    };
    const auto most = [&] {
        must(cpufreq::set_most(control.cpu(), wanted.most_khz), control.policy, "scaling_max_freq",
             wanted.most_khz);
    };
    // The one that makes room comes first.
    const Bounds now = control.bounds();
    if (wanted.least_khz > now.most_khz) {
        most();
        least();
        return;
    }
    if (wanted.least_khz != now.least_khz) {
        least();
    }
    if (wanted.most_khz != now.most_khz) {
        most();
    }
}

void CpufreqKnob::did_not_take(const Control& control, unsigned long khz) {
    const Bounds now = control.stands();
    const unsigned long hardware_khz = cpufreq::hardware_speed_khz(control.cpu());
    const Bounds bounds = control.bounds();
    throw Error(fmt::format(
        "--power cpufreq: {} did not take: {} stands at {}{}{}; the driver or the firmware ignores "
        "it, or another program moves it",
        khz_text(khz), control.policy.folder.string(),
        now.most_khz == 0 ? "another governor" : khz_text(now.most_khz),
        control.speed && hardware_khz > 0
            ? fmt::format(", the hardware runs at {}", khz_text(hardware_khz))
            : "",
        fmt::format(", its bounds are {} to {}", khz_text(bounds.least_khz),
                    khz_text(bounds.most_khz))));
}

void CpufreqKnob::set(Control& control, unsigned long khz) {
    const CpufreqPolicy& policy = control.policy;
    const auto takes = [&] {
        const Bounds now = control.stands();
        const unsigned long slack_khz = policy.steps_khz.empty() ? kHalfStep_khz : 0;
        if (distance(now.least_khz, khz) > slack_khz || distance(now.most_khz, khz) > slack_khz) {
            return false;
        }
        const unsigned long hardware_khz =
            control.speed ? cpufreq::hardware_speed_khz(control.cpu()) : 0;
        return hardware_khz == 0 || static_cast<double>(distance(hardware_khz, khz)) <=
                                        kNearly * static_cast<double>(khz);
    };
    if (control.speed) {
        set_bounds(control, {policy.least_khz, policy.most_khz});
        must(cpufreq::set_speed(control.cpu(), khz), policy, "scaling_setspeed", khz);
    } else {
        set_bounds(control, {khz, khz});
    }
    const double give_up_s = now_s() + kSettle_s;
    while (!takes()) {
        if (now_s() > give_up_s) {
            did_not_take(control, khz);
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    control.taken = control.stands();
}

void CpufreqKnob::apply(std::size_t setting) {
    const double hz = speeds_hz_.at(setting);
    for (Control& control : controls_) {
        look(control);
        const unsigned long khz = control.policy.target_khz(hz);
        const Bounds wanted{khz, khz};
        const bool stands =
            control.taken ? distance(control.taken->most_khz, khz) <=
                                (control.policy.steps_khz.empty() ? kHalfStep_khz : 0)
                          : control.stands() == wanted && !control.speed;
        if (!stands) {
            set(control, khz);
        }
    }
}

std::string CpufreqKnob::standing() const {
    std::string all;
    std::string last;
    for (const Control& control : controls_) {
        const Bounds now = control.stands();
        std::string one = now.least_khz == now.most_khz
                              ? khz_text(now.most_khz)
                              : khz_text(now.least_khz) + ":" + khz_text(now.most_khz);
        if (one != last) {
            all += (all.empty() ? "" : ",") + one;
        }
        last = std::move(one);
    }
    return all;
}

}  // namespace alert
