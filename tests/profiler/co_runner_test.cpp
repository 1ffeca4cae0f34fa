#include "profiler/workload/co_runner.h"

#include <sched.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include "alert/error.h"
#include "profiler/power/sysfs.h"
#include "profiler/workload/stress_ng.h"
#include "tests/profiler/processes.h"
#include "tests/profiler/temporary_folder.h"
#include "tests/support/catch.h"

using namespace alert;
using Catch::Matchers::Contains;
using processes::becomes_true;
using processes::Child;
namespace fs = std::filesystem;

namespace {

/// Fields of /proc/PID/stat after the name: state, parent, group, session.
struct Status {
    char state = 'X';
    pid_t session = 0;
};

Status status_of(const std::string& process) {
    const std::string text = read_value("/proc/" + process + "/stat").value_or("");
    const auto after = text.rfind(')');
    Status status;
    if (after != std::string::npos) {
        int parent = 0;
        int group = 0;
        std::sscanf(text.c_str() + after + 1, " %c %d %d %d", &status.state, &parent, &group,
                    &status.session);
    }
    return status;
}

/// Makes the processes started from here on known by their working folder: stress-ng workers
/// overwrite their environment, and other tests may run theirs at the same time.
class Mark {
   public:
    Mark() : before_(fs::current_path()) { fs::current_path(folder_.path()); }
    ~Mark() { fs::current_path(before_); }

    /// The stress-ng processes of this test, stress-ng itself and its workers.
    std::vector<std::string> processes() const {
        std::vector<std::string> found;
        for (const auto& entry : fs::directory_iterator("/proc")) {
            std::error_code gone;
            const std::string program = read_value(entry.path() / "comm").value_or("");
            if (program.starts_with("stress-ng") &&
                fs::read_symlink(entry.path() / "cwd", gone) == folder_.path()) {
                found.push_back(entry.path().filename());
            }
        }
        return found;
    }
    std::size_t running() const { return processes().size(); }

   private:
    TemporaryFolder folder_;
    fs::path before_;
};

/// Workers besides stress-ng itself.
bool works(const Mark& mark, std::size_t workers) {
    return mark.running() == workers + 1;
}

}  // namespace

TEST_CASE("co-runners work while their environment stands and are gone after it") {
    const Mark mark;
    CoRunner co_runner;
    const std::size_t workers = 2 * static_cast<std::size_t>(sysconf(_SC_NPROCESSORS_ONLN)) - 1;
    for (Environment environment : {Environment::kCompute, Environment::kMemory}) {
        co_runner.switch_to(environment);
        CHECK(becomes_true([&] { return works(mark, workers); }));
        co_runner.switch_to(Environment::kDefault);
        CHECK(mark.running() == 0);
    }
}

TEST_CASE("co-runners of one environment give way to those of another") {
    const Mark mark;
    CoRunner co_runner;
    co_runner.switch_to(Environment::kCompute);
    CHECK(becomes_true([&] { return mark.running() > 1; }));
    const auto first = mark.processes();
    co_runner.switch_to(Environment::kCompute);  // stands already
    CHECK(mark.processes().front() == first.front());
    co_runner.switch_to(Environment::kMemory);
    CHECK(becomes_true([&] { return mark.running() > 1; }));
    CHECK(status_of(first.front()).state == 'X');
}

TEST_CASE("co-runners stay in this session, where they contend") {
    const Mark mark;
    CoRunner co_runner;
    co_runner.switch_to(Environment::kCompute);
    CHECK(becomes_true([&] { return mark.running() > 1; }));
    for (const std::string& process : mark.processes()) {
        CHECK(status_of(process).session == getsid(0));
    }
}

TEST_CASE("no co-runner is left after an exception") {
    const Mark mark;
    try {
        CoRunner co_runner;
        co_runner.switch_to(Environment::kMemory);
        REQUIRE(becomes_true([&] { return mark.running() > 1; }));
        throw Error("a network failed");
    } catch (const Error&) {
    }
    CHECK(mark.running() == 0);
}

TEST_CASE("no co-runner is left after kill -9 at any moment", "[timing]") {
    const Mark mark;
    std::mt19937 random(1);
    for (int i = 0; i < 10; ++i) {
        Child child([&](auto ready) {
            CoRunner co_runner;
            ready();
            co_runner.switch_to(i % 2 == 0 ? Environment::kCompute : Environment::kMemory);
            processes::sleep_until_killed();
        });
        REQUIRE(child.ready());
        std::this_thread::sleep_for(std::chrono::microseconds(random() % 80'000));
        child.end(SIGKILL, i % 3 == 0);
        CHECK(becomes_true([&] { return mark.running() == 0; }));
    }
}

TEST_CASE("stress-ng that ends by itself is an error, not a quiet machine") {
    const Mark mark;
    CoRunner co_runner;
    co_runner.switch_to(Environment::kCompute);
    REQUIRE(becomes_true([&] { return mark.running() > 1; }));
    for (const std::string& process : mark.processes()) {
        kill(std::stoi(process), SIGKILL);
    }
    CHECK(becomes_true([&] {
        try {
            co_runner.switch_to(Environment::kCompute);
            return false;
        } catch (const Error& error) {
            return std::string(error.what()).find("ended by itself") != std::string::npos;
        }
    }));
    CHECK(mark.running() == 0);
}

TEST_CASE("calibration slows the reference loop on one processor and leaves nothing running",
          "[timing]") {
    const Mark mark;
    // A child with one processor: a co-runner cannot go elsewhere.
    Child child([&](auto ready) {
        cpu_set_t one;
        CPU_ZERO(&one);
        CPU_SET(0, &one);
        if (sched_setaffinity(0, sizeof one, &one) != 0) {
            throw Error("no affinity");
        }
        CoRunner co_runner;
        const Contention contention = co_runner.calibrate(Environment::kCompute, 8, false);
        if (contention.workers < 1 || contention.slowdown < 1.2) {
            throw Error("no contention");
        }
        ready();
        if (mark.running() != 0) {
            throw Error("left running");
        }
    });
    CHECK(child.ready());
    CHECK(child.exit_code() == 0);
}

TEST_CASE("the default environment needs no calibration") {
    CoRunner co_runner;
    const Contention contention = co_runner.calibrate(Environment::kDefault, 8, false);
    CHECK(contention.workers == 0);
    CHECK(contention.slowdown == 1);
}

TEST_CASE("a machine without stress-ng is told the package") {
    const std::string path = std::getenv("PATH");
    setenv("PATH", "/nowhere::/", 1);
    CHECK_THROWS_WITH(CoRunner(), Contains("apt-get install stress-ng"));
    CHECK_THROWS_AS(CoRunner(), RequestError);
    setenv("PATH", path.c_str(), 1);
}
