#include "tests/power/cpus.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>

#include "tests/power/kernel_text.h"

namespace alert::test {

namespace {

constexpr auto kCpus = "/sys/devices/system/cpu";
constexpr std::uint64_t kLeast = 1'000'000, kMost = 3'000'000;
constexpr unsigned kSecret = 0400, kSetting = 0644;

bool at_userspace(const Policy& policy) {
    return policy.governor == "userspace";
}

std::string governors(const Policy& policy) {
    return policy.table.empty() ? "performance powersave" : "userspace powersave performance";
}

/// The least step from `khz` on, the most one where there is none.
std::uint64_t step_up(const Policy& policy, std::uint64_t khz) {
    const auto step = std::lower_bound(policy.table.begin(), policy.table.end(), khz);
    return step == policy.table.end() ? policy.table.back() : *step;
}

std::uint64_t step_down(const Policy& policy, std::uint64_t khz) {
    const auto above = std::upper_bound(policy.table.begin(), policy.table.end(), khz);
    return above == policy.table.begin() ? policy.table.front() : *(above - 1);
}

void run_at(Policy& policy, std::uint64_t khz) {
    if (!policy.stuck) {
        policy.speed = std::clamp(khz, policy.least, policy.most);
    }
}

void set_governor(Policy& policy, std::string_view name) {
    const std::string known = ' ' + governors(policy) + ' ';
    if (name.empty() || known.find(' ' + std::string(name) + ' ') == std::string::npos) {
        throw Refusal{EINVAL};
    }
    policy.governor = name;
    if (!at_userspace(policy)) {
        run_at(policy, name == "powersave" ? policy.least : policy.most);
    }
}

// The write succeeds even when the hardware does something else.
void set_speed(Policy& policy, std::uint64_t khz) {
    if (!at_userspace(policy)) {
        throw Refusal{EINVAL};
    }
    run_at(policy, step_up(policy, khz));
}

// Bounds that cross are refused, as by older kernels (6.1 moves them); others are moved to a step,
// or to what the driver allows, without a word.
void set_least(Policy& policy, std::uint64_t khz) {
    if (khz > policy.most) {
        throw Refusal{EINVAL};
    }
    policy.least = std::max(kLeast, policy.table.empty() ? khz : step_up(policy, khz));
    run_at(policy, policy.speed);
}

void set_most(Policy& policy, std::uint64_t khz) {
    if (khz < policy.least) {
        throw Refusal{EINVAL};
    }
    policy.most = std::min(policy.limit, policy.table.empty() ? khz : step_down(policy, khz));
    run_at(policy, policy.speed);
}

std::string joined(const std::vector<int>& cpus) {
    std::string all;
    for (const int cpu : cpus) {
        all += (all.empty() ? "" : " ") + std::to_string(cpu);
    }
    return all;
}

}  // namespace

Cpus::Cpus(std::vector<Policy> policies) : policies_(std::move(policies)), files_(kCpus) {
    setenv("XDG_STATE_HOME", state_.path().c_str(), 1);
    std::size_t cpus = 0;
    for (const Policy& policy : policies_) {
        cpus += policy.cpus.size();
        for (const int cpu : policy.cpus) {
            add(policy, cpu);
        }
    }
    files_.add("possible", constant("0-" + std::to_string(cpus - 1)));
}

Cpus::~Cpus() {
    unsetenv("XDG_STATE_HOME");
}

void Cpus::add(const Policy& shown, int cpu) {
    Policy& policy = policies_[static_cast<std::size_t>(&shown - policies_.data())];
    const std::string folder = "cpu" + std::to_string(cpu) + "/cpufreq/";
    const auto shows = [&](const char* name, unsigned mode, auto read) {
        files_.add(folder + name, {.mode = mode, .read = read});
    };
    const auto takes = [&](const char* name, auto read, auto write) {
        const auto counted = [&policy, write](const std::string& text) {
            try {
                write(line_of(text));
            } catch (const Refusal&) {
                ++policy.refused;
                throw;
            }
        };
        files_.add(folder + name, {.mode = kSetting, .read = read, .write = counted});
    };
    const auto number = [](const std::uint64_t& value) {
        return [&value] { return std::to_string(value); };
    };
    shows("cpuinfo_min_freq", 0444, [] { return std::to_string(kLeast); });
    shows("cpuinfo_max_freq", 0444, [] { return std::to_string(kMost); });
    shows("related_cpus", 0444, [&policy] { return joined(policy.cpus); });
    shows("affected_cpus", 0444, [&policy] { return joined(policy.cpus); });
    shows("scaling_available_governors", 0444, [&policy] { return governors(policy); });
    shows("scaling_driver", 0444, [&policy] {
        return std::string(policy.table.empty() ? "intel_pstate" : "acpi-cpufreq");
    });
    takes(
        "scaling_governor", [&policy] { return policy.governor; },
        [&policy](std::string_view text) { set_governor(policy, text); });
    takes("scaling_min_freq", number(policy.least),
          [&policy](std::string_view text) { set_least(policy, kernel_number(text)); });
    takes("scaling_max_freq", number(policy.most),
          [&policy](std::string_view text) { set_most(policy, kernel_number(text)); });
    takes(
        "scaling_setspeed",
        [&policy] {
            return at_userspace(policy) ? std::to_string(policy.speed)
                                        : std::string("<unsupported>");
        },
        [&policy](std::string_view text) { set_speed(policy, kernel_number(text)); });
    if (!policy.table.empty()) {
        shows("cpuinfo_cur_freq", kSecret, number(policy.speed));
        shows("scaling_available_frequencies", 0444, [&policy] {
            std::string steps;
            for (const std::uint64_t step : policy.table) {
                steps += std::to_string(step) + ' ';
            }
            return steps;
        });
    }
}

Policy Cpus::policy(std::size_t policy) const {
    const auto lock = files_.still();
    return policies_.at(policy);
}

std::string Cpus::settings() const {
    const auto lock = files_.still();
    std::string all;
    for (const Policy& policy : policies_) {
        all += policy.governor + ' ' + std::to_string(policy.least) + ' ' +
               std::to_string(policy.most) +
               (at_userspace(policy) ? ' ' + std::to_string(policy.speed) : "") + '\n';
    }
    return all;
}

std::filesystem::path Cpus::file(int cpu, const std::string& name) const {
    return files_.mount_point() / ("cpu" + std::to_string(cpu)) / "cpufreq" / name;
}

}  // namespace alert::test
