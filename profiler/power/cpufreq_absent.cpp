#include <cerrno>

#include "profiler/power/cpufreq_library.h"

/// A build without libcpufreq.
namespace alert::cpufreq {

bool available() {
    return false;
}

std::vector<unsigned> related_cpus(unsigned cpu) {
    return {cpu};
}

Limits hardware_limits(unsigned /*cpu*/) {
    return {};
}

std::vector<unsigned long> steps_khz(unsigned /*cpu*/) {
    return {};
}

bool offers_governor(unsigned /*cpu*/, const std::string& /*name*/) {
    return false;
}

std::string driver(unsigned /*cpu*/) {
    return {};
}

int set_speed(unsigned /*cpu*/, unsigned long /*khz*/) {
    return ENOSYS;
}

int set_least(unsigned /*cpu*/, unsigned long /*khz*/) {
    return ENOSYS;
}

int set_most(unsigned /*cpu*/, unsigned long /*khz*/) {
    return ENOSYS;
}

unsigned long hardware_speed_khz(unsigned /*cpu*/) {
    return 0;
}

}  // namespace alert::cpufreq
