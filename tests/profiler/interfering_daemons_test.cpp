#include "profiler/power/interfering_daemons.h"

#include <filesystem>
#include <fstream>

#include "tests/profiler/temporary_folder.h"
#include "tests/support/catch.h"

using namespace alert;
namespace fs = std::filesystem;

namespace {

void run_process(const TemporaryFolder& proc, const std::string& pid, const std::string& name) {
    fs::create_directories(proc.path() / pid);
    std::ofstream(proc.path() / pid / "comm") << name << '\n';
}

}  // namespace

TEST_CASE("programs that move what a knob sets are found among the processes") {
    const TemporaryFolder proc;
    run_process(proc, "1", "systemd");
    run_process(proc, "sys", "thermald");  // no process
    CHECK(find_interfering_daemons(proc.path()).empty());
    run_process(proc, "812", "power-profiles-");  // the kernel cuts names
    run_process(proc, "77", "thermald");
    const auto daemons = find_interfering_daemons(proc.path());
    REQUIRE(daemons.size() == 2);
    CHECK(daemons[0].name == "thermald");
    CHECK(daemons[0].pid == 77);
    CHECK(daemons[0].knobs == std::vector<std::string_view>{"rapl", "cpufreq"});
    CHECK(daemons[1].name == "power-profiles-daemon");
}
