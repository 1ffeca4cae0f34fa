#include "cli/terminal/completion.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "cli/terminal/template.h"
#include "completion_scripts.h"

namespace alert::cli {
namespace {

/// An option or a positional argument of the command line.
struct Argument {
    std::vector<std::string> flags;  // "--store", "-q"; empty for a positional
    std::string description;
    bool takes_value = false;
    bool many = false;  // several values after one flag
    bool files = false;
    std::vector<std::string> choices;
};

struct Command {
    std::string name, description;
    std::vector<Argument> arguments;
};

Argument describe(const CLI::Option& option) {
    Argument argument;
    if (!option.get_positional()) {
        for (const std::string& name : option.get_lnames()) {
            argument.flags.push_back("--" + name);
        }
        for (const std::string& name : option.get_snames()) {
            argument.flags.push_back("-" + name);
        }
    }
    argument.description = option.get_description();
    argument.takes_value = option.get_items_expected_max() > 0;
    argument.many = option.get_items_expected_max() > 1;
    const std::string type = argument.takes_value ? option.get_type_name() : "";
    argument.files = type.starts_with("FILE") || type.starts_with("PATH");
    // Words in capitals are placeholders.
    for (std::string word : CLI::detail::split(type, '|')) {
        word = word.substr(0, word.find('['));
        const bool literal =
            std::ranges::none_of(word, [](char c) { return c >= 'A' && c <= 'Z'; });
        if (literal && !word.empty()) {
            argument.choices.push_back(word);
        }
    }
    return argument;
}

std::vector<Argument> arguments_of(const CLI::App& app) {
    std::vector<Argument> arguments;
    for (const CLI::Option* option : app.get_options()) {
        if (!option->get_group().empty()) {  // hidden
            arguments.push_back(describe(*option));
        }
    }
    return arguments;
}

std::vector<Command> commands_of(const CLI::App& app) {
    const std::vector<Argument> global = arguments_of(app);
    std::vector<Command> commands;
    for (const CLI::App* sub : app.get_subcommands({})) {
        Command command{sub->get_name(), sub->get_description(), arguments_of(*sub)};
        for (const Argument& argument : global) {
            // --help is in both.
            const bool known = std::ranges::any_of(command.arguments, [&](const Argument& own) {
                return own.flags == argument.flags;
            });
            if (!known) {
                command.arguments.push_back(argument);
            }
        }
        commands.push_back(std::move(command));
    }
    return commands;
}

std::string joined(const std::vector<std::string>& words, std::string_view separator = " ") {
    return fmt::format("{}", fmt::join(words, separator));
}

/// `text` with a backslash before each of the `special` characters; a ' closes and reopens the
/// quoted string.
std::string escaped(std::string_view text, std::string_view special) {
    std::string out;
    for (const char c : text) {
        if (c == '\'') {
            out += "'\\''";
            continue;
        }
        out += special.find(c) != std::string_view::npos ? "\\" : "";
        out += c;
    }
    return out;
}

std::vector<std::string> flags_where(const std::vector<Argument>& arguments,
                                     bool (*wanted)(const Argument&)) {
    std::vector<std::string> flags;
    for (const Argument& argument : arguments) {
        if (wanted(argument)) {
            flags.insert(flags.end(), argument.flags.begin(), argument.flags.end());
        }
    }
    return flags;
}

bool any(const Argument& /*argument*/) {
    return true;
}
bool has_value(const Argument& argument) {
    return argument.takes_value && !argument.flags.empty();
}

std::vector<std::string> names_of(const std::vector<Command>& commands) {
    std::vector<std::string> names;
    names.reserve(commands.size());
    for (const Command& command : commands) {
        names.push_back(command.name);
    }
    return names;
}

/// Several options may share flags and values; each word once.
std::string each_once(std::vector<std::string> words, std::string_view separator) {
    std::ranges::sort(words);
    words.erase(std::unique(words.begin(), words.end()), words.end());
    return words.empty() ? "''" : joined(words, separator);
}

// bash

Filling bash_command(const Command& command) {
    Filling filling;
    std::vector<std::string> words;
    filling.lists = {{"choice", {}}, {"file", {}}, {"value", {}}};
    for (const Argument& argument : command.arguments) {
        if (argument.flags.empty()) {
            words.insert(words.end(), argument.choices.begin(), argument.choices.end());
        } else if (argument.takes_value) {
            const char* const kind = !argument.choices.empty() ? "choice"
                                     : argument.files          ? "file"
                                                               : "value";
            filling.lists[kind].push_back(
                {{{"FLAGS", joined(argument.flags, "|")}, {"CHOICES", joined(argument.choices)}},
                 {}});
        }
    }
    const std::vector<std::string> flags = flags_where(command.arguments, any);
    words.insert(words.end(), flags.begin(), flags.end());
    filling.texts = {{"COMMAND", command.name}, {"WORDS", joined(words)}};
    return filling;
}

std::string bash_script(const CLI::App& app) {
    std::vector<Command> commands = commands_of(app);
    std::vector<std::string> many, valued;
    for (const Command& command : commands) {
        for (const Argument& argument : command.arguments) {
            auto& flags = argument.many ? many : valued;
            if (has_value(argument)) {
                flags.insert(flags.end(), argument.flags.begin(), argument.flags.end());
            }
        }
    }
    Filling filling{{{"MANY_FLAGS", each_once(many, "|")},
                     {"VALUE_FLAGS", each_once(valued, "|")},
                     {"COMMANDS", joined(names_of(commands))}},
                    {}};
    Argument names;
    names.takes_value = true;
    names.choices = names_of(commands);
    Command& outside = commands.emplace_back(Command{"*", "", arguments_of(app)});
    outside.arguments.insert(outside.arguments.begin(), names);
    for (const Command& command : commands) {
        filling.lists["command"].push_back(bash_command(command));
    }
    return filled(kBashCompletion, filling);
}

// zsh

std::string zsh_spec(const Argument& argument, std::string_view flag) {
    std::string spec = argument.many ? "*" : "";
    spec += flag.empty() ? "" : fmt::format("{}[{}]", flag, escaped(argument.description, "[]:\\"));
    if (argument.takes_value) {
        const std::string values = !argument.choices.empty() ? "(" + joined(argument.choices) + ")"
                                   : argument.files          ? "_files"
                                                             : " ";
        spec += fmt::format("{}:value:{}", argument.many && !flag.empty() ? ":*-*" : "", values);
    }
    return fmt::format("'{}'", spec);
}

std::vector<Filling> zsh_arguments(const std::vector<Argument>& arguments) {
    std::vector<Filling> fillings;
    for (const Argument& argument : arguments) {
        for (const std::string& flag : argument.flags) {
            fillings.push_back({{{"SPEC", zsh_spec(argument, flag)}}, {}});
        }
        if (argument.flags.empty()) {
            fillings.push_back({{{"SPEC", zsh_spec(argument, "")}}, {}});
        }
    }
    return fillings;
}

std::string zsh_script(const CLI::App& app) {
    Filling filling{{}, {{"argument", zsh_arguments(arguments_of(app))}}};
    for (const Command& command : commands_of(app)) {
        filling.lists["command"].push_back(
            {{{"COMMAND", command.name}, {"DESCRIPTION", escaped(command.description, ":\\")}},
             {{"argument", zsh_arguments(command.arguments)}}});
    }
    return filled(kZshCompletion, filling);
}

// fish

std::string fish_quoted(std::string_view text) {
    std::string out = "'";
    for (const char c : text) {
        out += c == '\'' || c == '\\' ? "\\" : "";
        out += c;
    }
    return out + "'";
}

/// What completes the value of an argument.
std::string fish_values(const Argument& argument) {
    if (!argument.choices.empty()) {
        return fmt::format("{} -a {}", argument.flags.empty() ? "" : " -x",
                           fish_quoted(joined(argument.choices)));
    }
    return !argument.takes_value ? "" : argument.files ? " -r -F" : " -x";
}

Filling fish_argument(const Argument& argument) {
    std::string names;
    for (const std::string& flag : argument.flags) {
        names += flag.starts_with("--") ? " -l " + flag.substr(2) : " -s " + flag.substr(1);
    }
    return {{{"NAMES", names},
             {"VALUES", fish_values(argument)},
             {"DESCRIPTION", fish_quoted(argument.description)}},
            {}};
}

Filling fish_command(const Command& command) {
    Filling filling{{{"COMMAND", command.name}, {"DESCRIPTION", fish_quoted(command.description)}},
                    {{"argument", {}}, {"many_files", {}}}};
    for (const Argument& argument : command.arguments) {
        filling.lists["argument"].push_back(fish_argument(argument));
        if (argument.many && argument.files && has_value(argument)) {
            filling.lists["many_files"].push_back({{{"FLAG", argument.flags.front()}}, {}});
        }
    }
    return filling;
}

std::string fish_script(const CLI::App& app) {
    const std::vector<Command> commands = commands_of(app);
    Filling filling = fish_command({"", "", arguments_of(app)});
    filling.texts["COMMANDS"] = joined(names_of(commands));
    for (const Command& command : commands) {
        filling.lists["command"].push_back(fish_command(command));
    }
    return filled(kFishCompletion, filling);
}

}  // namespace

std::string completion_script(const CLI::App& app, Shell shell) {
    switch (shell) {
        case Shell::kBash:
            return bash_script(app);
        case Shell::kZsh:
            return zsh_script(app);
        case Shell::kFish:
            return fish_script(app);
    }
    return "";
}

}  // namespace alert::cli
