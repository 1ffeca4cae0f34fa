#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace alert::cli {

/// --help in 80 columns: usage, options by group with wrapped descriptions, the options of every
/// command, the example.
class HelpFormatter : public CLI::FormatterBase {
   public:
    std::string make_help(const CLI::App* app, std::string name,
                          CLI::AppFormatMode mode) const override;
};

}  // namespace alert::cli
