#include <unistd.h>

#include <csignal>
#include <iostream>

#include "cli/app.h"

int main(int argc, char** argv) {
    using namespace alert::cli;
    // A handler, not SIG_IGN: a closed pipe becomes a failed write here, while programs that are
    // started from here get the default back.
    std::signal(SIGPIPE, [](int) {});
    OutputStream out(STDOUT_FILENO);
    Reporter reporter(std::cerr, is_terminal(STDERR_FILENO), terminal_style(STDERR_FILENO).colour);
    Context context{.out = out,
                    .reporter = reporter,
                    .style = terminal_style(STDOUT_FILENO),
                    .store = "alert.db",
                    .command = {}};
    return run_app(argc, argv, context, std::cerr);
}
