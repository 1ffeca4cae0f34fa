#include "profiler/power/cpufreq_library.h"

#include <cpufreq.h>

#include <algorithm>
#include <cerrno>

namespace alert::cpufreq {
namespace {

/// The library leaves errno stale when it succeeds, and its answer says little when it fails.
template <class Call>
int errno_of(Call call) {
    errno = 0;
    if (call() == 0) {
        return 0;
    }
    return errno != 0 ? errno : EIO;
}

}  // namespace

bool available() {
    return true;
}

std::vector<unsigned> related_cpus(unsigned cpu) {
    std::vector<unsigned> cpus;
    cpufreq_affected_cpus* first = cpufreq_get_related_cpus(cpu);
    for (const cpufreq_affected_cpus* each = first; each != nullptr; each = each->next) {
        cpus.push_back(each->cpu);
    }
    if (first != nullptr) {
        cpufreq_put_related_cpus(first);
    }
    if (cpus.empty()) {
        cpus.push_back(cpu);
    }
    std::sort(cpus.begin(), cpus.end());
    return cpus;
}

Limits hardware_limits(unsigned cpu) {
    Limits limits;
    if (cpufreq_get_hardware_limits(cpu, &limits.least_khz, &limits.most_khz) != 0) {
        return {};
    }
    return limits;
}

std::vector<unsigned long> steps_khz(unsigned cpu) {
    std::vector<unsigned long> steps;
    auto* first = cpufreq_get_available_frequencies(cpu);
    for (const auto* each = first; each != nullptr; each = each->next) {
        steps.push_back(each->frequency);
    }
    if (first != nullptr) {
        cpufreq_put_available_frequencies(first);
    }
    std::sort(steps.begin(), steps.end());
    steps.erase(std::unique(steps.begin(), steps.end()), steps.end());
    return steps;
}

bool offers_governor(unsigned cpu, const std::string& name) {
    bool offered = false;
    cpufreq_available_governors* first = cpufreq_get_available_governors(cpu);
    for (const cpufreq_available_governors* each = first; each != nullptr; each = each->next) {
        offered = offered || name == each->governor;
    }
    if (first != nullptr) {
        cpufreq_put_available_governors(first);
    }
    return offered;
}

std::string driver(unsigned cpu) {
    char* name = cpufreq_get_driver(cpu);
    if (name == nullptr) {
        return {};
    }
    std::string copy = name;
    cpufreq_put_driver(name);
    return copy;
}

int set_speed(unsigned cpu, unsigned long khz) {
    return errno_of([=] { return cpufreq_set_frequency(cpu, khz); });
}

int set_least(unsigned cpu, unsigned long khz) {
    return errno_of([=] { return cpufreq_modify_policy_min(cpu, khz); });
}

int set_most(unsigned cpu, unsigned long khz) {
    return errno_of([=] { return cpufreq_modify_policy_max(cpu, khz); });
}

unsigned long hardware_speed_khz(unsigned cpu) {
    return cpufreq_get_freq_hardware(cpu);
}

}  // namespace alert::cpufreq
