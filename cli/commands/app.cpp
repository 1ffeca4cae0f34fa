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
           "SQLite file of profiles and runs (default: $ALERT_STORE, else alert.db)")
        ->envname("ALERT_STORE")
        ->type_name("FILE");
    app.set_config("--config", "",
                   "Read options from a file; flags on the command line take precedence")
        ->type_name("FILE");
    CLI::Option* quiet = app.add_flag_callback(
        "-q,--quiet", [&context] { context.reporter.set_verbosity(Verbosity::kQuiet); },
        "Print only results, warnings and errors");
    app.add_flag_callback(
           "-v,--verbose", [&context] { context.reporter.set_verbosity(Verbosity::kVerbose); },
           "Print more about what is done")
        ->excludes(quiet);
}

/// The subcommand whose options are being parsed; the program itself until one is named.
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

/// Names the word that the parser does not know, with the closest one that it does.
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
        return fmt::format("{}: unexpected argument; see {}", given, help_command(app));
    }
    std::vector<std::string> commands;
    for (const CLI::App* command : app.get_subcommands({})) {
        commands.push_back(command->get_name());
    }
    return fmt::format("{}: no such command{}; see {}", given.empty() ? "\"\"" : given,
                       did_you_mean(given, commands), help_command(app));
}

/// The parser's error, in plainer words for the most common mistakes.
std::string complaint(const CLI::ParseError& error) {
    std::string what = error.what();
    std::replace(what.begin(), what.end(), '\n', ' ');
    if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr) {
        const bool missing = what.ends_with("missing");
        return fmt::format("{}: {}", what.substr(0, what.find(':')),
                           missing ? "a value is missing" : "given more than once");
    }
    if (dynamic_cast<const CLI::ExcludesError*>(&error) != nullptr) {
        return what.replace(what.find(" excludes "), 10, " cannot be used with ");
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

/// The error in one line, with the remedy. An unknown word is reported first, as it is the likely
/// cause of whatever else is missing; not so if a wrong --config left values over.
std::string explained(const CLI::App& app, const CLI::ParseError& error) {
    const std::vector<std::string> unknown = app.remaining(true);
    if (!unknown.empty() && dynamic_cast<const CLI::ConfigError*>(&error) == nullptr) {
        return unknown_word(app, unknown.front());
    }
    return fmt::format("{}; see {}", complaint(error), help_command(app));
}

/// No option takes an empty value: it is usually an unset variable of a script.
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

/// CLI11's own format, without the byte order mark that some editors put in front.
class ConfigFile : public CLI::ConfigBase {
   public:
    std::vector<CLI::ConfigItem> from_config(std::istream& in) const override {
        std::ostringstream read;  // all of it, as a pipe cannot be rewound
        read << in.rdbuf();
        std::string text = read.str();
        if (text.starts_with(kByteOrderMark)) {
            text.erase(0, kByteOrderMark.size());
        }
        std::istringstream unmarked(text);
        return CLI::ConfigBase::from_config(unmarked);
    }
};

/// Parses and runs the command; throws if anything goes wrong.
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
        "Keeps neural network inference on time, accurate and energy-efficient: chooses one "
        "network "
        "and one power setting together before every input.",
        "alert");
    app->formatter(std::make_shared<HelpFormatter>());
    app->config_formatter(std::make_shared<ConfigFile>());
    app->footer(
        "Example:\n  alert profile --models zoo/image --data zoo/image/data/test.pt\n"
        "  alert run --deadline 10ms --accuracy 90%\n  alert report");
    app->fallthrough();
    // One command: otherwise the second word of `report profile` would be taken for another one.
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
        context.reporter.error("out of memory; ask for less, such as fewer --inputs");
    } catch (
        const std::filesystem::filesystem_error& error) {  // such as: the current folder is gone
        context.reporter.error(
            fmt::format("{}: {}", error.path1().string(), error.code().message()));
    } catch (const std::exception& error) {
        context.reporter.error(error.what());
    }
    // Also after a failure, to keep the results so far. The stream reports its own failures.
    context.out.flush();
    const bool done = code == kDone || code == kConstraintViolated;
    return done && context.out.bad() ? int{kFailed} : code;
}

}  // namespace alert::cli
