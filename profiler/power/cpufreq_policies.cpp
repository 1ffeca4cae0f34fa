#include "profiler/power/cpufreq_policies.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>
#include <set>

#include "core/error.h"
#include "profiler/power/cpufreq_library.h"
#include "profiler/power/sysfs.h"

namespace alert {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kCpus = "/sys/devices/system/cpu";
constexpr std::string_view kNone =
    "no CPU has cpufreq (virtual machines and containers usually have none); on bare metal load a "
    "driver (acpi-cpufreq, or intel_pstate and amd_pstate by the kernel's command line)";
constexpr double kKilo = 1e3;
constexpr double kRound_hz = 1e8;
constexpr std::size_t kSweepSettings = 8;

/// The number in "cpu12".
std::optional<unsigned> cpu_number(const std::string& name) {
    constexpr std::string_view kPrefix = "cpu";
    unsigned number = 0;
    const char* end = name.data() + name.size();
    if (!name.starts_with(kPrefix)) {
        return std::nullopt;
    }
    const auto [stop, failure] = std::from_chars(name.data() + kPrefix.size(), end, number);
    return failure == std::errc() && stop == end ? std::optional(number) : std::nullopt;
}

/// CPUs with cpufreq, ascending.
std::set<unsigned> cpus_with_cpufreq() {
    std::set<unsigned> cpus;
    std::error_code failure;
    for (const auto& entry : fs::directory_iterator(kCpus, failure)) {
        const auto cpu = cpu_number(entry.path().filename().string());
        if (cpu && fs::is_directory(entry.path() / "cpufreq", failure)) {
            cpus.insert(*cpu);
        }
    }
    return cpus;
}

CpufreqPolicy policy_of(unsigned cpu) {
    CpufreqPolicy policy;
    policy.cpus = cpufreq::related_cpus(cpu);
    const fs::path own = fs::path(kCpus) / fmt::format("cpu{}", cpu) / "cpufreq";
    std::error_code failure;
    policy.folder = fs::canonical(own, failure);
    if (failure) {
        policy.folder = own;
    }
    policy.driver = cpufreq::driver(cpu);
    policy.governor = read_value(policy.folder / "scaling_governor").value_or("");
    const cpufreq::Limits limits = cpufreq::hardware_limits(cpu);
    policy.least_khz = limits.least_khz;
    policy.most_khz = limits.most_khz;
    policy.steps_khz = cpufreq::steps_khz(cpu);
    policy.sets_speed = !policy.steps_khz.empty() && cpufreq::offers_governor(cpu, "userspace");
    return policy;
}

std::string list_text(std::span<const double> values_hz) {
    std::vector<std::string> names;
    names.reserve(values_hz.size());
    for (const double hz : values_hz) {
        names.push_back(frequency_text(hz));
    }
    return fmt::format("{}", fmt::join(names, ","));
}

std::vector<const char*> changed_files(const CpufreqPolicy& policy) {
    if (policy.sets_speed) {
        return {"scaling_governor", "scaling_min_freq", "scaling_max_freq", "scaling_setspeed"};
    }
    return {"scaling_min_freq", "scaling_max_freq"};
}

}  // namespace

bool cpufreq_available() {
    return cpufreq::available();
}

unsigned long CpufreqPolicy::target_khz(double hz) const {
    const auto khz =
        std::clamp(static_cast<unsigned long>(std::llround(hz / kKilo)), least_khz, most_khz);
    const auto above = std::upper_bound(steps_khz.begin(), steps_khz.end(), khz);
    if (steps_khz.empty()) {
        return khz;
    }
    return above == steps_khz.begin() ? *above : *(above - 1);
}

std::vector<CpufreqPolicy> find_cpufreq_policies() {
    std::vector<CpufreqPolicy> policies;
    if (!cpufreq_available()) {
        return policies;
    }
    std::set<unsigned> left = cpus_with_cpufreq();
    while (!left.empty()) {
        CpufreqPolicy policy = policy_of(*left.begin());
        left.erase(left.begin());
        for (const unsigned cpu : policy.cpus) {
            left.erase(cpu);
        }
        if (policy.least_khz > 0 && policy.least_khz <= policy.most_khz) {
            policies.push_back(std::move(policy));
        }
    }
    return policies;
}

CpufreqRange cpufreq_range(std::span<const CpufreqPolicy> policies) {
    if (!cpufreq_available()) {
        throw RequestError(
            "--power cpufreq: this build has no libcpufreq; install libcpufreq-dev and build with "
            "-DALERT_WITH_CPUFREQ=ON");
    }
    if (policies.empty()) {
        throw RequestError(fmt::format("--power cpufreq: {}; or use --power emulated", kNone));
    }
    const CpufreqPolicy& fastest =
        *std::max_element(policies.begin(), policies.end(),
                          [](const auto& a, const auto& b) { return a.most_khz < b.most_khz; });
    CpufreqRange range{kKilo * static_cast<double>(fastest.least_khz),
                       kKilo * static_cast<double>(fastest.most_khz),
                       {}};
    range.steps_hz.reserve(fastest.steps_khz.size());
    for (const unsigned long khz : fastest.steps_khz) {
        if (khz >= fastest.least_khz && khz <= fastest.most_khz) {
            range.steps_hz.push_back(kKilo * static_cast<double>(khz));
        }
    }
    return range;
}

