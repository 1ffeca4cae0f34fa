#include <algorithm>
#include <cctype>
#include <iterator>
#include <map>
#include <memory>
#include <regex>
#include <sstream>

#include "cli/commands/app.h"
#include "tests/cli/program.h"
#include "tests/support/catch.h"

using namespace alert::cli;

namespace {

/// A line of the page without its marks: `.BI \-\-label " NAME" ...` is "--label NAME...".
std::string plain(const std::string& line) {
    std::string text = std::regex_replace(line, std::regex(R"(\\f[A-Z]|\\&)"), "");
    text = std::regex_replace(text, std::regex(R"(\\-)"), "-");
    if (!text.starts_with('.')) {
        return text;
    }
    // Macros of two fonts write their arguments without spaces between them.
    const std::string name = text.substr(1, text.find(' ') - 1);
    const std::string_view gap = name.size() == 2 ? "" : " ";
    static const std::regex argument(R"re("([^"]*)"|(\S+))re");
    std::string joined;
    const auto begin =
        text.begin() + static_cast<std::ptrdiff_t>(std::min(text.size(), name.size() + 1));
    for (std::sregex_iterator found(begin, text.end(), argument); found != std::sregex_iterator();
         ++found) {
        joined.append(joined.empty() ? "" : gap)
            .append((*found)[1].matched ? (*found)[1] : (*found)[2]);
    }
    return joined;
}

/// What stands under .TP: "--deadline TIME", and what it says.
struct Entry {
    std::string heading, text;
};

struct Section {
    std::vector<Entry> entries;
    std::string text;  ///< of all of it
};

std::map<std::string, Section> sections_of(const std::string& page) {
    std::map<std::string, Section> sections;
    Section* section = nullptr;
    bool heading = false;
    std::istringstream lines(page);
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with(".SH ")) {
            section = &sections[line.substr(4)];
        } else if (line == ".TP") {
            section->entries.emplace_back();
        } else if (section != nullptr) {
            section->text += plain(line) + ' ';
            if (heading) {
                section->entries.back().heading = plain(line);
            } else if (!section->entries.empty()) {
                section->entries.back().text += plain(line) + ' ';
            }
        }
        heading = line == ".TP";
    }
    return sections;
}

std::string section_name(const CLI::App& command) {
    std::string name = "ALERT " + command.get_name();
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return name;
}

constexpr const char* kCommon = "OPTIONS OF EVERY COMMAND";

/// "--deadline" of "--deadline TIME, ..." and the like.
std::vector<std::string> flags_in(const std::string& heading) {
    std::vector<std::string> flags;
    static const std::regex flag("--[a-z-]+");
    for (std::sregex_iterator found(heading.begin(), heading.end(), flag);
         found != std::sregex_iterator(); ++found) {
        flags.push_back(found->str());
    }
    return flags;
}

/// The entry of a flag in the section of its command; else among the options of every command, or
/// of a command that the section refers to.
const Entry* entry_of(const std::string& flag, const std::string& section,
                      const std::map<std::string, Section>& page) {
    const auto in = [&](const Section& where) -> const Entry* {
        const auto found =
            std::find_if(where.entries.begin(), where.entries.end(), [&](const Entry& entry) {
                const auto flags = flags_in(entry.heading);
                return std::find(flags.begin(), flags.end(), flag) != flags.end();
            });
        return found == where.entries.end() ? nullptr : &*found;
    };
    if (const Entry* own = in(page.at(section))) {
        return own;
    }
    if (const Entry* common = in(page.at(kCommon))) {
        return common;
    }
    for (const auto& [name, command] :
         {std::pair("ALERT PROFILE", "alert profile"), std::pair("ALERT RUN", "alert run")}) {
        const bool referred = page.at(section).text.find(command) != std::string::npos;
        if (const Entry* other = referred ? in(page.at(name)) : nullptr) {
            return other;
        }
    }
    return nullptr;
}

/// A default that is a word in itself: "5%" of "... (default: 5%)".
std::string default_word(const CLI::Option& option) {
    std::smatch found;
    const std::string description = option.get_description();
    static const std::regex said(R"(\(default: (\S+)\))");
    return std::regex_search(description, found, said) ? found[1].str() : option.get_default_str();
}

/// The app that --help and completion come from.
class CommandLine {
   public:
    std::unique_ptr<CLI::App> app = make_app(context_);

   private:
    std::ostringstream unused_;
    Reporter reporter_{unused_, false, false};
    Context context_{
        .out = unused_, .reporter = reporter_, .style = {}, .store = "", .command = {}};
};

std::map<std::string, Section> man_page() {
    return sections_of(alert::test::read_file(ALERT_MAN_PAGE));
}

}  // namespace

TEST_CASE("the man page is clean") {
    if (!alert::test::has_program("man")) {
        SKIP_TEST("man is not installed");
    }
    const auto finished =
        alert::test::run("man --warnings -E UTF-8 -l -Tutf8 '" ALERT_MAN_PAGE "' > /dev/null");
    CHECK(finished.code == 0);
    CHECK(finished.err.empty());
}

TEST_CASE("the man page has every option of --help, with its value and its default") {
    const auto page = man_page();
    const CommandLine line;
    const auto in_help = [](const CLI::Option* option) { return !option->get_group().empty(); };
    std::vector<const CLI::App*> all = {line.app.get()};
    for (const CLI::App* command : line.app->get_subcommands({})) {
        all.push_back(command);
    }
    for (const CLI::App* command : all) {
        const std::string section =
            command->get_parent() == nullptr ? kCommon : section_name(*command);
        REQUIRE(page.contains(section));
        for (const CLI::Option* option : command->get_options(in_help)) {
            for (const std::string& name : option->get_lnames()) {
                const bool value = option->get_items_expected_max() != 0;
                const std::string shown =
                    "--" + name + (value ? " " + option->get_type_name() : "");
                CAPTURE(command->get_name(), shown);
                const Entry* entry = entry_of("--" + name, section, page);
                REQUIRE(entry != nullptr);
                CHECK((entry->heading + ",").find(shown + ",") != std::string::npos);
                CAPTURE(entry->text, default_word(*option));
                CHECK(entry->text.find(default_word(*option)) != std::string::npos);
            }
        }
    }
}

TEST_CASE("the man page has no option that --help has not") {
    const auto page = man_page();
    const CommandLine line;
    for (const CLI::App* command : line.app->get_subcommands({})) {
        for (const Entry& entry : page.at(section_name(*command)).entries) {
            for (const std::string& flag : flags_in(entry.heading)) {
                CAPTURE(command->get_name(), flag);
                CHECK(command->get_option_no_throw(flag) != nullptr);
            }
        }
    }
}
