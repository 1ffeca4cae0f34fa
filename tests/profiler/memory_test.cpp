#include "profiler/memory.h"

#include <fstream>
#include <string>

#include "tests/profiler/temporary_folder.h"
#include "tests/support/catch.h"

using namespace alert;
namespace fs = std::filesystem;

namespace {

void write(const fs::path& file, const std::string& text) {
    fs::create_directories(file.parent_path());
    std::ofstream(file) << text;
}

/// A machine with 8 MB available.
struct Machine {
    TemporaryFolder folder;
    fs::path meminfo = folder.path() / "meminfo";
    fs::path groups = folder.path() / "sys/fs/cgroup";

    Machine() {
        write(meminfo, "MemTotal:  16000 kB\nMemFree:  1000 kB\nMemAvailable:    8000 kB\n");
    }
    std::optional<MemoryLeft> left(const std::string& own_groups) const {
        return memory_left(meminfo, folder.path() / "sys", own_groups);
    }
};

}  // namespace

TEST_CASE("the memory left is what the kernel has available") {
    const Machine machine;
    CHECK(machine.left("").value().bytes == 8000 * 1024);
    CHECK(machine.left("").value().file == machine.meminfo);
    CHECK(memory_left("/proc/meminfo", "/sys", "").value().bytes > 0);
    CHECK_FALSE(memory_left("/nowhere", "/nowhere", "0::/"));
    write(machine.meminfo, "MemTotal:  16000 kB\n");
    CHECK_FALSE(machine.left(""));
}

TEST_CASE("a control group of version 2 leaves its limit, less what is used but for caches") {
    const Machine machine;
    write(machine.groups / "cgroup.controllers", "cpu memory\n");
    write(machine.groups / "user/job/memory.max", "max\n");
    write(machine.groups / "user/job/memory.current", "7000000\n");
    CHECK(machine.left("0::/user/job\n").value().bytes == 8000 * 1024);
    write(machine.groups / "user/job/memory.max", "5000000\n");
    write(machine.groups / "user/job/memory.current", "3000000\n");
    CHECK(machine.left("0::/user/job\n").value().bytes == 2000000);
    write(machine.groups / "user/job/memory.stat", "anon 5\ninactive_file 30\nactive_file 400\n");
    CHECK(machine.left("0::/user/job\n").value().bytes == 2000430);
    CHECK(machine.left("0::/user/job\n").value().file == machine.groups / "user/job/memory.max");
}

TEST_CASE("a group above may be tighter, and a limit that is passed leaves nothing") {
    const Machine machine;
    write(machine.groups / "cgroup.controllers", "cpu memory\n");
    fs::create_directories(machine.groups / "user/job");
    write(machine.groups / "user/memory.max", "1000\n");
    write(machine.groups / "user/memory.current", "2000\n");
    CHECK(machine.left("0::/user/job\n").value().bytes == 0);
    CHECK(machine.left("0::/user/job\n").value().file == machine.groups / "user/memory.max");
}

TEST_CASE("in a container that sees only its own group, the mount is the group") {
    const Machine machine;
    write(machine.groups / "cgroup.controllers", "cpu memory\n");
    write(machine.groups / "memory.max", "4000\n");
    write(machine.groups / "memory.current", "1000\n");
    CHECK(machine.left("0::/docker/0123\n").value().bytes == 3000);
}

TEST_CASE("a control group of version 1 counts those below it, too") {
    const Machine machine;
    const fs::path group = machine.groups / "memory/docker/0123";
    write(group / "memory.limit_in_bytes", "5000000\n");
    write(group / "memory.usage_in_bytes", "4000000\n");
    write(group / "memory.stat",
          "inactive_file 1\ntotal_inactive_file 50\ntotal_active_file 600\n");
    write(machine.groups / "memory/memory.limit_in_bytes", "9223372036854771712\n");
    write(machine.groups / "memory/memory.usage_in_bytes", "8000000\n");
    const std::string groups = "12:cpu,cpuacct:/x\n11:memory:/docker/0123\n0::/\n";
    CHECK(machine.left(groups).value().bytes == 1000650);
}

TEST_CASE("small needs always have room, however little is said to be left") {
    const Machine machine;
    write(machine.groups / "cgroup.controllers", "cpu memory\n");
    write(machine.groups / "memory/memory.limit_in_bytes", "4000\n");
    write(machine.groups / "memory/memory.usage_in_bytes", "3000\n");
    write(machine.groups / "memory.max", "4000\n");
    write(machine.groups / "memory.current", "3000\n");
    setenv("ALERT_SYSFS_ROOT", (machine.folder.path() / "sys").c_str(), 1);
    const auto small = memory_short_of(64e6);
    const auto large = memory_short_of(65e6);
    unsetenv("ALERT_SYSFS_ROOT");
    CHECK_FALSE(small);
    CHECK(large.value().bytes == 1000);
}
