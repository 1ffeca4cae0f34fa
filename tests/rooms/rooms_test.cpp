// Layers are kept by the include directories of their targets. The program under test, $ALERT, is
// the compiler.

#include <fstream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "tests/cli/program.h"
#include "tests/support/catch.h"

using namespace alert::test;

namespace {

// Each room, or what another sees of it, with one of its headers.
const std::vector<std::pair<std::string, std::string>> kRooms = {
    {"public", "alert/goal.h"},
    {"method", "core/method/estimate.h"},
    {"evaluation", "core/evaluation/grid.h"},
    {"db", "db/store.h"},
    {"profiler", "profiler/clock.h"},
    {"text", "cli/text/units.h"},
    {"status", "cli/jobs/status.h"},
    {"jobs", "cli/jobs/run_job.h"},
    {"report", "cli/report/run_report.h"},
    {"render", "cli/report/render/csv.h"},
    {"terminal", "cli/terminal/output.h"},
    {"commands", "cli/commands/app.h"}};

/// As the compiler takes them: "-I'...' -I'...'".
std::string include_flags(const std::string& target) {
    std::ifstream file(ALERT_INCLUDE_DIRECTORIES);
    std::string name, folders;
    while (file >> name >> folders) {
        if (name == target) {
            std::string flags;
            std::istringstream list(folders);
            for (std::string folder; std::getline(list, folder, ':');) {
                flags += " -I'" + folder + "'";
            }
            return flags;
        }
    }
    FAIL("no include directories of " << target);
    return {};
}

/// The rooms whose headers the compiler finds for the target.
std::string seen_by(const std::string& target) {
    std::string source;
    for (const auto& [room, header] : kRooms) {
        source += "#if __has_include(\"" + header + "\")\n" + room + "\n#endif\n";
    }
    const Finished done = run("printf '%s' '" + source + "' | \"$ALERT\" -E -P -x c++ " +
                              include_flags(target) + " - | xargs");
    INFO(done.err);
    REQUIRE(done.code == 0);
    return done.out.substr(0, done.out.find('\n'));
}

bool compiles(const std::string& target, const std::string& header) {
    return run("echo '#include \"" + header + "\"' | \"$ALERT\" -std=c++20 -fsyntax-only -x c++ " +
               include_flags(target) + " -")
               .code == 0;
}

}  // namespace

TEST_CASE("a layer sees the layers below it and no other") {
    CHECK(seen_by("alert_core") == "public method");
    CHECK(seen_by("alert_evaluation") == "public method evaluation");
    CHECK(seen_by("alert_db") == "public method evaluation db");
    CHECK(seen_by("alert_power") == "public profiler");
    CHECK(seen_by("alert_profiler") == "public method evaluation profiler");
}

TEST_CASE("of the command line, jobs and reports see neither the terminal nor the commands") {
    const std::string below = "public method evaluation db ";
    CHECK(seen_by("alert_text") == "public text");
    CHECK(seen_by("alert_jobs") == below + "profiler text status jobs");
    CHECK(seen_by("alert_report") == below + "text report");
    CHECK(seen_by("alert_render") == below + "profiler text report render");
    CHECK(seen_by("alert_terminal") == below + "profiler text status report render terminal");
    CHECK(seen_by("alert_cli") ==
          below + "profiler text status jobs report render terminal commands");
}

TEST_CASE("an include of another layer does not compile") {
    CHECK(compiles("alert_profiler", "profiler/clock.h"));
    CHECK_FALSE(compiles("alert_db", "profiler/clock.h"));
    CHECK(compiles("alert_db", "db/records.h"));
    CHECK_FALSE(compiles("alert_profiler", "db/records.h"));
}
