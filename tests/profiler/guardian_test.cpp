#include "profiler/power/guardian.h"

#include <cstdlib>
#include <fstream>
#include <random>
#include <string>

#include "alert/error.h"
#include "profiler/power/sysfs.h"
#include "tests/profiler/processes.h"
#include "tests/profiler/temporary_folder.h"
#include "tests/support/catch.h"

using namespace alert;
using Catch::Matchers::Contains;
using processes::becomes_true;
using processes::Child;
namespace fs = std::filesystem;

namespace {

/// Two files that stand for knobs, and a state folder of the test's own.
struct Machine {
    TemporaryFolder folder;
    fs::path limit = folder.path() / "limit";
    fs::path speed = folder.path() / "speed";

    Machine() {
        setenv("XDG_STATE_HOME", folder.path().c_str(), 1);
        set(limit, "50");
        set(speed, "100");
    }
    static void set(const fs::path& file, std::string_view value) { std::ofstream(file) << value; }
    std::vector<RestoreAction> actions() const {
        return {{limit.string(), "50"}, {speed.string(), "100"}};
    }
    void change() const {
        set(limit, "99");
        set(speed, "12");
    }
    bool as_found() const { return read_value(limit) == "50" && read_value(speed) == "100"; }
    bool changed() const { return read_value(limit) == "99" && read_value(speed) == "12"; }
    fs::path journal() const { return journal_file(state_folder()); }

    /// A process that holds the knob and has changed it.
    template <class AtTheEnd>
    Child holder(AtTheEnd at_the_end) const {
        return Child([this, at_the_end](auto ready) {
            const Guardian guardian("test", actions());
            change();
            ready();
            at_the_end(guardian);
        });
    }
    Child holder() const {
        return holder([](const Guardian&) { processes::sleep_until_killed(); });
    }
};

}  // namespace

TEST_CASE("what was changed is restored on return") {
    const Machine machine;
    {
        Guardian guardian("test", machine.actions());
        machine.change();
        CHECK(fs::exists(machine.journal()));
        const pid_t process = guardian.process();
        CHECK(guardian.restore().empty());
        CHECK(machine.as_found());
        CHECK(kill(process, 0) != 0);
    }
    CHECK_FALSE(fs::exists(machine.journal()));
}

TEST_CASE("what was changed is restored on an exception") {
    const Machine machine;
    try {
        const Guardian guardian("test", machine.actions());
        machine.change();
        throw Error("a network failed");
    } catch (const Error&) {
    }
    CHECK(machine.as_found());
}

TEST_CASE("what was changed is restored after kill -9") {
    const Machine machine;
    Child holder = machine.holder();
    REQUIRE(holder.ready());
    REQUIRE(machine.changed());
    holder.end(SIGKILL);
    CHECK(becomes_true([&] { return machine.as_found() && !fs::exists(machine.journal()); }));
}

TEST_CASE("what was changed is restored after kill -9 of the whole process group") {
    const Machine machine;
    Child holder = machine.holder();
    REQUIRE(holder.ready());
    holder.end(SIGKILL, true);
    CHECK(becomes_true([&] { return machine.as_found() && !fs::exists(machine.journal()); }));
}

TEST_CASE("the guardian is deaf to what a terminal sends") {
    const Machine machine;
    Child holder = machine.holder([](const Guardian& guardian) {
        for (int signal : {SIGHUP, SIGINT, SIGQUIT, SIGTERM}) {
            kill(guardian.process(), signal);
        }
        processes::sleep_until_killed();
    });
    REQUIRE(holder.ready());
    holder.end(SIGKILL);
    CHECK(becomes_true([&] { return machine.as_found(); }));
}

TEST_CASE("a second holder is refused with the pid of the first") {
    const Machine machine;
    Child holder = machine.holder();
    REQUIRE(holder.ready());
    CHECK_THROWS_WITH(Guardian("test", machine.actions()),
                      Contains("process " + std::to_string(holder.process())));
    CHECK_THROWS_WITH(restore_left_behind(),
                      Contains("process " + std::to_string(holder.process())));
    CHECK(machine.changed());
}

