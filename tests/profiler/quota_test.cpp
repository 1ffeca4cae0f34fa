#include "profiler/power/quota.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <atomic>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <random>
#include <sstream>
#include <string>

#include "alert/error.h"
#include "profiler/power/cgroup.h"
#include "profiler/power/guardian.h"
#include "profiler/power/platform.h"
#include "profiler/power/sysfs.h"
#include "profiler/workload/stress_ng.h"
#include "tests/profiler/cgroup_tree.h"
#include "tests/profiler/processes.h"
#include "tests/support/catch.h"

using namespace alert;
using Catch::Matchers::Contains;
using cgroup_tree::put;
using cgroup_tree::StillTree;
using processes::becomes_true;
using processes::Child;
namespace fs = std::filesystem;

namespace {

/// The same, moving: takes what the kernel takes and answers as it does. Groups have their files
/// from the start, since a folder made here has none; they go when the last process leaves.
class KernelTree : public StillTree {
   public:
    KernelTree() {
        for (const fs::path& child : {limited, unlimited}) {
            put(child / "cgroup.procs", "");
            put(child / "cpu.max", "max 100000\n");
        }
        kernel_ = std::thread([this] { serve(); });
    }
    ~KernelTree() {
        stop_ = true;
        kernel_.join();
    }

    fs::path limited = app / limited_group_name();
    fs::path unlimited = app / unlimited_group_name();
    std::atomic<bool> controller_passed = false;
    std::atomic<bool> controller_withdrawn = false;

