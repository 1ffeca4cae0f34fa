#include <sys/mount.h>

#include <algorithm>
#include <fstream>

#include "profiler/clock.h"
#include "profiler/power/sysfs.h"
#include "tests/power/sweeping.h"
#include "tests/support/catch.h"

// The program, when the machine fails it in mid-run.

namespace alert::test {
namespace {

using Catch::Matchers::Contains;
using processes::becomes_true;
using processes::Child;
namespace fs = std::filesystem;

constexpr auto kRun = "run -q --deadline 20ms --period 5ms --inputs 2000";
constexpr auto kProfile =
    "profile -q --models $ZOO/cnn-1k.pt $ZOO/cnn-4k.pt --data $ZOO/data/test.pt --power rapl "
    "--settings 20W,40W";

std::ptrdiff_t lines(const std::string& text) {
    return std::count(text.begin(), text.end(), '\n');
}

/// It fails with one line of error, and one that tells what could not be restored.
void check_failed_by_vanished_zone(Child& program, const Session& session,
                                   const TwoQuickPackages& machine) {
    CHECK(program.exit_code() == 1);
    const std::string err = read_file(session.path("err"));
    CHECK(lines(err) == 2);
    CHECK_THAT(err, Contains("intel-rapl:0/constraint_") && Contains("vanished"));
    CHECK_THAT(err,
               Contains("not everything could be restored; do it by hand: echo '45000000' > "));
    CHECK(read_number(machine.limit_file("intel-rapl:1", "long_term")) == 45'000'000);
    CHECK(read_number(machine.limit_file("intel-rapl:1", "short_term")) == 56'250'000);
    CHECK(session.sql("PRAGMA integrity_check") == "ok");
}

TEST_CASE("a zone that vanishes ends a profile, and what was measured is kept") {
    TwoQuickPackages machine;
    const Session session;
    Child sweep = start(command_line(session, kSweep));
    REQUIRE(becomes_true([&] { return !machine.as_found(); }));
    REQUIRE(becomes_true([&] { return machine.zone("intel-rapl:0").writes > 200; }));
    machine.remove("intel-rapl:0");
    check_failed_by_vanished_zone(sweep, session, machine);
    CHECK(has_rows(session, "sample"));
    CHECK(session.sql("SELECT complete FROM profile") == "0");
}

TEST_CASE("a zone that vanishes ends a run, and the inputs answered are kept, with their figures") {
    TwoQuickPackages machine;
    const Session session;
    session.must(std::string("alert ") + kProfile + " --inputs 20");
    Child running = start(command_line(session, kRun));
    REQUIRE(becomes_true([&] { return !machine.as_found(); }));
    REQUIRE(becomes_true([&] { return has_rows(session, "input"); }));
    machine.remove("intel-rapl:0");
    check_failed_by_vanished_zone(running, session, machine);
    CHECK(session.sql("SELECT finished FROM run") == "0");
    CHECK(session.sql("SELECT inputs = (SELECT count(*) FROM input) FROM run_figures") == "1");
}

TEST_CASE("a limit that another program changes is reported at the end, and stored as a warning") {
    const TwoQuickPackages machine;
    const Session session;
    Child sweep = start(
        command_line(session, std::string(kProfile) + " --precision 0 --inputs 1000 --warmup 1"));
    // It stands for half a second, at both terms of both packages.
    REQUIRE(becomes_true([&] { return machine.zone("intel-rapl:1").writes == 2; }));
    wait_until(now_s() + 0.05);
    machine.move_limit("intel-rapl:1", "long_term", 3);
    CHECK(sweep.exit_code() == 0);
    CHECK_THAT(read_file(session.path("err")), Contains("another program") && Contains("to 3W"));
    CHECK_THAT(session.sql("SELECT warnings FROM profile"), Contains("to 3W"));
    CHECK(machine.as_found());
}

/// A file system without room, mounted where state is kept.
class FullDisk {
   public:
    explicit FullDisk(fs::path folder) : folder_(std::move(folder)) {
        REQUIRE(mount("full", folder_.c_str(), "tmpfs", 0, "size=64k,mode=755") == 0);
        fs::create_directory(folder_ / "alert");
    }
    ~FullDisk() { umount2(folder_.c_str(), MNT_DETACH); }
    FullDisk(const FullDisk&) = delete;
    FullDisk& operator=(const FullDisk&) = delete;

    void fill() const { std::ofstream(folder_ / "filler") << std::string(1'000'000, 'x'); }

