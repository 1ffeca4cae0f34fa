#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <sstream>
#include <string>

#include "tests/support/catch.h"

namespace fs = std::filesystem;

namespace {

// The headers of C++20's library.
constexpr const char* kStandard = R"(
    algorithm any array atomic barrier bit bitset cassert cctype cerrno cfenv cfloat charconv
    chrono cinttypes climits clocale cmath codecvt compare complex concepts condition_variable
    coroutine csetjmp csignal cstdarg cstddef cstdint cstdio cstdlib cstring ctime cuchar
    cwchar cwctype deque exception execution filesystem format forward_list fstream functional
    future initializer_list iomanip ios iosfwd iostream istream iterator latch limits list
    locale map memory memory_resource mutex new numbers numeric optional ostream queue random
    ranges ratio regex scoped_allocator semaphore set shared_mutex source_location span
    sstream stack stdexcept stop_token streambuf string string_view strstream syncstream
    system_error thread tuple type_traits typeindex typeinfo unordered_map unordered_set
    utility valarray variant vector version)";

// Files, threads and clocks are the standard library's too, and none of the method's business.
constexpr const char* kWorldly = R"(
    chrono condition_variable cstdio ctime filesystem fstream future iostream mutex
    shared_mutex thread)";

std::set<std::string> words_of(const char* text) {
    std::istringstream words(text);
    return {std::istream_iterator<std::string>(words), {}};
}

bool is_source(const fs::path& file) {
    return file.extension() == ".h" || file.extension() == ".cpp";
}

// Why `file` may not include this; empty if it may.
std::string objection_to(const std::string& included, const fs::path& file) {
    const std::string name = included.substr(1, included.size() - 2);
    if (included.front() == '<') {
        if (!words_of(kStandard).contains(name)) {
            return "not a header of the standard library";
        }
        return words_of(kWorldly).contains(name) ? "touches the world" : "";
    }
    const fs::path source = ALERT_SOURCE_DIR;
    if (name.starts_with("alert/")) {
        return fs::exists(source / "include" / name) ? "" : "not there";
    }
    if (file.string().starts_with((source / "include").string())) {
        return "not public";
    }
    if (!name.starts_with("core/")) {
        return "not in core/";
    }
    if (name.starts_with("core/evaluation/") && file.parent_path().filename() == "method") {
        return "only experiments need it";
    }
    return fs::exists(source / name) ? "" : "not there";
}

void check_includes_below(const fs::path& folder, int least) {
    const std::regex directive(R"(^\s*#\s*include\s*(.*?)\s*(//.*)?$)");
    const std::regex form(R"(<[^>]+>|"[^"]+")");
    int includes = 0;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
        if (!is_source(entry.path())) {
            continue;
        }
        std::ifstream file(entry.path());
        std::smatch match;
        for (std::string line; std::getline(file, line);) {
            if (!std::regex_match(line, match, directive)) {
                continue;
            }
            ++includes;
            const std::string included = match[1];
            INFO(entry.path().filename() << ": #include " << included);
            REQUIRE(std::regex_match(included, form));
            CHECK(objection_to(included, entry.path()) == "");
        }
    }
    CHECK(includes >= least);  // the files were found
}

}  // namespace

TEST_CASE(
    "core includes the standard library, public headers and itself, the method no evaluation") {
    check_includes_below(fs::path(ALERT_SOURCE_DIR) / "core", 30);
}

TEST_CASE("public headers include the standard library and one another, nothing else") {
    check_includes_below(fs::path(ALERT_SOURCE_DIR) / "include", 4);
}
