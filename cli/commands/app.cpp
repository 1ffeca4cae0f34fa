#include "cli/commands/app.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <filesystem>
#include <iterator>
#include <new>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "alert/error.h"
#include "cli/jobs/version.h"
#include "cli/terminal/help.h"
#include "cli/text/printable.h"
#include "cli/text/suggest.h"
#include "profiler/stop.h"

namespace alert::cli {
namespace {

void add_global_options(CLI::App& app, Context& context) {
    app.set_help_flag("-h,--help", "Show this help");
    app.set_version_flag("--version", "alert " + version(), "Show the version");
    app.add_option_function<std::string>(
           "--store", [&context](const std::string& file) { context.store = file; },
           "The SQLite file of profiles and runs [$ALERT_STORE, else alert.db]")
        ->envname("ALERT_STORE")
        ->type_name("FILE");
    app.set_config("--config", "", "Read options from a file; flags given here win")
        ->type_name("FILE");
    CLI::Option* quiet = app.add_flag_callback(
        "-q,--quiet", [&context] { context.reporter.set_verbosity(Verbosity::kQuiet); },
        "Only results, warnings and errors");
    app.add_flag_callback(
           "-v,--verbose", [&context] { context.reporter.set_verbosity(Verbosity::kVerbose); },
           "Say more of what is done")
        ->excludes(quiet);
}

/// The subcommand whose options are being parsed; the program itself before one was named.
const CLI::App& innermost(const CLI::App& app) {
    const auto chosen = app.get_subcommands();
    return chosen.empty() ? app : *chosen.back();
}

std::string help_command(const CLI::App& app) {
    const CLI::App& at = innermost(app);
    return &at == &app ? fmt::format("{} --help", app.get_name())
                       : fmt::format("{} {} --help", app.get_name(), at.get_name());
}

std::vector<std::string> flags_of(const CLI::App& app) {
    std::vector<std::string> flags;
    for (const CLI::Option* option : app.get_options()) {
        for (const std::string& name : option->get_lnames()) {
            flags.push_back("--" + name);
        }
    }
    return flags;
}

/// What the parser did not know, with the nearest word it does know.
std::string unknown_word(const CLI::App& app, const std::string& given) {
    const CLI::App& at = innermost(app);
    if (given.starts_with('-')) {
        const std::string flag = given.substr(0, given.find('='));
        std::vector<std::string> known = flags_of(at);
        if (&at != &app) {
            std::ranges::copy(flags_of(app), std::back_inserter(known));
        }
        return fmt::format("{}: no such option{}; see {}", flag, did_you_mean(flag, known),
                           help_command(app));
    }
    if (&at != &app) {
        return fmt::format("{}: not expected here; see {}", given, help_command(app));
    }
    std::vector<std::string> commands;
    for (const CLI::App* command : app.get_subcommands({})) {
        commands.push_back(command->get_name());
    }
    return fmt::format("{}: no such command{}; see {}", given.empty() ? "\"\"" : given,
                       did_you_mean(given, commands), help_command(app));
}

/// The parser's own words for what people get wrong most are hard to read.
std::string complaint(const CLI::ParseError& error) {
    std::string what = error.what();
    std::replace(what.begin(), what.end(), '\n', ' ');
    if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr) {
        const bool missing = what.ends_with("missing");
        return fmt::format("{}: {}", what.substr(0, what.find(':')),
                           missing ? "a value is missing" : "given more than once");
    }
    if (dynamic_cast<const CLI::ExcludesError*>(&error) != nullptr) {
        return what.replace(what.find(" excludes "), 10, " cannot be together with ");
    }
    if (dynamic_cast<const CLI::FileError*>(&error) != nullptr) {
        return fmt::format("--config {}: the file cannot be read",
                           what.substr(0, what.find(" was not readable")));
    }
    if (dynamic_cast<const CLI::ConfigError*>(&error) != nullptr) {
        constexpr std::string_view kUnknown = "INI was not able to parse ";
        constexpr std::string_view kSection = ".++";
        if (!what.starts_with(kUnknown)) {
            return "--config: " + what;
        }
        what.erase(0, kUnknown.size());
        return what.ends_with(kSection) ? fmt::format("--config: no command \"{}\"",
                                                      what.substr(0, what.size() - kSection.size()))
                                        : fmt::format("--config: no option \"{}\"", what);
    }
    constexpr std::string_view kNoFlag = "Could not convert: ";
    if (what.starts_with(kNoFlag)) {
        return fmt::format("--config: {}: neither true nor false", what.substr(kNoFlag.size()));
    }
    return what;
}

/// A complaint in one line with the way out. An unknown word is told first: it
/// is the likely cause of whatever else is missing, but for values that a wrong --config left over.
std::string explained(const CLI::App& app, const CLI::ParseError& error) {
    const std::vector<std::string> unknown = app.remaining(true);
    if (!unknown.empty() && dynamic_cast<const CLI::ConfigError*>(&error) == nullptr) {
        return unknown_word(app, unknown.front());
    }
    return fmt::format("{}; see {}", complaint(error), help_command(app));
}

/// An option takes no empty value: that is a variable of a script that was never set.
void refuse_empty(const CLI::App& app) {
    for (const CLI::Option* option : app.get_options()) {
        const auto& values = option->results();
        if (std::find(values.begin(), values.end(), "") != values.end()) {
            throw RequestError(fmt::format("{} \"\": is empty; give it a value or leave it out",
                                           option->get_name()));
        }
    }
    for (const CLI::App* command : app.get_subcommands()) {
        refuse_empty(*command);
    }
}

/// CLI11's own format; some editors put a mark of the byte order in front of it.
class ConfigFile : public CLI::ConfigBase {
   public:
    std::vector<CLI::ConfigItem> from_config(std::istream& in) const override {
        std::ostringstream read;  // all of it: a pipe cannot be rewound
        read << in.rdbuf();
        std::string text = read.str();
        if (text.starts_with(kByteOrderMark)) {
            text.erase(0, kByteOrderMark.size());
        }
        std::istringstream unmarked(text);
        return CLI::ConfigBase::from_config(unmarked);
    }
};

/// Runs what was asked for; throws what goes wrong.
int parse_and_run(int argc, const char* const* argv, Context& context, std::ostream& err) {
    const std::unique_ptr<CLI::App> app = make_app(context);
    try {
        app->parse(argc, argv);
    } catch (const CLI::CallForVersion& text) {
        context.out << text.what() << '\n';
        return kDone;
    } catch (const CLI::Success&) {
        context.out << app->help();
        return kDone;
    } catch (const CLI::ParseError& error) {
        throw RequestError(explained(*app, error));
    }
    refuse_empty(*app);
    if (!context.command) {
        err << app->help();
        return kWrongRequest;
    }
    return context.command();
}

}  // namespace