TEST_CASE("a new holder waits for the guardian of one that was just killed") {
    const Machine machine;
    for (int i = 0; i < 10; ++i) {
        Child holder = machine.holder();
        REQUIRE(holder.ready());
        holder.end(SIGKILL);
        CHECK_NOTHROW(Guardian("test", machine.actions()));
        CHECK(machine.as_found());
    }
}

TEST_CASE("with the guardian dead too, the journal refuses new captures until it is replayed") {
    const Machine machine;
    Child holder = machine.holder([](const Guardian& guardian) {
        kill(guardian.process(), SIGKILL);
        kill(getpid(), SIGKILL);
    });
    CHECK(holder.exit_code() == -1);
    // The killed guardian may hold the lock for another moment.
    REQUIRE(becomes_true([] {
        try {
            const HolderLock lock(state_folder(), "test");
            return true;
        } catch (const Error&) {
            return false;
        }
    }));
    CHECK(machine.changed());
    CHECK_THROWS_WITH(Guardian("test", machine.actions()), Contains("alert devices --restore"));
    const RestoreReport report = restore_left_behind();
    REQUIRE(report.journal);
    CHECK(report.journal->knob == "test");
    CHECK(report.journal->actions.size() == 2);
    CHECK(report.failures.empty());
    CHECK(machine.as_found());
    CHECK_FALSE(restore_left_behind().journal);
    CHECK_NOTHROW(Guardian("test", machine.actions()));
}

TEST_CASE("a journal of another boot is dropped") {
    const Machine machine;
    machine.change();
    write_journal(state_folder(), {"another-boot", "test", 1, machine.actions()});
    CHECK_FALSE(restore_left_behind().journal);
    CHECK_FALSE(fs::exists(machine.journal()));
    CHECK(machine.changed());
}

TEST_CASE("a journal that cannot be read is not guessed at") {
    const Machine machine;
    Machine::set(machine.journal(), "{\"boot_id\": ");
    CHECK_THROWS_WITH(restore_left_behind(), Contains("journal.json: not a journal"));
    CHECK(fs::exists(machine.journal()));
}

TEST_CASE("a journal whose process is no whole number is not ours") {
    const Machine machine;
    for (const char* pid : {"1.5", "1e30", "\"1\""}) {
        Machine::set(machine.journal(),
                     "{\"boot_id\": \"" + boot_id() +
                         "\", \"knob\": \"rapl\", \"actions\": [], \"pid\": " + pid + "}");
        CHECK_THROWS_WITH(restore_left_behind(), Contains("journal.json: not a journal"));
    }
}

TEST_CASE("what cannot be restored is reported as a command, and the rest is restored") {
    const Machine machine;
    std::vector<RestoreAction> actions = machine.actions();
    const std::string lost = (machine.folder.path() / "gone" / "limit").string();
    actions.insert(actions.begin(), {lost, "7"});
    Guardian guardian("test", actions);
    machine.change();
    CHECK(guardian.restore() == std::vector<std::string>{"echo '7' > '" + lost + "'"});
    CHECK(machine.as_found());
    CHECK(fs::exists(machine.journal()));  // so that it can be tried again
}

TEST_CASE("a process that dies before its first change leaves nothing") {
    const Machine machine;
    std::mt19937 random(1);
    for (int i = 0; i < 10; ++i) {
        Child holder = machine.holder();
        std::this_thread::sleep_for(std::chrono::microseconds(random() % 4000));
        holder.end(SIGKILL, true);
        // Taking the knob waits for the guardian; a journal without one can be replayed.
        try {
            Guardian("test", machine.actions());
        } catch (const Error&) {
            CHECK(restore_left_behind().failures.empty());
        }
        CHECK(machine.as_found());
    }
}

TEST_CASE("a state folder that cannot be made is named") {
    const Machine machine;
    setenv("XDG_STATE_HOME", (machine.limit / "below-a-file").c_str(), 1);
    CHECK_THROWS_WITH(Guardian("test", machine.actions()), Contains("XDG_STATE_HOME"));
}
