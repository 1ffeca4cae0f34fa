#pragma once

#include "cli/report/render/table.h"

namespace alert::cli {

/// Width and colour of the terminal behind a file descriptor (1: stdout, 2: stderr); 80 columns and
/// no colour if it is not a terminal.
TableStyle terminal_style(int fd);
bool is_terminal(int fd);

}  // namespace alert::cli
