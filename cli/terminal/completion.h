#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace alert::cli {

enum class Shell { kBash, kZsh, kFish };

/// A script that completes this command line: commands, flags, choices, and files for options whose
/// type name says so (options.h). Generated from the app itself, so it is never out of date.
std::string completion_script(const CLI::App& app, Shell shell);

}  // namespace alert::cli