   private:
    fs::path folder_;
};

TEST_CASE("without room for the lock or the journal nothing is changed, in one line") {
    const TwoQuickPackages machine;
    const FullDisk disk(machine.state_folder());
    const auto file = GENERATE("lock", "journal.json");
    if (file == std::string("journal.json")) {  // the lock has a page of its own already
        write_file(machine.state_folder() / "alert/lock", "1");
    }
    disk.fill();
    const Finished done = run("\"$ALERT\" devices --test rapl");
    CHECK(done.code == 1);
    CHECK(lines(done.err) == 1);
    CHECK_THAT(done.err,
               Contains(std::string(file) + ": cannot be written: No space left on device; "
                                            "set $XDG_STATE_HOME"));
    CHECK(machine.zone("intel-rapl:0").writes == 0);
    CHECK_FALSE(machine.has_journal());
}

TEST_CASE("without the right to set limits the request is refused in one line") {
    const TwoQuickPackages machine;
    const Finished done =
        run("HOME=/tmp XDG_STATE_HOME= setpriv --reuid 65534 --clear-groups "
            "\"$ALERT\" devices --test rapl");
    CHECK(done.code == 2);
    CHECK(lines(done.err) == 1);
    CHECK_THAT(done.err, Contains("Permission denied; run as root"));
    CHECK(machine.zone("intel-rapl:0").writes == 0);
}

TEST_CASE("a second alert is refused with the pid of the first, which goes on") {
    const TwoQuickPackages machine;
    const Session session;
    Child sweep = start(command_line(session, kSweep));
    REQUIRE(becomes_true([&] { return !machine.as_found(); }));
    for (const char* command : {"devices --test rapl", "devices --restore"}) {
        const Finished second = run(std::string("\"$ALERT\" ") + command);
        CHECK(second.code == 1);
        CHECK(lines(second.err) == 1);
        CHECK_THAT(second.err,
                   Contains("held by another alert, process " + std::to_string(sweep.process())));
    }
    sweep.end(SIGINT);
    CHECK(machine.as_found());
}

TEST_CASE("a restore that fails prints the commands, and is completed by them or by --restore") {
    TwoQuickPackages machine;
    machine.change("intel-rapl:0", [](Zone& zone) { zone.writes_taken = 2; });
    const Finished test = run("\"$ALERT\" devices --test rapl");
    CHECK(test.code == 1);
    CHECK(machine.has_journal());
    CHECK(read_number(machine.limit_file("intel-rapl:1", "long_term")) == 45'000'000);
    const std::string words = "could not be restored; as root: ";
    std::string commands;
    for (auto at = test.err.find(words); at != std::string::npos; at = test.err.find(words, at)) {
        at += words.size();
        commands += test.err.substr(at, test.err.find('\n', at) - at + 1);
    }
    CHECK(lines(commands) == 2);

    const Finished refused = run("\"$ALERT\" devices --test rapl");
    CHECK(refused.code == 1);
    CHECK_THAT(refused.err, Contains("restore it with: alert devices --restore"));
    const Finished again = run("\"$ALERT\" devices --restore");
    CHECK(again.code == 1);
    CHECK_THAT(again.err, Contains("restored 2 of 4 changes") && Contains(words));
    CHECK(machine.has_journal());

    machine.change("intel-rapl:0", [](Zone& zone) { zone.writes_taken = 1'000'000; });
    SECTION("by hand") {
        CHECK(run(commands).code == 0);
        CHECK(machine.as_found());
    }
    const Finished mended = run("\"$ALERT\" devices --restore");
    CHECK(mended.code == 0);
    CHECK(machine.as_found());
    CHECK_FALSE(machine.has_journal());
    CHECK(run("\"$ALERT\" devices --test rapl").code == 0);
}

TEST_CASE("a journal of another boot is dropped, and stops nobody") {
    const TwoQuickPackages machine;
    const fs::path limit = machine.limit_file("intel-rapl:0", "long_term");
    fs::create_directory(machine.state_folder() / "alert");
    write_file(machine.state_folder() / "alert/journal.json",
               R"({"boot_id": "another", "knob": "--power rapl", "pid": 1, "actions": [)"
               R"({"path": ")" +
                   limit.string() + R"(", "value": "30000000", "bound": ""}]})");
    CHECK(run("\"$ALERT\" devices --test rapl").code == 0);
    CHECK_FALSE(machine.has_journal());
    const Finished restore = run("\"$ALERT\" devices --restore");
    CHECK(restore.code == 0);
    CHECK_THAT(restore.err, Contains("nothing was left changed"));
    CHECK(machine.as_found());
}

}  // namespace
}  // namespace alert::test
