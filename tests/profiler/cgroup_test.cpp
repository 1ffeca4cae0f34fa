#include "profiler/power/cgroup.h"

#include <fmt/format.h>

#include <cstdlib>
#include <string>

#include "alert/error.h"
#include "profiler/machine.h"
#include "profiler/power/platform.h"
#include "tests/profiler/cgroup_tree.h"
#include "tests/profiler/scripted_engine.h"
#include "tests/support/catch.h"

using namespace alert;
using Catch::Matchers::Contains;
using cgroup_tree::put;
using cgroup_tree::StillTree;
namespace fs = std::filesystem;

TEST_CASE("threads stop at the whole CPUs of the quota, and at those of the affinity") {
    const StillTree tree;
    const auto threads = [&] { return allowed_threads(tree.folder.path(), "0::/app\n"); };
    CHECK(threads() == allowed_cores());
    put(tree.base / "cpu.max", "100000 100000\n");
    CHECK(threads() == 1);
    put(tree.base / "cpu.max", "199000 100000\n");
    CHECK(threads() == 1);
    put(tree.base / "cpu.max", "max 100000\n");
    put(tree.app / "cpu.max", "5000 10000\n");
    CHECK(threads() == 1);  // half a CPU is still one thread
    put(tree.app / "cpu.max", fmt::format("{}00000 100000\n", allowed_cores() + 8));
    CHECK(threads() == allowed_cores());
    CHECK(allowed_threads(tree.folder.path() / "none", "") == allowed_cores());
}

TEST_CASE("a quota above a group that was not given the cpu controller counts, too") {
    const StillTree tree;
    put(tree.app / "cgroup.controllers", "memory\n");
    put(tree.base / "cpu.max", "100000 100000\n");
    CHECK(allowed_threads(tree.folder.path(), "0::/app\n") == 1);
}

TEST_CASE("version 1: threads stop at the quota") {
    const TemporaryFolder root;
    const fs::path group = root.path() / "fs/cgroup/cpu,cpuacct/docker";
    put(root.path() / "fs/cgroup/cpu,cpuacct/cgroup.procs", "");
    put(group / "cgroup.procs", "");
    put(group / "cpu.cfs_quota_us", "100000\n");
    put(group / "cpu.cfs_period_us", "100000\n");
    CHECK(allowed_threads(root.path(), "2:cpu,cpuacct:/docker\n0::/\n") == 1);
    put(group / "cpu.cfs_quota_us", "-1\n");
    CHECK(allowed_threads(root.path(), "2:cpu,cpuacct:/docker\n0::/\n") == allowed_cores());
}

TEST_CASE("a path that leads out of the hierarchy stands for its mount") {
    const StillTree tree;
    put(tree.base / "cpu.max", "100000 100000\n");
    CHECK(allowed_threads(tree.folder.path(), "0::/../..\n") == 1);
    CHECK(find_cpu_group(tree.folder.path(), "0::/../..\n").folder == tree.base);
}

TEST_CASE("joined with threads, a knob offers as many as the quota has CPUs") {
    const StillTree tree;
    setenv("ALERT_SYSFS_ROOT", tree.folder.path().c_str(), 1);
    put(tree.base / "cpu.max", "100000 100000\n");
    ScriptedEngine engine;
    CHECK(open_platform("none+threads", {}, "cpu", &engine).knob->settings().size() == 1);
    SettingsSelection two{.unit = {}, .values = {}, .text = "+2t", .threads = {2}};
    CHECK_THROWS_WITH(open_platform("none+threads", two, "cpu", &engine),
                      Contains("--settings +2t: 2 threads are more than the 1 CPU") &&
                          Contains("CPU quota") && Contains("write 1t at most"));
    unsetenv("ALERT_SYSFS_ROOT");
}

TEST_CASE("a quota that held processes back is told, with how often and for how long") {
    const StillTree tree;
    put(tree.base / "cpu.stat",
        "usage_usec 5\nnr_periods 10\nnr_throttled 3\nthrottled_usec 700\n");
    put(tree.app / "cpu.max", "150000 100000\n");
    put(tree.app / "cpu.stat", "nr_periods 100\nnr_throttled 5\nthrottled_usec 1000\n");
    const ThrottleWatch watch(tree.folder.path(), "0::/app\n");
    CHECK_FALSE(watch.since());
    put(tree.app / "cpu.stat", "nr_periods 140\nnr_throttled 5\nthrottled_usec 1000\n");
    CHECK_FALSE(watch.since());
    put(tree.app / "cpu.stat", "nr_periods 140\nnr_throttled 17\nthrottled_usec 251000\n");
    // Of two that held it back, the one that did so longer.
    put(tree.base / "cpu.stat", "nr_periods 20\nnr_throttled 4\nthrottled_usec 900\n");
    const auto found = watch.since();
    REQUIRE(found);
    CHECK(found->limit == tree.app / "cpu.max");
    CHECK(found->cpus == Approx(1.5));
    CHECK(found->periods == 40);
    CHECK(found->throttled == 12);
    CHECK(found->waited_s == Approx(0.25));
}

TEST_CASE("version 1: a quota counts its waits in nanoseconds") {
    const TemporaryFolder root;
    const fs::path group = root.path() / "fs/cgroup/cpu";
    put(group / "cgroup.procs", "");
    put(group / "cpu.stat", "nr_periods 1\nnr_throttled 1\nthrottled_time 1000000\n");
    const ThrottleWatch watch(root.path(), "2:cpu:/\n");
    put(group / "cpu.stat", "nr_periods 6\nnr_throttled 3\nthrottled_time 31000000\n");
    const auto found = watch.since();
    REQUIRE(found);
    CHECK(found->limit == group / "cpu.cfs_quota_us");
    CHECK(found->throttled == 2);
    CHECK(found->waited_s == Approx(0.03));
}

TEST_CASE("a quota of our own making is no news") {
    const StillTree tree;
    const std::string own = limited_group_name();
    put(tree.app / own / "cpu.stat", "nr_periods 0\nnr_throttled 0\nthrottled_usec 0\n");
    const ThrottleWatch watch(tree.folder.path(), "0::/app/" + own + "\n");
    put(tree.app / own / "cpu.stat", "nr_periods 9\nnr_throttled 9\nthrottled_usec 9000\n");
    CHECK_FALSE(watch.since());
    put(tree.app / "cpu.stat", "nr_periods 9\nnr_throttled 1\nthrottled_usec 9\n");
    CHECK(watch.since());
}
