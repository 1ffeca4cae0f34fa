#include <fcntl.h>
#include <fmt/format.h>
#include <pty.h>
#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <map>
#include <random>

#include "profiler/clock.h"
#include "profiler/power/sysfs.h"
#include "tests/power/sweeping.h"
#include "tests/support/catch.h"

// The program, killed while a sweep changes settings.

namespace alert::test {
namespace {

using processes::becomes_true;
using processes::Child;
namespace fs = std::filesystem;

constexpr double kMost_s = 2;  // that a restore may take
constexpr int kInterrupted = 130;

struct End {
    const char* name;
    int signal;
    bool group;
    bool handled;  // the program itself stores and restores
};
constexpr std::array kEnds = {
    End{"KILL", SIGKILL, false, false},    End{"TERM", SIGTERM, false, true},
    End{"INT", SIGINT, false, true},       End{"HUP", SIGHUP, false, true},
    End{"ABRT", SIGABRT, false, false},    End{"KILL, group", SIGKILL, true, false},
    End{"INT, group", SIGINT, true, true},
};

struct Tally {
    int killed = 0, restored = 0;
    double longest_s = 0;
};

int wanted_kills() {
    const char* const wanted = std::getenv("ALERT_TEST_KILLS");
    return wanted == nullptr ? 20 : std::atoi(wanted);
}

/// Waits until everything is as it was found, and counts whether it was in time.
void tally(Tally& tally, const TwoQuickPackages& machine, double killed_s) {
    const bool restored = becomes_true([&] { return machine.as_found(); });
    const double took_s = now_s() - killed_s;
    tally.longest_s = std::max(tally.longest_s, took_s);
    ++tally.killed;
    tally.restored += restored && took_s <= kMost_s ? 1 : 0;
    // The guardian is done when its journal is gone.
    CHECK(becomes_true([&] { return !machine.has_journal(); }));
}

void check_and_show(const std::map<std::string, Tally>& table) {
    std::string text =
        fmt::format("{:<12} {:>6} {:>8} {:>9}\n", "end", "killed", "restored", "longest");
    for (const auto& [name, row] : table) {
        text += fmt::format("{:<12} {:>6} {:>8} {:>6.0f} ms\n", name, row.killed, row.restored,
                            1e3 * row.longest_s);
        CHECK(row.restored == row.killed);
    }
    WARN(text);
}

TEST_CASE("killed at any moment of a sweep, every limit is restored within two seconds") {
    const TwoQuickPackages machine;
    std::minstd_rand random(7);
    std::map<std::string, Tally> table;
    for (int i = 0; i < wanted_kills(); ++i) {
        const End& end = kEnds[static_cast<std::size_t>(i) % kEnds.size()];
        const Session session;
        Child sweep = start(command_line(session, kSweep));
        REQUIRE(becomes_true([&] { return !machine.as_found(); }));
        wait_until(now_s() + 1e-4 * static_cast<double>(random() % 5000));
        const double killed_s = now_s();
        const int status = sweep.end(end.signal, end.group);
        tally(table[end.name], machine, killed_s);
        INFO(end.name << ": " << read_file(session.path("err")));
        if (end.handled) {
            CHECK(WIFEXITED(status));
            CHECK(WEXITSTATUS(status) == kInterrupted);
        } else {
            CHECK(WTERMSIG(status) == end.signal);
        }
        CHECK(session.sql("PRAGMA integrity_check") == "ok");
    }
    check_and_show(table);
}

/// A control group with a limit of its memory, v1 or v2; empty if none can be made.
class MemoryGroup {
   public:
    explicit MemoryGroup(std::uint64_t most_bytes) {
        const fs::path v1 = "/sys/fs/cgroup/memory", v2 = "/sys/fs/cgroup";
        const bool first = fs::exists(v1 / "memory.limit_in_bytes");
        folder_ = (first ? v1 : v2) / ("alert-test-" + std::to_string(getpid()));
        std::error_code ignored;
        fs::create_directory(folder_, ignored);
        made_ = write_value(folder_ / (first ? "memory.limit_in_bytes" : "memory.max"),
                            std::to_string(most_bytes)) == 0;
    }
    ~MemoryGroup() {
        becomes_true([&] { return rmdir(folder_.c_str()) == 0 || errno == ENOENT; });
    }
    MemoryGroup(const MemoryGroup&) = delete;
    MemoryGroup& operator=(const MemoryGroup&) = delete;

    bool made() const { return made_; }
    fs::path members() const { return folder_ / "cgroup.procs"; }

   private:
    fs::path folder_;
    bool made_ = false;
};

TEST_CASE("when memory runs out the guardian lives, and puts every limit back") {
    const MemoryGroup group(1'000'000'000);
    if (!group.made()) {
        SKIP_TEST("no control group with a limit of memory can be made here");
    }
    const TwoQuickPackages machine;
    std::map<std::string, Tally> table;
    for (int i = 0; i < std::max(2, wanted_kills() / 10); ++i) {
        const Session session;
        REQUIRE(machine.as_found());
        // The kernel is to choose the sweep, and would choose its guardian next. The sweep must not
        // end before memory does, however busy the machine is.
        Child sweep = start(command_line(
            session, sweep_of(500),
            "echo 1000 > /proc/self/oom_score_adj; echo $$ > " + group.members().string()));
        REQUIRE(becomes_true([&] { return !machine.as_found(); }));
        Child hog([&](auto) {
            if (write_value(group.members(), std::to_string(getpid())) != 0) {
                return;
            }
            while (true) {
                constexpr std::size_t kPart = 16'000'000;
                void* const part = mmap(nullptr, kPart, PROT_READ | PROT_WRITE,
                                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
                wait_until(now_s() + (part == MAP_FAILED ? 1 : 5e-3));
            }
        });
        CHECK(sweep.exit_code() == -1);  // killed
        tally(table["out of memory"], machine, now_s());
    }
    check_and_show(table);
}

/// A terminal in which the lines run; it closes when this is killed.
Child terminal(const std::string& lines) {
    return Child([&](auto) {
        int screen = 0;
        if (forkpty(&screen, nullptr, nullptr, nullptr) == 0) {
            exec_bash(lines);
        }
        processes::sleep_until_killed();
    });
}

TEST_CASE("a terminal that closes ends a sweep as Ctrl-C does") {
    const TwoQuickPackages machine;
    const Session session;
    Child window = terminal(command_line(session, kSweep));
    REQUIRE(becomes_true([&] { return machine.zone("intel-rapl:0").writes > 50; }));
    window.end(SIGKILL);
    CHECK(becomes_true([&] { return machine.as_found() && !machine.has_journal(); }));
    CHECK(becomes_true([&] { return has_rows(session, "sample"); }));
}

TEST_CASE("under nohup sweep and guardian outlive the terminal") {
    const TwoQuickPackages machine;
    const Session session;
    Child window = terminal(command_line(session, kSweep, "trap '' HUP"));
    REQUIRE(becomes_true([&] { return !machine.as_found(); }));
    window.end(SIGKILL);
    wait_until(now_s() + 0.2);
    CHECK_FALSE(machine.as_found());
    const auto holder = read_number(machine.state_folder() / "alert/lock");
    REQUIRE(holder);
    kill(static_cast<pid_t>(*holder), SIGKILL);
    CHECK(becomes_true([&] { return machine.as_found() && !machine.has_journal(); }));
}

}  // namespace
}  // namespace alert::test
