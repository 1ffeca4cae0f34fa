#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

#include "cli/commands/app.h"
#include "cli/terminal/output.h"
#include "cli/terminal/terminal_style.h"

int main(int argc, char** argv) {
    using namespace alert::cli;
    keep_standard_files();
    // A handler, not SIG_IGN, so that writing to a closed pipe fails here, but child programs start
    // with the default action.
    std::signal(SIGPIPE, [](int) {});
    std::signal(SIGXFSZ, [](int) {});  // likewise for a file that may not grow (ulimit -f)
    OutputStream err(STDERR_FILENO);
    Reporter reporter(err, is_terminal(STDERR_FILENO), terminal_style(STDERR_FILENO).colour);
    OutputStream out(STDOUT_FILENO, [&reporter](int error) {
        if (error == EPIPE) {  // `alert report | head`
            reporter.note("the reader of stdout has closed it; nothing more is written there");
        } else {
            reporter.error(fmt::format("stdout: {}; the results were not written in full",
                                       std::strerror(error)));
        }
    });
    Context context{.out = out,
                    .reporter = reporter,
                    .style = terminal_style(STDOUT_FILENO),
                    .store = "alert.db",
                    .command = {}};
    return run_app(argc, argv, context, err);
}
