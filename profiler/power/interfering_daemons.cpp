#include "profiler/power/interfering_daemons.h"

#include <array>
#include <charconv>
#include <map>
#include <optional>
#include <system_error>

#include "profiler/power/sysfs.h"

namespace alert {

namespace {

namespace fs = std::filesystem;

struct Known {
    std::string_view name;
    std::vector<std::string_view> knobs;
};

std::array<Known, 6> known_daemons() {
    return {{{"thermald", {"rapl", "cpufreq"}},
             {"tuned", {"rapl", "cpufreq"}},
             {"power-profiles-daemon", {"cpufreq"}},
             {"tlp", {"rapl", "cpufreq"}},
             {"auto-cpufreq", {"cpufreq"}},
             {"nvidia-powerd", {"nvml"}}}};
}

std::optional<int> pid_of(const fs::path& folder) {
    const std::string name = folder.filename().string();
    int pid = 0;
    const auto [end, failure] = std::from_chars(name.data(), name.data() + name.size(), pid);
    return failure == std::errc() && end == name.data() + name.size() ? std::optional(pid)
                                                                      : std::nullopt;
}

}  // namespace

std::vector<InterferingDaemon> find_interfering_daemons(const fs::path& proc) {
    constexpr std::size_t kMostInComm = 15;  // the kernel cuts the names of processes
    std::map<std::string, int, std::less<>> running;
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(proc, ignored)) {
        if (const auto pid = pid_of(entry.path())) {
            running.emplace(read_value(entry.path() / "comm").value_or(""), *pid);
        }
    }
    std::vector<InterferingDaemon> daemons;
    for (const Known& known : known_daemons()) {
        const auto found = running.find(known.name.substr(0, kMostInComm));
        if (found != running.end()) {
            daemons.push_back({known.name, found->second, known.knobs});
        }
    }
    return daemons;
}

}  // namespace alert
