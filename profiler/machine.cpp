#include "profiler/machine.h"

#include <crypt.h>
#include <fmt/format.h>
#include <sched.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <sstream>
#include <string_view>
#include <utility>

namespace alert {
namespace {

std::string trimmed(std::string_view text) {
    constexpr std::string_view kBlank(" \t\r\n\0", 5);
    const auto first = text.find_first_not_of(kBlank);
    if (first == std::string_view::npos) {
        return {};
    }
    return std::string(text.substr(first, text.find_last_not_of(kBlank) - first + 1));
}

std::string read_text(const char* file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

// Names of part numbers in Arm's Main ID Register (MIDR_EL1; implementer 0x41 is Arm), from the
// kernel's arch/arm64/include/asm/cputype.h. Others are shown by number.
constexpr std::array<std::pair<std::string_view, std::string_view>, 16> kArmParts{{
    {"0xd03", "Cortex-A53"},
    {"0xd04", "Cortex-A35"},
    {"0xd05", "Cortex-A55"},
    {"0xd07", "Cortex-A57"},
    {"0xd08", "Cortex-A72"},
    {"0xd09", "Cortex-A73"},
    {"0xd0a", "Cortex-A75"},
    {"0xd0b", "Cortex-A76"},
    {"0xd0c", "Neoverse-N1"},
    {"0xd0d", "Cortex-A77"},
    {"0xd40", "Neoverse-V1"},
    {"0xd41", "Cortex-A78"},
    {"0xd42", "Cortex-A78AE"},
    {"0xd44", "Cortex-X1"},
    {"0xd49", "Neoverse-N2"},
    {"0xd4f", "Neoverse-V2"},
}};

constexpr std::array<const char*, 3> kContainerFiles{"/.dockerenv", "/run/.containerenv",
                                                     "/run/systemd/container"};

std::string arm_name(const std::string& implementer, const std::string& part) {
    if (implementer == "0x41") {
        for (const auto& [number, name] : kArmParts) {
            if (number == part) {
                return fmt::format("ARM {}", name);
            }
        }
    }
    return fmt::format("ARM implementer {} part {}", implementer, part);
}

// Markers of Docker, Podman and systemd's containers. In others the id is usually missing.
bool in_container() {
    return std::any_of(kContainerFiles.begin(), kContainerFiles.end(), [](const char* file) {
        std::error_code ignored;
        return std::filesystem::exists(file, ignored);
    });
}

}  // namespace

// cpu_set_t ends at 1024 processors; the kernel refuses a set smaller than its own.
int allowed_cores() {
    for (int limit = CPU_SETSIZE; limit <= 64 * CPU_SETSIZE; limit *= 2) {
        const auto free_set = [](cpu_set_t* set) { CPU_FREE(set); };
        const std::unique_ptr<cpu_set_t, decltype(free_set)> set(CPU_ALLOC(limit), free_set);
        const std::size_t size = CPU_ALLOC_SIZE(limit);
        if (sched_getaffinity(0, size, set.get()) == 0) {
            return CPU_COUNT_S(size, set.get());
        }
    }
    return 0;
}

std::string cpu_name_in(const std::string& cpuinfo) {
    // The first value of each key; boards list small cores first and their own name last.
    std::map<std::string, std::string> first;
    std::istringstream lines(cpuinfo);
    for (std::string line; std::getline(lines, line);) {
        const auto colon = line.find(':');
        if (colon == std::string::npos) {
            continue;
        }
        first.emplace(trimmed(line.substr(0, colon)), trimmed(line.substr(colon + 1)));
    }
    for (const char* key : {"model name", "cpu model", "Hardware"}) {
        const auto found = first.find(key);
        if (found != first.end() && !found->second.empty()) {
            return found->second;
        }
    }
    const auto part = first.find("CPU part");
    const auto implementer = first.find("CPU implementer");
    if (part == first.end() || implementer == first.end()) {
        return {};
    }
    return arm_name(implementer->second, part->second);
}

std::string system_id_of(std::string_view machine_id) {
    constexpr std::size_t kDigits = 32;
    const std::string id = trimmed(machine_id);
    if (id.size() != kDigits || id.find_first_not_of("0123456789abcdef") != std::string::npos) {
        return {};
    }
    constexpr const char* kSalt = "$5$alert.machine$";
    const auto state = std::make_unique<crypt_data>();  // tens of kilobytes
    const char* hashed = crypt_r(id.c_str(), kSalt, state.get());
    const std::string_view all = hashed == nullptr ? "" : hashed;
    return all.starts_with(kSalt) ? std::string(all.substr(std::string_view(kSalt).size())) : "";
}

Machine describe_machine() {
    Machine machine;
    utsname names{};
    if (uname(&names) == 0) {
        machine.hostname = names.nodename;
        machine.kernel = fmt::format("{} {}", names.sysname, names.release);
    }
    machine.cpu = cpu_name_in(read_text("/proc/cpuinfo"));
    if (machine.cpu.empty()) {
        machine.cpu = trimmed(read_text("/proc/device-tree/model"));
    }
    if (machine.cpu.empty()) {
        machine.cpu = names.machine;
    }
    machine.cores = static_cast<int>(sysconf(_SC_NPROCESSORS_CONF));
    struct sysinfo memory {};
    if (sysinfo(&memory) == 0) {
        machine.memory_bytes = static_cast<std::int64_t>(memory.totalram) * memory.mem_unit;
    }
    if (!in_container()) {
        machine.system_id = system_id_of(read_text("/etc/machine-id"));
    }
    double load = 0;
    if (getloadavg(&load, 1) == 1) {
        machine.load = load;
    }
    return machine;
}

}  // namespace alert
