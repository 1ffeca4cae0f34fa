#include <algorithm>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "tests/fuzz/targets.h"
#include "tests/support/catch.h"

namespace alert::fuzz {
namespace {

namespace fs = std::filesystem;

struct Target {
    const char* name;
    void (*run)(std::string_view);
};

constexpr Target kTargets[] = {
    {"units", units},       {"settings", settings},
    {"schedule", schedule}, {"schedule_file", schedule_file},
    {"grid", grid},         {"config", config},
    {"platform", platform}, {"family", family},
    {"journal", journal},   {"pickle", pickle},
};

std::string bytes_of(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<fs::path> corpus_of(const Target& target) {
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(fs::path(ALERT_FUZZ_CORPUS) / target.name)) {
        files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    return files;
}

}  // namespace

TEST_CASE("every parser takes or refuses what was kept of fuzzing it") {
    for (const Target& target : kTargets) {
        const auto corpus = corpus_of(target);
        CHECK_FALSE(corpus.empty());
        for (const fs::path& file : corpus) {
            INFO(file.string());
            CHECK_NOTHROW(target.run(bytes_of(file)));
        }
    }
}

TEST_CASE("a refusal is one line that brings no control characters of its own") {
    CHECK_NOTHROW(require_one_line("--flag a\tb: no", "a\tb"));
    CHECK_THROWS_AS(require_one_line("--flag: no\nmore", "ab"), Broken);
    CHECK_THROWS_AS(require_one_line("\x1b[31mno", "ab"), Broken);
    CHECK_THROWS_AS(require_one_line("", "ab"), Broken);
}

}  // namespace alert::fuzz
