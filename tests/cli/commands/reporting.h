#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <regex>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "alert/error.h"
#include "cli/commands/commands.h"
#include "cli/commands/options.h"
#include "cli/commands/report_command.h"
#include "cli/text/printable.h"
#include "tests/cli/program.h"
#include "tests/cli/sample_store.h"

/// `alert report` over stores of the tests' own.
namespace alert::cli {

namespace fs = std::filesystem;

/// An empty folder that is deleted with the object.
class Folder : public test::TemporaryFolder {
   public:
    fs::path operator/(const std::string& name) const { return path() / name; }
};

struct Result {
    int code = 0;
    std::string out, err;
};

/// `alert report ARGUMENTS` over the store.
inline Result report(const fs::path& store, std::vector<std::string> arguments) {
    std::ostringstream out, err;
    Reporter reporter(err, false, false);
    Context context{.out = out, .reporter = reporter, .style = {}, .store = store, .command = {}};
    CLI::App app("alert");
    add_report_command(app, context);
    arguments.insert(arguments.begin(), "report");
    std::reverse(arguments.begin(), arguments.end());  // as CLI11 wants them
    app.parse(arguments);
    const int code = context.command();
    return {code, out.str(), err.str()};
}

inline std::string refusal(const fs::path& store, const std::vector<std::string>& arguments) {
    try {
        report(store, arguments);
    } catch (const RequestError& error) {
        return error.what();
    }
    return "";
}

inline std::string golden(const std::string& name) {
    return test::read_file(fs::path(ALERT_GOLDEN) / name);
}

/// Columns of the widest line.
inline int width_of(const std::string& text) {
    std::istringstream lines(text);
    int widest = 0;
    for (std::string line; std::getline(lines, line);) {
        widest = std::max(widest, display_width(line));
    }
    return widest;
}

inline bool holds(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

struct SampleStore {
    Folder folder;
    fs::path file = folder / "alert.db";
    SampleStore() { test::fill_sample_store(file); }
};

/// With numbers to twelve digits: logarithms of C libraries differ in the last ones.
inline std::string rounded(const std::string& text) {
    const std::regex number(R"(\d+\.\d{13,})");
    std::string out;
    auto from = text.begin();
    for (std::sregex_iterator at(text.begin(), text.end(), number), end; at != end; ++at) {
        out.append(from, text.begin() + at->position());
        out += fmt::format("{:.12g}", std::stod(at->str()));
        from = text.begin() + at->position() + at->length();
    }
    return out.append(from, text.end());
}

}  // namespace alert::cli
