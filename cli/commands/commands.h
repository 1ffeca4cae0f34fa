#pragma once

#include <filesystem>
#include <functional>
#include <ostream>

#include "cli/report/render/table.h"
#include "cli/terminal/reporter.h"

namespace CLI {
class App;
}

/// The subcommands. Each lives in one file, NAME_command.cpp, behind one function declared here:
/// it adds the subcommand and its options (options.h) to the app, keeps the parsed values in
/// a struct held by shared_ptr, and hands the work to `on_run`. The work starts after everything
/// is parsed, writes results to context.out, all else to context.reporter, throws Error or
/// RequestError, and returns an ExitCode. Nothing is opened or read while the app is built.
namespace alert::cli {

enum ExitCode : int {
    kDone = 0,
    kFailed = 1,
    kWrongRequest = 2,
    kConstraintViolated = 3,
    kInterrupted = 130,
};

/// What every command gets.
struct Context {
    std::ostream& out;             ///< results; bad() if they could not be written
    Reporter& reporter;            ///< notes, warnings, progress
    TableStyle style;              ///< of `out`
    std::filesystem::path store;   ///< --store, $ALERT_STORE or alert.db
    std::function<int()> command;  ///< the work of the subcommand that was chosen
};

void add_profile_command(CLI::App& app, Context& context);
void add_run_command(CLI::App& app, Context& context);
void add_trace_command(CLI::App& app, Context& context);
void add_replay_command(CLI::App& app, Context& context);
void add_report_command(CLI::App& app, Context& context);
void add_devices_command(CLI::App& app, Context& context);
void add_completion_command(CLI::App& app, Context& context);

}  // namespace alert::cli
