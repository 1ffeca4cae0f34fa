#include "cli/jobs/grid_file.h"

#include "alert/error.h"
#include "tests/cli/program.h"
#include "tests/support/catch.h"

using namespace alert;
using namespace alert::cli;

namespace {

/// What a file of this text reads as.
std::vector<GoalRequest> read(const std::string& text) {
    const test::TemporaryFolder folder;
    const auto file = folder.path() / "grid.csv";
    test::write_file(file, text);
    return read_grid(file);
}

/// Why it is refused, without the folder's name.
std::string refusal(const std::string& text) {
    try {
        read(text);
    } catch (const RequestError& error) {
        const std::string what = error.what();
        const auto name = what.find("grid.csv");
        return name == std::string::npos ? what : what.substr(name);
    }
    return "";
}

}  // namespace

TEST_CASE("a grid may begin with a mark of the byte order") {
    const auto settings = read(
        "\xef\xbb\xbf"
        "deadline,accuracy\n5ms,90%\n");
    REQUIRE(settings.size() == 1);
    CHECK(settings[0].deadline_s == 0.005);
    CHECK(refusal("deadline\n\xef\xbb\xbf"
                  "5ms\n") != "");  // only there
}

TEST_CASE("a grid has a setting a line, columns in any order") {
    const auto settings = read(
        "accuracy,deadline,energy,period,objective\n"
        "92%,50ms,,,\n"
        ",20ms,2J,100ms,accuracy\n");
    REQUIRE(settings.size() == 2);
    CHECK(settings[0].accuracy == 0.92);
    CHECK(settings[0].deadline_s == 0.05);
    CHECK_FALSE(settings[0].energy_j);
    CHECK_FALSE(settings[0].period_s);
    CHECK_FALSE(settings[0].objective);
    CHECK_FALSE(settings[1].accuracy);
    CHECK(settings[1].deadline_s == 0.02);
    CHECK(settings[1].energy_j == 2);
    CHECK(settings[1].period_s == 0.1);
    CHECK(settings[1].objective == Objective::kMaximiseAccuracy);
}

TEST_CASE("spaces, quotes, comments, empty lines and the ends of DOS lines do not count") {
    const auto settings = read(
        "# ours\r\n"
        "\r\n"
        " \"deadline\" , accuracy\r\n"
        "\t50ms , \"0.9\"\r\n"
        "  # tight\r\n"
        "10ms,0.8");
    REQUIRE(settings.size() == 2);
    CHECK(settings[0].deadline_s == 0.05);
    CHECK(settings[0].accuracy == 0.9);
    CHECK(settings[1].deadline_s == 0.01);
}

TEST_CASE("a grid that cannot be is refused with file and line") {
    CHECK(refusal("deadlin,accuracy\n") ==
          "grid.csv:1: column deadlin: not one of objective, deadline, accuracy, energy, period "
          "(did you mean deadline?)");
    CHECK(refusal("\ndeadline,\n") ==
          "grid.csv:2: column \"\": not one of objective, deadline, accuracy, energy, period");
    CHECK(refusal("deadline,accuracy,deadline\n") == "grid.csv:1: column deadline: given twice");
    CHECK(refusal("deadline,accuracy\n50ms\n") == "grid.csv:2: 1 cells where the header has 2");
    CHECK(refusal("deadline\n50ms,90%\n") == "grid.csv:2: 2 cells where the header has 1");
    CHECK_THAT(refusal("deadline\n# a comment counts as a line\n50ms\n50\n"),
               Catch::StartsWith("grid.csv:4: deadline 50: a unit is missing"));
    CHECK_THAT(refusal("deadline,accuracy\n50ms,2\n"), Catch::StartsWith("grid.csv:2: accuracy 2"));
    CHECK_THAT(refusal("deadline,energy\n50ms,fast\n"),
               Catch::StartsWith("grid.csv:2: energy fast"));
    CHECK_THAT(refusal("deadline,period\n50ms,-1ms\n"),
               Catch::StartsWith("grid.csv:2: period -1ms"));
    CHECK(refusal("deadline,objective\n50ms,enery\n") ==
          "grid.csv:2: objective enery: not one of energy, accuracy, latency (did you mean "
          "energy?)");
    CHECK_THAT(refusal("deadline,accuracy,period\n,,10ms\n"),
               Catch::StartsWith("grid.csv:2: no goal"));
    CHECK_THAT(refusal("accuracy,energy\n90%,2J\n"),
               Catch::StartsWith("grid.csv:2: --period is missing"));
}

TEST_CASE("a grid without a setting, and a file that is none, are refused") {
    CHECK_THAT(refusal(""), Catch::EndsWith("holds no setting; write a header (such as "
                                            "deadline,accuracy), then one per line"));
    CHECK_THAT(refusal("deadline\n"), Catch::Contains("holds no setting"));
    const test::TemporaryFolder folder;
    for (const auto& file : {folder.path(), folder.path() / "missing.csv"}) {
        CHECK_THROWS_WITH(read_grid(file),
                          Catch::Contains("the file cannot be read; write paper, or the name of"));
    }
}
