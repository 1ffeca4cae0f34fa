#include "profiler/workload/schedule.h"

#include <fstream>
#include <set>
#include <string>

#include "alert/error.h"
#include "tests/profiler/temporary_folder.h"
#include "tests/support/catch.h"

using namespace alert;
using Catch::Matchers::Contains;

namespace {

/// One letter an input: d, c or m.
std::string drawn(std::string_view spec, std::size_t inputs) {
    const Schedule schedule = Schedule::parse(spec, inputs);
    std::string letters;
    for (std::size_t i = 0; i < inputs; ++i) {
        letters += to_string(schedule.at(i)).front();
    }
    return letters;
}

}  // namespace

TEST_CASE("a plain environment holds for the whole run") {
    CHECK(drawn("default", 4) == "dddd");
    CHECK(drawn("compute", 4) == "cccc");
    CHECK(drawn("memory", 4) == "mmmm");
}

TEST_CASE("a part of a run starts and ends where its percentages lie") {
    CHECK(drawn("compute@30%-60%", 10) == "dddcccdddd");
    CHECK(drawn("memory@0%-100%", 3) == "mmm");
    CHECK(drawn("compute@33.3%-66.6%", 3) == "dcd");
    CHECK(drawn("compute@50%-60%", 3) == "ddd");  // no input lies in it
    CHECK(drawn("compute@30%-60%", 0).empty());
}

TEST_CASE("parts that meet leave no input out and share none") {
    const std::size_t inputs = GENERATE(1U, 7U, 10U, 99U, 333U);
    const std::string first = drawn("compute@0%-37%", inputs);
    const std::string second = drawn("compute@37%-100%", inputs);
    for (std::size_t i = 0; i < inputs; ++i) {
        CHECK((first[i] == 'c') != (second[i] == 'c'));
    }
}

TEST_CASE("a file gives one part a line, later lines over earlier ones") {
    const TemporaryFolder folder;
    const auto file = folder.path() / "schedule";
    std::ofstream(file) << "# quiet at both ends\n\n"
                        << "  compute@20%-80%   # most of it\r\n"
                        << "memory@40%-50%\n";
    CHECK(drawn(file.string(), 10) == "ddccmcccdd");
}

TEST_CASE("parts with commas between them are those of a file, and outlive it") {
    std::string parts;
    {
        const TemporaryFolder folder;
        const auto file = folder.path() / "schedule";
        std::ofstream(file) << "# most of it\n  compute@20%-80% \r\n\nmemory@40%-50%\n";
        parts = without_file(file.string());
    }
    CHECK(parts == "compute@20%-80%,memory@40%-50%");
    CHECK(drawn(parts, 10) == "ddccmcccdd");
    CHECK(without_file("random:seed=7") == "random:seed=7");
}

TEST_CASE("an environment of more parts than a file's name has letters is none of a file") {
    std::string parts;
    for (int percent = 0; percent < 100; ++percent) {
        const std::string from = std::to_string(percent), to = std::to_string(percent + 1);
        parts += (percent == 0 ? "" : ",") + std::string(percent % 2 == 0 ? "compute" : "memory") +
                 "@" + from + "%-" + to + "%";
    }
    CHECK(without_file(parts) == parts);
    CHECK(drawn(parts, 100).substr(0, 6) == "cmcmcm");
}

TEST_CASE("a file may begin with a mark of the byte order") {
    const TemporaryFolder folder;
    const auto file = folder.path() / "schedule";
    std::ofstream(file) << "\xef\xbb\xbf"
                           "compute@20%-80%\nmemory@40%-50%\n";
    CHECK(drawn(file.string(), 10) == "ddccmcccdd");
    CHECK(without_file(file.string()) == "compute@20%-80%,memory@40%-50%");
}

TEST_CASE("a wrong line of a file is named by its number") {
    const TemporaryFolder folder;
    const auto file = folder.path() / "schedule";
    std::ofstream(file) << "compute@20%-80%\nnoise@1%-2%\n";
    CHECK_THROWS_WITH(Schedule::parse(file.string(), 10),
                      Contains("schedule:2") && Contains("'noise'"));
    CHECK_THROWS_WITH(without_file(file.string()), Contains("schedule:2") && Contains("'noise'"));
    std::ofstream(file) << "# nothing\n";
    CHECK_THROWS_WITH(Schedule::parse(file.string(), 10), Contains("no environments in it"));
}

TEST_CASE("a random schedule follows its seed and visits all environments") {
    const std::string letters = drawn("random:seed=7", 300);
    CHECK(letters == drawn("random:seed=7", 300));
    CHECK(letters != drawn("random:seed=8", 300));
    CHECK(std::set(letters.begin(), letters.end()) == std::set{'d', 'c', 'm'});
    CHECK(letters.front() == 'd');
    CHECK(drawn("random:seed=7", 1) == "d");
}

TEST_CASE("used names the environments that occur, each once") {
    CHECK(Schedule::parse("default", 10).used().empty());
    CHECK(Schedule::parse("compute@50%-60%", 3).used().empty());
    CHECK(Schedule::parse("memory@10%-60%", 10).used() == std::vector{Environment::kMemory});
    CHECK(Schedule::parse("random:seed=7", 300).used() ==
          std::vector{Environment::kCompute, Environment::kMemory});
}

TEST_CASE("a wrong environment is refused with the remedy") {
    const auto [spec, says] = GENERATE(table<const char*, const char*>({
        {"", "no environment ''"},
        {"noise", "no environment 'noise'; write default, compute, memory"},
        {"noise@1%-2%", "no environment 'noise'"},
        {"compute@1%-2%,", "no environment ''"},
        {"compute@1%-2%,noise", "no environment 'noise'"},
        {"compute@", "write it as 30%-60%"},
        {"compute@30%", "write it as 30%-60%"},
        {"compute@30-60", "write it as 30%-60%"},
        {"compute@30%-60%x", "write it as 30%-60%"},
        {"compute@nan%-60%", "write it as 30%-60%"},
        {"compute@60%-30%", "must rise"},
        {"compute@30%-30%", "must rise"},
        {"compute@30%-101%", "lie within 0%-100%"},
        {"random", "write random:seed=7"},
        {"random:", "write random:seed=7"},
        {"random:seed=", "write random:seed=7"},
        {"random:seed=x", "write random:seed=7"},
        {"random:seed=-1", "write random:seed=7"},
    }));
    CAPTURE(spec);
    CHECK_THROWS_WITH(Schedule::parse(spec, 10),
                      Contains("--environment " + std::string(spec)) && Contains(says));
    CHECK_THROWS_AS(Schedule::parse(spec, 10), RequestError);
}
