#include "cli/terminal/completion.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <vector>

namespace alert::cli {
namespace {

/// What may stand somewhere on the command line.
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
    // Words in capitals stand for something else.
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
        arguments.push_back(describe(*option));
    }
    return arguments;
}

std::vector<Command> commands_of(const CLI::App& app) {
    const std::vector<Argument> global = arguments_of(app);
    std::vector<Command> commands;
    for (const CLI::App* sub : app.get_subcommands({})) {
        Command command{sub->get_name(), sub->get_description(), arguments_of(*sub)};
        for (const Argument& argument : global) {
            // --help stands in both.
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

/// `text` with a backslash before each of `special`; a ' ends and reopens the quoted string.
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

// bash

/// What completes the value of an argument.
std::string bash_values(const Argument& argument) {
    if (!argument.choices.empty()) {
        return fmt::format("_alert_words '{}'", joined(argument.choices));
    }
    return argument.files ? "_alert_files" : ":";
}

std::string bash_case(const Command& command) {
    std::string text = fmt::format("        {})\n            case $flag in\n", command.name);
    std::string otherwise =
        fmt::format("_alert_words '{}'", joined(flags_where(command.arguments, any)));
    for (const Argument& argument : command.arguments) {
        if (has_value(argument)) {
            text += fmt::format("                {}) {} ;;\n", joined(argument.flags, "|"),
                                bash_values(argument));
        } else if (argument.takes_value && !argument.choices.empty()) {
            otherwise = fmt::format("_alert_words '{} {}'", joined(argument.choices),
                                    joined(flags_where(command.arguments, any)));
        }
    }
    return text +
           fmt::format("                *) {} ;;\n            esac\n            ;;\n", otherwise);
}

constexpr std::string_view kBashHead =
    R"(# bash completion of alert; made by `alert completion bash`

_alert_words() { mapfile -t COMPREPLY < <(compgen -W "$1" -- "$cur"); }
_alert_files() {
    compopt -o filenames 2> /dev/null
    mapfile -t COMPREPLY < <(compgen -f -- "$cur")
}

_alert() {
    local cur=${COMP_WORDS[COMP_CWORD]} command= flag= many= i
    COMPREPLY=()
    [[ $cur == = ]] && cur=
    # flag: the one whose value is being written
    for ((i = 1; i < COMP_CWORD; i++)); do
        case ${COMP_WORDS[i]} in
)";

std::string bash_script(const CLI::App& app) {
    const std::vector<Command> commands = commands_of(app);
    std::vector<std::string> many;
    std::vector<std::string> valued;
    for (const Command& command : commands) {
        for (const Argument& argument : command.arguments) {
            auto& flags = argument.many ? many : valued;
            if (has_value(argument)) {
                flags.insert(flags.end(), argument.flags.begin(), argument.flags.end());
            }
        }
    }
    for (auto* flags : {&many, &valued}) {
        std::ranges::sort(*flags);
        flags->erase(std::unique(flags->begin(), flags->end()), flags->end());
    }
    std::string text(kBashHead);
    if (!many.empty()) {
        text +=
            fmt::format("            {}) flag=${{COMP_WORDS[i]}} many=1 ;;\n", joined(many, "|"));
    }
    text += fmt::format("            {}) flag=${{COMP_WORDS[i]}} many= ;;\n", joined(valued, "|"));
    text += "            =) ;;\n            -*) flag= ;;\n";
    text += fmt::format(
        "            *)\n"
        "                [[ -z $flag && -z $command && '{}' == *\" ${{COMP_WORDS[i]}} \"* ]] &&\n"
        "                    command=${{COMP_WORDS[i]}}\n"
        "                [[ -n $many ]] || flag=\n"
        "                ;;\n"
        "        esac\n"
        "    done\n"
        "    [[ $cur == -* ]] && flag=\n"
        "    case $command in\n",
        " " + joined(names_of(commands)) + " ");
    for (const Command& command : commands) {
        text += bash_case(command);
    }
    Command outside{"*", "", arguments_of(app)};
    Argument names;
    names.takes_value = true;
    names.choices = names_of(commands);
    outside.arguments.push_back(names);
    return text + bash_case(outside) + "    esac\n}\ncomplete -F _alert alert\n";
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

std::string zsh_arguments(const std::vector<Argument>& arguments, std::string_view indent) {
    std::string text;
    for (const Argument& argument : arguments) {
        for (const std::string& flag : argument.flags) {
            text += fmt::format(" \\\n{}{}", indent, zsh_spec(argument, flag));
        }
        if (argument.flags.empty()) {
            text += fmt::format(" \\\n{}{}", indent, zsh_spec(argument, ""));
        }
    }
    return text;
}

std::string zsh_script(const CLI::App& app) {
    const std::vector<Command> commands = commands_of(app);
    std::string text =
        "#compdef alert\n# zsh completion of alert; made by `alert completion zsh`\n\n"
        "_alert() {\n    local curcontext=\"$curcontext\" state line\n"
        "    typeset -A opt_args\n    local -a commands=(\n";
    for (const Command& command : commands) {
        text += fmt::format("        '{}:{}'\n", command.name, escaped(command.description, ":\\"));
    }
    text += "    )\n    _arguments -C" + zsh_arguments(arguments_of(app), "        ") +
            " \\\n        '1:command:->command' \\\n        '*::argument:->argument'\n"
            "    case $state in\n"
            "        command) _describe command commands ;;\n"
            "        argument)\n            case $words[1] in\n";
    for (const Command& command : commands) {
        text += fmt::format(
            "                {})\n                    _arguments{}\n"
            "                    ;;\n",
            command.name, zsh_arguments(command.arguments, "                        "));
    }
    return text +
           "            esac\n            ;;\n    esac\n}\n\n"
           "if [[ $funcstack[1] == _alert ]]; then\n    _alert \"$@\"\n"
           "else\n    compdef _alert alert\nfi\n";
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

std::string fish_line(const Argument& argument, const std::string& condition) {
    std::string line = "complete -c alert -n " + fish_quoted(condition);
    for (const std::string& flag : argument.flags) {
        line += flag.starts_with("--") ? " -l " + flag.substr(2) : " -s " + flag.substr(1);
    }
    if (!argument.choices.empty()) {
        line += fmt::format("{} -a {}", argument.flags.empty() ? "" : " -x",
                            fish_quoted(joined(argument.choices)));
    } else if (argument.takes_value) {
        line += argument.files ? " -r -F" : " -x";
    }
    return line + " -d " + fish_quoted(argument.description) + '\n';
}

std::string fish_script(const CLI::App& app) {
    const std::vector<Command> commands = commands_of(app);
    const std::string names = joined(names_of(commands));
    std::string text =
        "# fish completion of alert; made by `alert completion fish`\n\n"
        "# the first command on the line: a later word may be a value of the same name\n"
        "function __alert_in\n"
        "    set -l words (commandline -opc)\n"
        "    for word in $words[2..]\n"
        "        if contains -- $word " +
        names +
        "\n            test $word = \"$argv[1]\"\n"
        "            return\n"
        "        end\n"
        "    end\n"
        "    test -z \"$argv[1]\"\n"
        "end\n\n"
        "# true while the last flag on the line so far is this one\n"
        "function __alert_after\n"
        "    set -l flags (string match -- '-*' (commandline -opc))\n"
        "    test (count $flags) -gt 0; and test $flags[-1] = $argv[1]\n"
        "end\n\ncomplete -c alert -f\n";
    const std::string none = "__alert_in \"\"";
    for (const Argument& argument : arguments_of(app)) {
        text += fish_line(argument, none);
    }
    for (const Command& command : commands) {
        text += fmt::format("complete -c alert -n '{}' -a {} -d {}\n", none, command.name,
                            fish_quoted(command.description));
    }
    for (const Command& command : commands) {
        const std::string here = "__alert_in " + command.name;
        for (const Argument& argument : command.arguments) {
            text += fish_line(argument, here);
            if (argument.many && argument.files && has_value(argument)) {
                text += fmt::format("complete -c alert -n '{}; and __alert_after {}' -F\n", here,
                                    argument.flags.front());
            }
        }
    }
    return text;
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
