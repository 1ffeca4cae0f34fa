#include "profiler/busy.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <string>

#include "profiler/clock.h"

namespace alert {

namespace {

double seconds_of(const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
}

}  // namespace

OthersBusy::Times OthersBusy::read() {
    Times times{.at_s = now_s()};
    std::ifstream stat("/proc/stat");
    std::string cpu;
    double user = 0, nice = 0, system = 0, idle = 0, iowait = 0, irq = 0, softirq = 0, steal = 0;
    if (stat >> cpu >> user >> nice >> system >> idle >> iowait >> irq >> softirq >> steal) {
        const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
        times.busy_s = (user + nice + system + irq + softirq + steal) / ticks;
    }
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    times.own_s = seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);
    return times;
}

OthersBusy::OthersBusy() : start_(read()) {}

double OthersBusy::share() const {
    const Times now = read();
    const auto cores = static_cast<double>(std::max(1L, sysconf(_SC_NPROCESSORS_ONLN)));
    const double available_s = (now.at_s - start_.at_s) * cores;
    const double others_s = (now.busy_s - start_.busy_s) - (now.own_s - start_.own_s);
    return available_s > 0 ? std::clamp(others_s / available_s, 0.0, 1.0) : 0;
}

}  // namespace alert