std::vector<double> cpufreq_sweep_hz(const CpufreqRange& range) {
    const std::vector<double>& steps = range.steps_hz;
    if (!steps.empty() && steps.size() <= kSweepSettings) {
        return steps;
    }
    std::set<double> settings;
    for (std::size_t i = 0; i < kSweepSettings; ++i) {
        const double part = static_cast<double>(i) / (kSweepSettings - 1);
        if (!steps.empty()) {
            const double place = part * static_cast<double>(steps.size() - 1);
            settings.insert(steps[static_cast<std::size_t>(std::lround(place))]);
            continue;
        }
        const double even_hz = range.least_hz + part * (range.most_hz - range.least_hz);
        const bool inside = i > 0 && i + 1 < kSweepSettings;
        const double hz = inside ? kRound_hz * std::round(even_hz / kRound_hz) : even_hz;
        settings.insert(std::clamp(hz, range.least_hz, range.most_hz));
    }
    return {settings.begin(), settings.end()};
}

void check_cpufreq_values(const CpufreqRange& range, std::span<const double> values_hz,
                          std::string_view text) {
    for (const double hz : values_hz) {
        if (hz < range.least_hz || hz > range.most_hz) {
            throw RequestError(fmt::format(
                "--settings {}: {} is outside what cpufreq takes here, {} to {}", text,
                frequency_text(hz), frequency_text(range.least_hz), frequency_text(range.most_hz)));
        }
        const auto same = [&](double step_hz) { return std::abs(step_hz - hz) < kKilo; };
        if (!range.steps_hz.empty() &&
            std::none_of(range.steps_hz.begin(), range.steps_hz.end(), same)) {
            throw RequestError(fmt::format("--settings {}: {} is no step of this processor; it has "
                                           "{}",
                                           text, frequency_text(hz), list_text(range.steps_hz)));
        }
    }
}

void check_cpufreq_permission(std::span<const CpufreqPolicy> policies) {
    for (const CpufreqPolicy& policy : policies) {
        for (const char* name : changed_files(policy)) {
            const fs::path file = policy.folder / name;
            if (access(file.c_str(), W_OK) != 0) {
                const int failure = errno;
                throw RequestError(fmt::format("--power cpufreq: {}: {}{}", file.string(),
                                               std::strerror(failure), cpufreq_mend(failure)));
            }
        }
    }
}

std::optional<bool> boost_is_on() {
    if (const auto no_turbo = read_number(fs::path(kCpus) / "intel_pstate/no_turbo")) {
        return *no_turbo == 0;
    }
    if (const auto boost = read_number(fs::path(kCpus) / "cpufreq/boost")) {
        return *boost != 0;
    }
    return std::nullopt;
}

std::string cpufreq_description(std::span<const CpufreqPolicy> policies) {
    const auto boost = boost_is_on();
    nlohmann::ordered_json description = {
        {"kind", "cpufreq"},
        {"boost", boost ? nlohmann::ordered_json(*boost) : nlohmann::ordered_json(nullptr)}};
    for (const CpufreqPolicy& policy : policies) {
        description["policies"].push_back({{"cpus", policy.cpus},
                                           {"driver", policy.driver},
                                           {"governor", policy.governor},
                                           {"sets", policy.sets_speed ? "speed" : "bounds"}});
    }
    return description.dump();
}

std::string frequency_text(double hz) {
    struct Unit {
        const char* name;
        double hz;
    };
    for (const Unit unit : {Unit{"GHz", 1e9}, Unit{"MHz", 1e6}, Unit{"kHz", 1e3}}) {
        if (hz >= unit.hz) {
            return fmt::format("{:.12g}{}", hz / unit.hz, unit.name);
        }
    }
    return fmt::format("{:.12g}Hz", hz);
}

std::string_view cpufreq_mend(int failure) {
    switch (failure) {
        case EACCES:
        case EPERM:
            return "; run as root, or install scripts/power/alert-cpufreq.conf";
        case EROFS:
            return "; /sys is read-only here, as in a container; run on the host";
        case ENOENT:
        case ENODEV:
            return "; the CPU is offline, or its driver was unloaded";
        case EBUSY:
        case EIO:
            return "; the driver or the firmware refuses";
        default:
            return "";
    }
}

}  // namespace alert
