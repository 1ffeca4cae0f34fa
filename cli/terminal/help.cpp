#include "cli/terminal/help.h"

#include <fmt/format.h>

#include <string_view>
#include <vector>

#include "cli/text/printable.h"

namespace alert::cli {
namespace {

constexpr int kWidth = 80;
constexpr int kLeft = 26;  // where descriptions begin

/// Words filled into lines that are indented by `indent`, except the first, which continues a line.
std::string filled(std::string_view text, int indent) {
    return fmt::format("{}",
                       fmt::join(wrapped(text, kWidth - indent), '\n' + std::string(indent, ' ')));
}

/// "  left      description"; on two lines if the left part is long.
std::string entry(const std::string& left, const std::string& description) {
    std::string line = "  " + left;
    const int width = display_width(line);
    if (description.empty()) {
        return line + '\n';
    }
    line += width + 2 <= kLeft ? std::string(kLeft - width, ' ') : '\n' + std::string(kLeft, ' ');
    return line + filled(description, kLeft) + '\n';
}

/// "-q, --quiet"
std::string flags(const CLI::Option* option) {
    std::string text;
    for (const std::string& name : option->get_snames()) {
        text += fmt::format("-{}, ", name);
    }
    for (const std::string& name : option->get_lnames()) {
        text += fmt::format("--{}, ", name);
    }
    return text.substr(0, text.size() - 2);
}

std::string option_entry(const CLI::Option* option) {
    const bool positional = option->get_positional();
    std::string left = positional ? option->get_name(true, false) : flags(option);
    if (option->get_items_expected_max() != 0 && !option->get_type_name().empty()) {
        left += ' ' + option->get_type_name();
    }
    std::string description = option->get_description();
    if (option->get_required()) {
        description += " (required)";
    } else if (!option->get_default_str().empty()) {
        description += fmt::format(" (default: {})", option->get_default_str());
    }
    return entry(left, description);
}

/// The options of `app` in the help of `at`: of itself or of a subcommand, which has its own
/// --help.
std::string option_groups(const CLI::App* app, const CLI::App* at) {
    const std::string_view own_title = at == app ? "Options" : "Options of every command";
    std::string text;
    const auto positionals =
        app->get_options([](const CLI::Option* option) { return option->get_positional(); });
    for (const CLI::Option* option : positionals) {
        text += (text.empty() ? "\nArguments:\n" : "") + option_entry(option);
    }
    for (const std::string& group : app->get_groups()) {
        const auto options = app->get_options([&](const CLI::Option* option) {
            return option->nonpositional() && option->get_group() == group &&
                   (at == app || option != app->get_help_ptr());
        });
        if (group.empty() || options.empty()) {
            continue;
        }
        text += fmt::format("\n{}:\n", group == "Options" ? own_title : group);
        for (const CLI::Option* option : options) {
            text += option_entry(option);
        }
    }
    return text;
}

std::string usage(const CLI::App* app) {
    const CLI::App* parent = app->get_parent();
    std::string text = parent == nullptr
                           ? app->get_name()
                           : fmt::format("{} {}", parent->get_name(), app->get_name());
    for (const CLI::Option* option : app->get_options()) {
        if (option->get_positional()) {
            const std::string name = option->get_name(true, false);
            text += option->get_required() ? " " + name : " [" + name + "]";
        }
    }
    return fmt::format("Usage: {} [OPTIONS]{}\n", text,
                       app->get_subcommands({}).empty() ? "" : " COMMAND ...");
}

}  // namespace

std::string HelpFormatter::make_help(const CLI::App* app, std::string /*name*/,
                                     CLI::AppFormatMode /*mode*/) const {
    std::string text = filled(app->get_description(), 0) + "\n\n" + usage(app);
    const auto commands = app->get_subcommands({});
    for (const CLI::App* command : commands) {
        text += (command == commands.front() ? "\nCommands:\n" : "") +
                entry(command->get_name(), command->get_description());
    }
    text += option_groups(app, app);
    if (app->get_parent() != nullptr) {
        text += option_groups(app->get_parent(), app);
    }
    return text + '\n' + app->get_footer() + '\n';
}

}  // namespace alert::cli
