#include "profiler/power/cpufreq.h"

#include <cpufreq.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <memory>
#include <utility>

#include "alert/error.h"
#include "profiler/clock.h"

namespace alert {

namespace fs = std::filesystem;

namespace {

constexpr double kSweepSteps = 7;
constexpr std::uint64_t kWhole_khz = 100'000;  // frequencies of a sweep are multiples of it
constexpr double kSettle_s = 0.02;             // longest time until a new frequency is visible

std::string governor_of(const CpufreqPolicy& policy) {
    return read_value(policy.folder / "scaling_governor").value_or("");
}

std::vector<std::uint64_t> table_of(unsigned cpu) {
    const std::unique_ptr<cpufreq_available_frequencies,
                          decltype(&cpufreq_put_available_frequencies)>
        table(cpufreq_get_available_frequencies(cpu), cpufreq_put_available_frequencies);
    std::vector<std::uint64_t> khz;
    for (const auto* step = table.get(); step != nullptr; step = step->next) {
        khz.push_back(step->frequency);
    }
    std::sort(khz.begin(), khz.end());
    return khz;
}

bool has_userspace(unsigned cpu) {
    const std::unique_ptr<cpufreq_available_governors, decltype(&cpufreq_put_available_governors)>
        governors(cpufreq_get_available_governors(cpu), cpufreq_put_available_governors);
    for (const auto* governor = governors.get(); governor != nullptr; governor = governor->next) {
        if (std::string_view(governor->governor) == "userspace") {
            return true;
        }
    }
    return false;
}

/// The CPU itself if the kernel names no others.
unsigned first_related(unsigned cpu) {
    const std::unique_ptr<cpufreq_affected_cpus, decltype(&cpufreq_put_related_cpus)> related(
        cpufreq_get_related_cpus(cpu), cpufreq_put_related_cpus);
    unsigned first = cpu;
    for (const auto* other = related.get(); other != nullptr; other = other->next) {
        first = std::min(first, other->cpu);
    }
    return first;
}

// scaling_setspeed counts only under the governor userspace; otherwise it reads "<unsupported>".
// The lower bound must never be above the upper one.
std::vector<RestoreAction> way_back(std::span<const CpufreqPolicy> policies) {
    std::vector<RestoreAction> actions;
    for (const CpufreqPolicy& policy : policies) {
        std::vector<std::string_view> files = {"scaling_min_freq", "scaling_max_freq"};
        if (policy.userspace) {
            files.push_back("scaling_governor");
            if (governor_of(policy) == "userspace") {
                files.push_back("scaling_setspeed");
            }
        }
        for (const std::string_view name : files) {
            const fs::path file = policy.folder / name;
            const auto value = read_value(file);
            if (!value) {
                throw Error(fmt::format("{}: {}", file.string(), std::strerror(errno)));
            }
            const fs::path most = policy.folder / "scaling_max_freq";
            actions.push_back(
                {file.string(), *value, name == "scaling_min_freq" ? most.string() : ""});
        }
    }
    return actions;
}

// libcpufreq does not reset errno, so only reading back shows whether a call succeeded.
template <class Call>
std::string attempted(Call call) {
    errno = 0;
    return call() == 0 || errno == 0 ? "" : fmt::format(" ({})", std::strerror(errno));
}

[[noreturn]] void did_not_take(std::uint64_t khz, const fs::path& file, std::uint64_t current_khz,
                               std::string_view failure) {
    throw Error(fmt::format(
        "--power cpufreq: {} did not take: {} is at {}{}; the driver, the firmware or another "
        "program limits it",
        cpufreq_name(khz), file.string(), cpufreq_name(current_khz), failure));
}

}  // namespace

std::string cpufreq_name(std::uint64_t khz) {
    const auto value = static_cast<double>(khz);
    return khz >= 1'000'000 ? fmt::format("{:.10g}GHz", value / 1e6)
                            : fmt::format("{:.10g}MHz", value / 1e3);
}

std::vector<CpufreqPolicy> find_cpufreq_policies() {
    std::vector<CpufreqPolicy> policies;
    const auto cpus = static_cast<unsigned>(std::max(1L, sysconf(_SC_NPROCESSORS_CONF)));
    for (unsigned cpu = 0; cpu < cpus; ++cpu) {
        unsigned long least = 0, most = 0;
        if (first_related(cpu) != cpu || cpufreq_get_hardware_limits(cpu, &least, &most) != 0) {
            continue;
        }
        auto table = table_of(cpu);
        const bool userspace = !table.empty() && has_userspace(cpu);
        policies.push_back({.cpu = cpu,
                            .folder = fmt::format("/sys/devices/system/cpu/cpu{}/cpufreq", cpu),
                            .least_khz = least,
                            .most_khz = most,
                            .table_khz = std::move(table),
                            .userspace = userspace});
        if (userspace) {  // the kernel would clamp a frequency to the bounds in force
            auto& found = policies.back();
            found.least_khz = read_number(found.folder / "scaling_min_freq").value_or(least);
            found.most_khz = read_number(found.folder / "scaling_max_freq").value_or(most);
        }
    }
    if (policies.empty()) {
        throw RequestError(
            "--power cpufreq: no CPU below /sys/devices/system/cpu has frequencies to set; load "
            "the kernel's cpufreq driver (virtual machines and containers usually have none)");
    }
    return policies;
}

void check_cpufreq_speed(std::span<const CpufreqPolicy> policies, std::uint64_t khz,
                         std::string_view text) {
    for (const CpufreqPolicy& policy : policies) {
        if (khz < policy.least_khz || khz > policy.most_khz) {
            throw RequestError(
                fmt::format("--settings {}: {} is outside the range of cpufreq here, "
                            "{} to {}",
                            text, cpufreq_name(khz), cpufreq_name(policy.least_khz),
                            cpufreq_name(policy.most_khz)));
        }
        const auto& table = policy.table_khz;
        if (!table.empty() && std::find(table.begin(), table.end(), khz) == table.end()) {
            std::string steps;
            for (const std::uint64_t step : table) {
                steps += (steps.empty() ? "" : ",") + cpufreq_name(step);
            }
            throw RequestError(fmt::format("--settings {}: {} is not a step of CPU {}; write of {}",
                                           text, cpufreq_name(khz), policy.cpu, steps));
        }
    }
}

std::vector<std::uint64_t> cpufreq_sweep_khz(std::span<const CpufreqPolicy> policies) {
    std::uint64_t least = 0, most = UINT64_MAX;
    for (const CpufreqPolicy& policy : policies) {
        least = std::max(least, policy.least_khz);
        most = std::min(most, policy.most_khz);
    }
    std::vector<std::uint64_t> khz;
    if (!policies.front().table_khz.empty()) {
        for (const std::uint64_t step : policies.front().table_khz) {
            const bool everywhere =
                std::all_of(policies.begin(), policies.end(), [&](const CpufreqPolicy& policy) {
                    const auto& table = policy.table_khz;
                    return std::find(table.begin(), table.end(), step) != table.end();
                });
            if (everywhere && step >= least && step <= most) {
                khz.push_back(step);
            }
        }
        return khz;
    }
    const double step = static_cast<double>(most - least) / kSweepSteps;
    for (int i = 0; i <= kSweepSteps; ++i) {
        const double at = static_cast<double>(least) + i * step;
        const auto whole = static_cast<std::uint64_t>(std::llround(at / kWhole_khz)) * kWhole_khz;
        const std::uint64_t inside = std::clamp(whole, least, most);
        if (khz.empty() || inside > khz.back()) {
            khz.push_back(inside);
        }
    }
    return khz;
}

void check_cpufreq_permission(std::span<const CpufreqPolicy> policies) {
    for (const CpufreqPolicy& policy : policies) {
        std::vector<const char*> files = {"scaling_min_freq", "scaling_max_freq"};
        if (policy.userspace) {
            files = {"scaling_governor", "scaling_setspeed"};
        }
        for (const char* name : files) {
            const fs::path file = policy.folder / name;
            if (access(file.c_str(), W_OK) != 0) {
                const int failure = errno;
                throw RequestError(fmt::format(
                    "--power cpufreq: {}: {}; {}", file.string(), std::strerror(failure),
                    failure == EROFS ? "/sys is read-only here; run on the host"
                                     : "run as root, or install "
                                       "scripts/power/alert-cpufreq.conf"));
            }
        }
    }
}

std::optional<bool> cpufreq_boost() {
    const fs::path cpus = "/sys/devices/system/cpu";
    if (const auto no_turbo = read_number(cpus / "intel_pstate/no_turbo")) {
        return *no_turbo == 0;
    }
    if (const auto boost = read_number(cpus / "cpufreq/boost")) {
        return *boost != 0;
    }
    return std::nullopt;
}

CpufreqKnob::CpufreqKnob(std::span<const CpufreqPolicy> policies,
                         std::span<const std::uint64_t> khz)
    : khz_(khz.begin(), khz.end()), guardian_("--power cpufreq", way_back(policies)) {
    for (const std::uint64_t speed : khz) {
        settings_.push_back({cpufreq_name(speed), std::nullopt});
    }
    for (const CpufreqPolicy& policy : policies) {
        policies_.push_back({policy, NumberFile(policy.folder / "scaling_min_freq"),
                             NumberFile(policy.folder / "scaling_max_freq"), std::nullopt});
    }
}

bool CpufreqKnob::in_force(const Policy& policy, std::uint64_t khz) const {
    if (policy.found.userspace) {
        return governor_of(policy.found) == "userspace" &&
               read_number(policy.found.folder / "scaling_setspeed") == khz;
    }
    return policy.least.read() == khz && policy.most.read() == khz;
}

void CpufreqKnob::detect_external_change(Policy& policy) {
    if (policy.taken_khz && !in_force(policy, *policy.taken_khz)) {
        external_change_ = fmt::format(
            "--power cpufreq: another program changed the frequency of CPU {} from {} (the "
            "governor is {}, {} to {} are allowed)",
            policy.found.cpu, cpufreq_name(*policy.taken_khz), governor_of(policy.found),
            cpufreq_name(policy.least.read()), cpufreq_name(policy.most.read()));
        policy.taken_khz.reset();
    }
}

std::optional<std::string> CpufreqKnob::external_change() {
    for (Policy& policy : policies_) {
        detect_external_change(policy);
    }
    return std::exchange(external_change_, std::nullopt);
}

// The write succeeds even if the driver fails. Only the hardware's own frequency shows that, and
// only root may read it.
void CpufreqKnob::set_speed(Policy& policy, std::uint64_t khz) const {
    const unsigned cpu = policy.found.cpu;
    char userspace[] = "userspace";
    std::string failure;
    if (governor_of(policy.found) != userspace) {
        failure = attempted([&] { return cpufreq_modify_policy_governor(cpu, userspace); });
    }
    failure += attempted([&] { return cpufreq_set_frequency(cpu, khz); });
    fs::path shown = policy.found.folder / "cpuinfo_cur_freq";
    if (!read_number(shown)) {
        shown = policy.found.folder / "scaling_setspeed";
    }
    const double give_up_s = now_s() + kSettle_s;
    while (read_number(shown) != khz && now_s() < give_up_s) {
        wait_until(now_s() + 1e-3);
    }
    const std::uint64_t now_khz = read_number(shown).value_or(0);
    if (now_khz != khz) {
        did_not_take(khz, shown, now_khz, failure);
    }
}

// The lower bound must never be above the upper one.
void CpufreqKnob::set_bounds(Policy& policy, std::uint64_t khz) const {
    const unsigned cpu = policy.found.cpu;
    const std::array bounds = {cpufreq_modify_policy_min, cpufreq_modify_policy_max};
    const std::size_t first = khz > policy.most.read() ? 1 : 0;
    std::string failure;
    for (const std::size_t bound : {first, 1 - first}) {
        failure += attempted([&] { return bounds[bound](cpu, khz); });
    }
    for (const NumberFile* bound : {&policy.least, &policy.most}) {
        if (const std::uint64_t now_khz = bound->read(); now_khz != khz) {
            did_not_take(khz, bound->path(), now_khz, failure);
        }
    }
}

void CpufreqKnob::apply(std::size_t setting) {
    const std::uint64_t khz = khz_.at(setting);
    for (Policy& policy : policies_) {
        const bool done = in_force(policy, khz);
        if (done && policy.taken_khz == khz) {
            continue;
        }
        detect_external_change(policy);
        if (done) {
            policy.taken_khz = khz;
            continue;
        }
        policy.taken_khz.reset();
        policy.found.userspace ? set_speed(policy, khz) : set_bounds(policy, khz);
        policy.taken_khz = khz;
    }
}

std::string CpufreqKnob::current_setting() const {
    const Policy& first = policies_.front();
    if (first.found.userspace) {
        const auto now = read_number(first.found.folder / "cpuinfo_cur_freq");
        const auto set = read_number(first.found.folder / "scaling_setspeed");
        return now ? cpufreq_name(*now) : set ? cpufreq_name(*set) : governor_of(first.found);
    }
    const std::uint64_t least = first.least.read(), most = first.most.read();
    return least == most ? cpufreq_name(most)
                         : fmt::format("{}:{}", cpufreq_name(least), cpufreq_name(most));
}

}  // namespace alert
