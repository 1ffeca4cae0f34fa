#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <ostream>

#include "cli/commands/commands.h"

namespace alert::cli {

/// The command line: global options and all subcommands. Options write into `context`.
std::unique_ptr<CLI::App> make_app(Context& context);

/// The program: parses, runs the subcommand, and turns any failure into one line on
/// `err` and an exit code; nothing else does. Results are flushed when it returns.
int run_app(int argc, const char* const* argv, Context& context, std::ostream& err);

}  // namespace alert::cli
