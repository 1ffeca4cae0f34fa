#pragma once

#include <string>
#include <vector>

/// The calls of libcpufreq that are used, in our types. The library is GPL-2.0 and an option of the
/// build (ALERT_WITH_CPUFREQ): this header needs none of it, and without it there is no CPU that
/// offers anything. It looks below /sys alone. Frequencies are in kHz, as the kernel writes them.
namespace alert::cpufreq {

/// Whether the library is part of this build.
bool available();

struct Limits {
    unsigned long least_khz = 0, most_khz = 0;
};

/// CPUs that change their frequency together with this one; itself alone where nothing is said.
std::vector<unsigned> related_cpus(unsigned cpu);

/// What the hardware can; zeros where it cannot be read.
Limits hardware_limits(unsigned cpu);

/// The driver's steps, ascending; empty where it has no table (intel_pstate, amd-pstate).
std::vector<unsigned long> steps_khz(unsigned cpu);

bool offers_governor(unsigned cpu, const std::string& name);
std::string driver(unsigned cpu);

// Writes. 0, or the errno it was refused with; whether it took shows only when it is read back.

/// Changes the governor to userspace as well.
int set_speed(unsigned cpu, unsigned long khz);
int set_least(unsigned cpu, unsigned long khz);
int set_most(unsigned cpu, unsigned long khz);

/// What the hardware runs at; 0 where it does not say (not root, intel_pstate).
unsigned long hardware_speed_khz(unsigned cpu);

}  // namespace alert::cpufreq
