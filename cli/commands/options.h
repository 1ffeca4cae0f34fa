#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cli/commands/commands.h"
#include "cli/report/render/write_records.h"
#include "cli/text/units.h"

/// How commands declare options, so that errors, help and completion are uniform. Completion
/// reads an option's type name: "a|b|c" offers these, FILE, PATH and PATH... offer files.
namespace alert::cli {

/// A subcommand; `example` ends its help.
CLI::App* add_command(CLI::App& app, const std::string& name, const std::string& description,
                      const std::string& example);

/// The work of a subcommand: `work(context)` runs after parsing and returns an ExitCode.
void on_run(CLI::App* command, Context& context, std::function<int(Context&)> work);

/// An option with a unit; its type name (TIME, POWER, ...) follows the dimension.
CLI::Option* add_quantity(CLI::App* command, const std::string& flag, double& target,
                          Dimension dimension, const std::string& description);
CLI::Option* add_quantity(CLI::App* command, const std::string& flag, std::optional<double>& target,
                          Dimension dimension, const std::string& description);

/// The largest plausible count: two months of inputs at 50 ms. More would not fit into memory, and
/// ten times as many not into an int.
inline constexpr std::int64_t kMostCount = 100'000'000;

/// A whole number from `least` to `most`.
CLI::Option* add_count(CLI::App* command, const std::string& flag, std::int64_t& target,
                       std::int64_t least, const std::string& description,
                       std::int64_t most = kMostCount);
CLI::Option* add_count(CLI::App* command, const std::string& flag,
                       std::optional<std::int64_t>& target, std::int64_t least,
                       const std::string& description, std::int64_t most = kMostCount);

/// --seed of `--environment random`: any whole number from 0 on.
template <class Target>
CLI::Option* add_seed(CLI::App* command, Target& target) {
    return add_count(command, "--seed", target, 0, "Seed of `--environment random` (default: 0)",
                     std::numeric_limits<std::int64_t>::max());
}

/// An option whose value is one of `names`; a wrong one is refused with a suggestion.
/// `chosen` gets the index into `names`.
CLI::Option* add_named_choice(CLI::App* command, const std::string& flag,
                              const std::vector<std::string>& names,
                              std::function<void(std::size_t)> chosen,
                              const std::string& description);

/// The same, for values of an enumeration. `Target` is T or std::optional<T>.
template <class T, class Target>
CLI::Option* add_choice(CLI::App* command, const std::string& flag, Target& target,
                        const std::vector<std::pair<std::string, T>>& choices,
                        const std::string& description) {
    std::vector<std::string> names;
    std::vector<T> values;
    for (const auto& [name, value] : choices) {
        names.push_back(name);
        values.push_back(value);
    }
    return add_named_choice(
        command, flag, names, [&target, values](std::size_t i) { target = values[i]; },
        description);
}

/// --format table|json|csv and --json.
void add_format(CLI::App* command, Format& format);

}  // namespace alert::cli
