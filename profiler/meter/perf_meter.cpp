#include "profiler/meter/perf_meter.h"

#include <fmt/format.h>
#include <linux/perf_event.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <sstream>
#include <string>

#include "alert/error.h"
#include "profiler/power/sysfs.h"

namespace alert {

namespace fs = std::filesystem;

namespace {

// "event=0x02"
std::uint64_t event_code(std::string_view text) {
    const auto at = text.find("0x");
    std::uint64_t code = 0;
    if (at != std::string_view::npos) {
        std::from_chars(text.data() + at + 2, text.data() + text.size(), code, 16);
    }
    return code;
}

// "0,28" or "0-1": the CPU of each package on which its counter is opened.
std::vector<int> cpus_in(const std::string& mask) {
    std::vector<int> cpus;
    std::istringstream items(mask);
    for (std::string item; std::getline(items, item, ',');) {
        int first = 0, last = 0;
        const char* const end = item.data() + item.size();
        const auto [next, failure] = std::from_chars(item.data(), end, first);
        last = first;
        if (failure == std::errc() && next != end && *next == '-') {
            std::from_chars(next + 1, end, last);
        }
        for (int cpu = first; cpu <= last; ++cpu) {
            cpus.push_back(cpu);
        }
    }
    return cpus;
}

}  // namespace

PerfMeter::PerfMeter(const fs::path& sysfs_root) {
    const fs::path pmu = sysfs_root / "bus/event_source/devices/power";
    const auto type = read_number(pmu / "type");
    const auto event = read_value(pmu / "events/energy-pkg");
    const auto scale = read_value(pmu / "events/energy-pkg.scale");
    const auto mask = read_value(pmu / "cpumask");
    const auto unit = read_value(pmu / "events/energy-pkg.unit");
    if (!type || !event || !scale || !mask || unit.value_or("Joules") != "Joules") {
        throw Error(fmt::format("{}: no event energy-pkg in Joules; load the kernel module rapl",
                                pmu.string()));
    }
    scale_ = std::strtod(scale->c_str(), nullptr);
    for (const int cpu : cpus_in(*mask)) {
        perf_event_attr attributes{};
        attributes.size = sizeof attributes;
        attributes.type = static_cast<std::uint32_t>(*type);
        attributes.config = event_code(*event);
        const auto counter =
            static_cast<int>(syscall(SYS_perf_event_open, &attributes, -1, cpu, -1,
                                     static_cast<unsigned long>(PERF_FLAG_FD_CLOEXEC)));
        if (counter < 0) {
            const int failure = errno;
            close_all();
            throw Error(fmt::format("perf event energy-pkg: {}{}", std::strerror(failure),
                                    failure == EACCES || failure == EPERM
                                        ? "; run as root, or: sysctl kernel.perf_event_paranoid=0"
                                        : ""));
        }
        counters_.push_back(counter);
    }
    if (counters_.empty()) {
        throw Error(fmt::format("{}: names no CPU", (pmu / "cpumask").string()));
    }
}

PerfMeter::~PerfMeter() {
    close_all();
}

void PerfMeter::close_all() {
    for (const int counter : counters_) {
        close(counter);
    }
}

double PerfMeter::read_j(double /*now_s*/) {
    double total_j = 0;
    for (const int counter : counters_) {
        std::uint64_t count = 0;
        if (read(counter, &count, sizeof count) != sizeof count) {
            throw Error(fmt::format("perf event energy-pkg: {}", std::strerror(errno)));
        }
        total_j += scale_ * static_cast<double>(count);
    }
    return total_j;
}

}  // namespace alert
