#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace alert::cli {

enum class Shell { kBash, kZsh, kFish };

/// A script that completes this command line: commands, flags, choices, and files where an
/// option's type name asks for one (options.h). Made from the app itself, so never out of date.
std::string completion_script(const CLI::App& app, Shell shell);

}  // namespace alert::cli
