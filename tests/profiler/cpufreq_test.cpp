#include "profiler/power/cpufreq.h"

#include <sched.h>
#include <sys/mount.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "core/error.h"
#include "profiler/power/platform.h"
#include "tests/profiler/processes.h"
#include "tests/profiler/temporary_folder.h"

using namespace alert;
using processes::becomes_true;
using processes::Child;
namespace fs = std::filesystem;

namespace {

constexpr const char* kCpus = "/sys/devices/system/cpu";

/// What libcpufreq sees in a child with a mount namespace of its own: files laid out as the kernel
/// lays them out. They do not snap to steps; scripts/test-kernel tests that on a real kernel.
struct Cpus {
    TemporaryFolder folder;

    explicit Cpus(bool table) {
        setenv("XDG_STATE_HOME", folder.path().c_str(), 1);
        for (int cpu = 0; cpu < 2; ++cpu) {
            set(cpu, "cpuinfo_min_freq", "1000000");
            set(cpu, "cpuinfo_max_freq", "3000000");
            set(cpu, "scaling_min_freq", "1000000");
            set(cpu, "scaling_max_freq", "3000000");
            set(cpu, "scaling_driver", table ? "acpi-cpufreq" : "intel_pstate");
            set(cpu, "scaling_governor", "powersave");
            set(cpu, "scaling_available_governors",
                table ? "userspace powersave performance" : "performance powersave");
            set(cpu, "scaling_setspeed", "1000000");
            set(cpu, "related_cpus", std::to_string(cpu));
            set(cpu, "affected_cpus", std::to_string(cpu));
            if (table) {
                set(cpu, "scaling_available_frequencies", "3000000 2000000 1000000 ");
            }
        }
    }
    fs::path file(int cpu, const std::string& name) const {
        return folder.path() / ("cpu" + std::to_string(cpu)) / "cpufreq" / name;
    }
    void set(int cpu, const std::string& name, const std::string& value) const {
        fs::create_directories(file(cpu, name).parent_path());
        std::ofstream(file(cpu, name)) << value << '\n';
    }
    std::string value(int cpu, const std::string& name) const {
        return read_value(file(cpu, name)).value_or("nothing");
    }
    bool allows(const std::string& least, const std::string& most) const {
        return value(0, "scaling_min_freq") == least && value(0, "scaling_max_freq") == most &&
               value(1, "scaling_min_freq") == least && value(1, "scaling_max_freq") == most;
    }
    /// In the child.
    bool enter() const {
        return unshare(CLONE_NEWNS) == 0 &&
               mount(nullptr, "/", nullptr, MS_PRIVATE | MS_REC, nullptr) == 0 &&
               mount(folder.path().c_str(), kCpus, nullptr, MS_BIND, nullptr) == 0;
    }
};

bool may_make_namespaces() {
    Child child([](auto ready) {
        if (Cpus(false).enter()) {
            ready();
        }
    });
    return child.ready();
}

SettingsSelection hertz(std::vector<double> values) {
    return {SettingsSelection::Unit::kHertz, std::move(values), "speeds"};
}

}  // namespace

TEST_CASE("without userspace both bounds are set, and put back after a kill") {
    if (!may_make_namespaces()) {
        WARN("skipped: no mount namespace of its own is permitted here");
        return;
    }
    const Cpus cpus(false);
    Child child([&](auto ready) {
        if (!cpus.enter()) {
            return;
        }
        const Platform platform = open_platform("cpufreq", hertz({1.5e9, 2.5e9}), "cpu");
        platform.knob->apply(1);
        platform.knob->apply(0);
        if (cpus.allows("1500000", "1500000") && platform.knob->standing() == "1.5GHz") {
            ready();
        }
        processes::sleep_until_killed();
    });
    REQUIRE(child.ready());
    child.end(SIGKILL);
    CHECK(becomes_true([&] { return cpus.allows("1000000", "3000000"); }));
    CHECK(cpus.value(0, "scaling_governor") == "powersave");
}

TEST_CASE("with a table the governor userspace gets the speed, and both are put back") {
    if (!may_make_namespaces()) {
        WARN("skipped: no mount namespace of its own is permitted here");
        return;
    }
    const Cpus cpus(true);
    Child child([&](auto ready) {
        if (!cpus.enter()) {
            return;
        }
        const Platform platform = open_platform("cpufreq", {}, "cpu");
        if (platform.knob->settings().size() != 3) {
            return;
        }
        platform.knob->apply(1);
        const bool taken = cpus.value(1, "scaling_governor") == "userspace" &&
                           cpus.value(1, "scaling_setspeed") == "2000000";
        const bool put_back = platform.knob->restore().empty();
        if (taken && put_back) {
            ready();
        }
    });
    REQUIRE(child.ready());
    CHECK(cpus.value(0, "scaling_governor") == "powersave");
    CHECK(cpus.value(1, "scaling_governor") == "powersave");
    CHECK(cpus.allows("1000000", "3000000"));
}

TEST_CASE("speeds between the steps of a table, or beyond the limits, are refused") {
    CpufreqPolicy policy{.cpu = 0,
                         .folder = {},
                         .least_khz = 1'000'000,
                         .most_khz = 3'000'000,
                         .table_khz = {1'000'000, 2'000'000, 3'000'000},
                         .userspace = true};
    const std::vector<CpufreqPolicy> policies{policy};
    CHECK_NOTHROW(check_cpufreq_speed(policies, 2'000'000, "2GHz"));
    CHECK_THROWS_WITH(check_cpufreq_speed(policies, 1'500'000, "1.5GHz"),
                      "--settings 1.5GHz: 1.5GHz is not a step of CPU 0; write of 1GHz,2GHz,3GHz");
    CHECK_THROWS_AS(check_cpufreq_speed(policies, 800'000, "800MHz"), RequestError);
    policy.table_khz.clear();
    CHECK_NOTHROW(check_cpufreq_speed(std::vector{policy}, 1'500'000, "1.5GHz"));
}

TEST_CASE("eight even speeds in whole hundreds of MHz are offered where there is no table") {
    const std::vector<CpufreqPolicy> policies{{.cpu = 0,
                                               .folder = {},
                                               .least_khz = 800'000,
                                               .most_khz = 3'650'000,
                                               .table_khz = {},
                                               .userspace = false}};
    CHECK(cpufreq_sweep_khz(policies) == std::vector<std::uint64_t>{800'000, 1'200'000, 1'600'000,
                                                                    2'000'000, 2'400'000, 2'800'000,
                                                                    3'200'000, 3'650'000});
    CHECK(cpufreq_name(800'000) == "800MHz");
    CHECK(cpufreq_name(3'650'000) == "3.65GHz");
}
