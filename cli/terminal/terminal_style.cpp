#include "cli/terminal/terminal_style.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>

namespace alert::cli {

bool is_terminal(int fd) {
    return isatty(fd) == 1;
}

TableStyle terminal_style(int fd) {
    TableStyle style;
    if (!is_terminal(fd)) {
        return style;
    }
    const char* no_colour = std::getenv("NO_COLOR");
    const char* terminal = std::getenv("TERM");
    style.colour = (no_colour == nullptr || *no_colour == '\0') &&
                   (terminal == nullptr || std::strcmp(terminal, "dumb") != 0);
    winsize size{};
    if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
        style.width = size.ws_col;
    }
    return style;
}

}  // namespace alert::cli