std::unique_ptr<CLI::App> make_app(Context& context) {
    auto app = std::make_unique<CLI::App>(
        "Keeps an inference's deadline, accuracy and energy goals by choosing, before every input, "
        "one network and one power setting together.",
        "alert");
    app->formatter(std::make_shared<HelpFormatter>());
    app->config_formatter(std::make_shared<ConfigFile>());
    app->footer(
        "Example:\n  alert profile --models zoo/image --data zoo/image/data/test.pt\n"
        "  alert run --deadline 10ms --accuracy 90%\n  alert report");
    app->fallthrough();
    // One command: without this, the word in `report profile` would be taken for another.
    app->require_subcommand(0, 1);
    app->allow_config_extras(CLI::config_extras_mode::error);
    add_global_options(*app, context);
    add_profile_command(*app, context);
    add_run_command(*app, context);
    add_trace_command(*app, context);
    add_replay_command(*app, context);
    add_report_command(*app, context);
    add_devices_command(*app, context);
    add_completion_command(*app, context);
    return app;
}

int run_app(int argc, const char* const* argv, Context& context, std::ostream& err) {
    int code = kFailed;
    try {
        code = parse_and_run(argc, argv, context, err);
    } catch (const Interrupted&) {
        context.reporter.note("interrupted before the first measurement");
        code = kInterrupted;
    } catch (const RequestError& error) {
        context.reporter.error(error.what());
        code = kWrongRequest;
    } catch (const std::bad_alloc&) {
        context.reporter.error("not enough memory; ask for less, such as fewer --inputs");
    } catch (const std::filesystem::filesystem_error& error) {  // the current folder is gone, say
        context.reporter.error(
            fmt::format("{}: {}", error.path1().string(), error.code().message()));
    } catch (const std::exception& error) {
        context.reporter.error(error.what());
    }
    // Also after a failure: the results so far were paid for. The stream tells itself what fails.
    context.out.flush();
    const bool done = code == kDone || code == kConstraintViolated;
    return done && context.out.bad() ? int{kFailed} : code;
}

}  // namespace alert::cli