   private:
    void serve() {
        while (!stop_) {
            const std::string control = read_value(app / "cgroup.subtree_control").value_or("");
            if (control == "+cpu") {
                put(app / "cgroup.subtree_control", "cpu\n");
                controller_passed = true;
            } else if (control == "-cpu") {
                put(app / "cgroup.subtree_control", "\n");
                controller_withdrawn = true;
            }
            if (controller_withdrawn) {
                for (const fs::path& child : {limited, unlimited}) {
                    std::error_code gone;
                    fs::remove(child / "cgroup.procs", gone);
                    fs::remove(child / "cpu.max", gone);
                }
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
    }

    std::atomic<bool> stop_ = false;
    std::thread kernel_;
};

/// Why the real control groups cannot be used here; empty when they can.
std::string refused() {
    try {
        open_platform("quota", {}, "cpu");
        return "";
    } catch (const Error& error) {
        return error.what();
    }
}

/// Skips the test, saying why, where this process may not make groups.
#define NEEDS_CONTROL_GROUPS()                             \
    const TemporaryFolder state;                           \
    setenv("XDG_STATE_HOME", state.path().c_str(), 1);     \
    if (const std::string why = refused(); !why.empty()) { \
        SKIP_TEST(why);                                    \
    }

SettingsSelection shares(std::vector<double> values) {
    return {SettingsSelection::Unit::kShare, std::move(values), "shares"};
}

fs::path own_folder() {
    return find_cpu_group(sysfs_root(), own_groups()).folder;
}

/// A counter of cpu.stat.
long counter(const fs::path& group, const std::string& name) {
    std::istringstream lines(read_value(group / "cpu.stat").value_or(""));
    std::string key;
    long value = 0;
    while (lines >> key >> value) {
        if (key == name) {
            return value;
        }
    }
    return -1;
}

double cpu_s() {
    timespec used{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) * 1e-9;
}

void spin(double seconds) {
    const double start = cpu_s();
    while (cpu_s() - start < seconds) {
    }
}

}  // namespace

TEST_CASE("the group with the cpu controller is found in version 1, 2 and where both stand") {
    const TemporaryFolder root;
    const fs::path base = root.path() / "fs/cgroup";
    put(base / "cpu,cpuacct/cgroup.procs", "");
    put(base / "cpu,cpuacct/user/cgroup.procs", "");
    put(base / "unified/cgroup.controllers", "\n");
    const CpuGroup one = find_cpu_group(root.path(), "4:memory:/m\n2:cpu,cpuacct:/user\n0::/x\n");
    CHECK(one.version == 1);
    CHECK(one.folder == base / "cpu,cpuacct/user");
    CHECK(one.mount == base / "cpu,cpuacct");

    const StillTree tree;
    CHECK(tree.group().version == 2);
    CHECK(tree.group().folder == tree.app);
}

TEST_CASE("a container that sees only its own part of the hierarchy uses the mount") {
    const StillTree tree;
    CHECK(find_cpu_group(tree.folder.path(), "0::/docker/4711\n").folder == tree.base);
}

TEST_CASE("a machine without the cpu controller is told the remedy") {
    const TemporaryFolder root;
    CHECK_THROWS_WITH(find_cpu_group(root.path(), "0::/\n"),
                      Contains("no control groups") && Contains("--power emulated"));
    const StillTree tree;
    put(tree.app / "cgroup.controllers", "memory\n");
    CHECK_THROWS_WITH(tree.group(), Contains("the cpu controller was not delegated to") &&
                                        Contains("systemd-run --scope -p Delegate=yes"));
    CHECK_THROWS_AS(tree.group(), RequestError);
}

TEST_CASE("a limit of a group above shrinks the allowed CPUs") {
    const StillTree tree;
    const double all = allowed_cpus(tree.group());
    CHECK(all >= 1);
    put(tree.base / "cpu.max", "50000 100000\n");
    CHECK(allowed_cpus(tree.group()) == Approx(0.5));
    put(tree.app / "cpu.max", "2000 10000\n");
    CHECK(allowed_cpus(tree.group()) == Approx(0.2));
    put(tree.app / "cpu.max", "max 100000\n");
    CHECK(allowed_cpus(tree.group()) == Approx(0.5));
}

TEST_CASE("version 2: enters a group, sets limits that stand, and leaves nothing") {
    KernelTree tree;
    const double quarters[] = {0.25, 1};
    {
        QuotaKnob knob(tree.group(), 2, quarters);
        CHECK(becomes_true([&] { return tree.controller_passed.load(); }));
        CHECK(read_value(tree.limited / "cgroup.procs") == std::to_string(getpid()));
        CHECK(read_value(tree.unlimited / "cgroup.procs").value_or("") != "");  // the guardian
        CHECK(knob.settings()[0].name == "25%");
        knob.apply(0);
        CHECK(read_value(tree.limited / "cpu.max") == "5000 10000");  // 25 % of 2 CPUs
        knob.apply(1);
        CHECK(read_value(tree.limited / "cpu.max") == "max 10000");
        CHECK(knob.restore().empty());
    }
    CHECK(tree.controller_withdrawn);
    CHECK_FALSE(fs::exists(tree.limited));
    CHECK_FALSE(fs::exists(tree.unlimited));
}

TEST_CASE("a setting that is in force is not written again") {
    KernelTree tree;
    const double half[] = {0.5};
    QuotaKnob knob(tree.group(), 2, half);
    knob.apply(0);
    put(tree.limited / "cpu.max", "untouched");
    knob.apply(0);
    CHECK(read_value(tree.limited / "cpu.max") == "untouched");
}

TEST_CASE("a limit that does not take is an error that names the value in force") {
    KernelTree tree;
    const double half[] = {0.5};
    QuotaKnob knob(tree.group(), 2, half);
    fs::remove(tree.limited / "cpu.max");
    CHECK_THROWS_WITH(knob.apply(0), Contains("50% did not take") && Contains("10000 10000") &&
                                         Contains("which reads nothing"));
}

TEST_CASE("the period grows until the smallest share is a quota the kernel takes") {
    KernelTree tree;
    const double hundredth[] = {0.01};
    QuotaKnob knob(tree.group(), 1, hundredth);
    CHECK(knob.period_us() == 100'000);
    knob.apply(0);
    CHECK(read_value(tree.limited / "cpu.max") == "1000 100000");
}

TEST_CASE("a group that cannot be made is a wrong request, and nothing is left of it") {
    const StillTree tree;
    put(tree.app / limited_group_name(), "");  // a file stands in the way
    const double half[] = {0.5};
    CHECK_THROWS_AS(QuotaKnob(tree.group(), 2, half), RequestError);
    CHECK(read_value(tree.app / "cgroup.subtree_control") != "+cpu");
}

TEST_CASE("the real quota throttles: CPU time per period is what was asked for", "[timing]") {
    NEEDS_CONTROL_GROUPS();
    const fs::path above = own_folder();
    Child child([&](auto ready) {
        cpu_set_t one;
        CPU_ZERO(&one);
        CPU_SET(0, &one);
        sched_setaffinity(0, sizeof one, &one);
        const Platform platform = open_platform("quota", shares({0.25, 1}), "cpu");
        const fs::path group = above / limited_group_name();
        platform.knob->apply(1);
        spin(0.1);
        const long free_throttled = counter(group, "nr_throttled");
        platform.knob->apply(0);
        const long before = counter(group, "nr_throttled");
        const long periods_before = counter(group, "nr_periods");
        spin(0.2);
        // 0.2 s in quotas of 2.5 ms are 80 periods, throttled at the end of nearly each.
        const long throttled = counter(group, "nr_throttled") - before;
        const long periods = counter(group, "nr_periods") - periods_before;
        if (free_throttled != 0 || throttled < 40 || periods < 60) {
            throw Error("not throttled");
        }
        ready();
    });
    CHECK(child.ready());
    CHECK(child.exit_code() == 0);
    CHECK_FALSE(fs::exists(above / ("alert-" + std::to_string(child.process()))));
}

TEST_CASE("a real quota above this process is seen to throttle, our own below it is not",
          "[timing]") {
    NEEDS_CONTROL_GROUPS();
    const fs::path container = own_folder() / fmt::format("alert-test-{}", getpid());
    REQUIRE(mkdir(container.c_str(), 0755) == 0);
    {
        Child child([&](auto ready) {
            const auto must = [](bool done) {
                if (!done) {
                    throw Error("no container");
                }
            };
            must(write_value(container / "cgroup.procs", "0") == 0);
            const CpuGroup group = find_cpu_group(sysfs_root(), own_groups());
            const auto limit = [&](int quota_us) {
                const std::string quota = std::to_string(quota_us);
                must(group.version == 1
                         ? write_value(container / "cpu.cfs_period_us", "50000") == 0 &&
                               write_value(container / "cpu.cfs_quota_us", quota) == 0
                         : write_value(container / "cpu.max", quota + " 50000") == 0);
            };
            limit(1000);  // so little that a busy machine, too, gives more
            must(allowed_threads(sysfs_root(), own_groups()) == 1);
            const ThrottleWatch watch(sysfs_root(), own_groups());
            spin(0.02);
            const auto found = watch.since();
            must(found && found->limit.parent_path() == container && found->throttled >= 5 &&
                 found->waited_s > 0.1 && std::abs(found->cpus - 0.02) < 1e-9);
            // Held back by our own quota, 2 % of the container's, and never by the container's.
            limit(25000);
            const Platform platform = open_platform("quota", shares({0.02, 1}), "cpu");
            platform.knob->apply(0);
            const ThrottleWatch below(sysfs_root(), own_groups());
            spin(0.01);
            must(counter(container / limited_group_name(), "nr_throttled") > 0);
            must(!below.since());
            ready();
        });
        CHECK(child.ready());
        CHECK(child.exit_code() == 0);
    }
    CHECK(becomes_true([&] { return rmdir(container.c_str()) == 0; }));
}

TEST_CASE("the real quota is gone after return and the process is back in its group") {
    NEEDS_CONTROL_GROUPS();
    const std::string before = own_groups();
    {
        const Platform platform = open_platform("quota", {}, "cpu");
        platform.knob->apply(0);
        CHECK(own_groups() != before);
        CHECK_THAT(way_out_of_quota().string(), Contains("cgroup.procs"));
    }
    CHECK(own_groups() == before);
    CHECK(way_out_of_quota().empty());
}

TEST_CASE("kill -9 at any moment leaves no control group") {
    NEEDS_CONTROL_GROUPS();
    const fs::path above = own_folder();
    std::mt19937 random(2);
    for (int i = 0; i < 10; ++i) {
        Child child([](auto ready) {
            ready();
            const Platform platform = open_platform("quota", {}, "cpu");
            for (std::size_t setting = 0;; setting = (setting + 1) % 4) {
                platform.knob->apply(setting);
                spin(0.001);
            }
        });
        REQUIRE(child.ready());
        const std::string name = "alert-" + std::to_string(child.process());
        std::this_thread::sleep_for(std::chrono::microseconds(random() % 20'000));
        child.end(SIGKILL, i % 2 == 0);
        // The lock is free once the guardian has done its work.
        CHECK(becomes_true([] {
            try {
                return restore_left_behind().failures.empty();
            } catch (const Error&) {
                return false;
            }
        }));
        CHECK_FALSE(fs::exists(above / name));
    }
}

TEST_CASE("co-runners are not under the quota") {
    NEEDS_CONTROL_GROUPS();
    if (find_stress_ng().empty()) {
        SKIP_TEST("stress-ng is not there");
    }
    const std::string before = own_groups();
    const Platform platform = open_platform("quota", {}, "cpu");
    const fs::path limited = find_cpu_group(sysfs_root(), own_groups()).folder;
    platform.knob->apply(0);
    StressNg stress({find_stress_ng().string(), "--quiet", "--timeout", "0", "--matrix", "1"});
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    CHECK(stress.running());
    CHECK(read_value(limited / "cgroup.procs") == std::to_string(getpid()));
}
