#include <memory>

#include "cli/commands/commands.h"
#include "cli/commands/options.h"
#include "cli/terminal/completion.h"

namespace alert::cli {

void add_completion_command(CLI::App& app, Context& context) {
    auto shell = std::make_shared<Shell>(Shell::kBash);
    CLI::App* command =
        add_command(app, "completion", "Print a completion script for bash, zsh or fish",
                    "  alert completion bash > ~/.local/share/bash-completion/completions/alert");
    add_choice<Shell>(command, "SHELL", *shell,
                      {{"bash", Shell::kBash}, {"zsh", Shell::kZsh}, {"fish", Shell::kFish}},
                      "Shell that the script is for")
        ->required();
    on_run(command, context, [shell, &app](Context& c) {
        c.out << completion_script(app, *shell);
        return kDone;
    });
}

}  // namespace alert::cli
