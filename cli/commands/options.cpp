#include "cli/commands/options.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "alert/error.h"
#include "cli/text/suggest.h"

namespace alert::cli {
namespace {

/// The name that errors use: the last of "-q,--quiet".
std::string long_name(const std::string& flag) {
    const std::size_t comma = flag.rfind(',');
    return comma == std::string::npos ? flag : flag.substr(comma + 1);
}

std::string type_name(Dimension dimension) {
    switch (dimension) {
        case Dimension::kDuration:
        case Dimension::kIdleTime:
            return "TIME";
        case Dimension::kPower:
            return "POWER";
        case Dimension::kEnergy:
            return "ENERGY";
        case Dimension::kFrequency:
            return "FREQUENCY";
        case Dimension::kThreads:
            return "THREADS";
        case Dimension::kAccuracy:
            return "ACCURACY";
        case Dimension::kPercentage:
            return "PCT";
        case Dimension::kProbability:
            return "P";
    }
    return "";
}

template <class Target>
CLI::Option* add_quantity_option(CLI::App* command, const std::string& flag, Target& target,
                                 Dimension dimension, const std::string& description) {
    const auto parse = [&target, name = long_name(flag), dimension](const std::string& text) {
        target = parse_quantity(name, text, dimension);
    };
    return command->add_option_function<std::string>(flag, parse, description)
        ->type_name(type_name(dimension));
}

/// The bounds of a count, inclusive.
struct Bounds {
    std::int64_t least, most;
};

std::int64_t parse_count(const std::string& flag, const std::string& text, Bounds bounds) {
    std::int64_t count = 0;
    const char* const end = text.data() + text.size();
    const auto [last, error] = std::from_chars(text.data(), end, count);
    const bool beyond = error == std::errc::result_out_of_range;
    if (beyond) {
        count = text.starts_with('-') ? std::numeric_limits<std::int64_t>::min()
                                      : std::numeric_limits<std::int64_t>::max();
    }
    if (last != end || (error != std::errc{} && !beyond)) {
        throw RequestError(fmt::format("{} {}: not a whole number; write one like {}", flag,
                                       text.empty() ? "\"\"" : text,
                                       std::max<std::int64_t>(bounds.least, 100)));
    }
    if (count < bounds.least) {
        throw RequestError(fmt::format("{} {}: must be at least {}", flag, text, bounds.least));
    }
    if (count > bounds.most || (beyond && count > 0)) {
        throw RequestError(fmt::format("{} {}: must be at most {}", flag, text, bounds.most));
    }
    return count;
}

template <class Target>
CLI::Option* add_count_option(CLI::App* command, const std::string& flag, Target& target,
                              Bounds bounds, const std::string& description) {
    const auto parse = [&target, name = long_name(flag), bounds](const std::string& text) {
        target = parse_count(name, text, bounds);
    };
    return command->add_option_function<std::string>(flag, parse, description)->type_name("N");
}

}  // namespace

CLI::App* add_command(CLI::App& app, const std::string& name, const std::string& description,
                      const std::string& example) {
    return app.add_subcommand(name, description)->footer("Example:\n" + example);
}

void on_run(CLI::App* command, Context& context, std::function<int(Context&)> work) {
    command->callback([&context, work = std::move(work)] {
        context.command = [&context, work] { return work(context); };
    });
}

CLI::Option* add_quantity(CLI::App* command, const std::string& flag, double& target,
                          Dimension dimension, const std::string& description) {
    return add_quantity_option(command, flag, target, dimension, description);
}

CLI::Option* add_quantity(CLI::App* command, const std::string& flag, std::optional<double>& target,
                          Dimension dimension, const std::string& description) {
    return add_quantity_option(command, flag, target, dimension, description);
}

CLI::Option* add_count(CLI::App* command, const std::string& flag, std::int64_t& target,
                       std::int64_t least, const std::string& description, std::int64_t most) {
    return add_count_option(command, flag, target, {least, most}, description);
}

CLI::Option* add_count(CLI::App* command, const std::string& flag,
                       std::optional<std::int64_t>& target, std::int64_t least,
                       const std::string& description, std::int64_t most) {
    return add_count_option(command, flag, target, {least, most}, description);
}

CLI::Option* add_named_choice(CLI::App* command, const std::string& flag,
                              const std::vector<std::string>& names,
                              std::function<void(std::size_t)> chosen,
                              const std::string& description) {
    const auto parse = [names, chosen = std::move(chosen),
                        name = long_name(flag)](const std::string& text) {
        const auto found = std::find(names.begin(), names.end(), text);
        if (found == names.end()) {
            throw RequestError(fmt::format("{} {}: not one of {}{}", name,
                                           text.empty() ? "\"\"" : text, fmt::join(names, ", "),
                                           did_you_mean(text, names)));
        }
        chosen(static_cast<std::size_t>(found - names.begin()));
    };
    return command->add_option_function<std::string>(flag, parse, description)
        ->type_name(fmt::format("{}", fmt::join(names, "|")));
}

void add_format(CLI::App* command, Format& format) {
    CLI::Option* choice = add_choice<Format>(
        command, "--format", format,
        {{"table", Format::kTable}, {"json", Format::kJson}, {"csv", Format::kCsv}},
        "Format of the results (default: table)");
    command
        ->add_flag_callback(
            "--json", [&format] { format = Format::kJson; }, "Short for --format json")
        ->excludes(choice);
}

}  // namespace alert::cli
