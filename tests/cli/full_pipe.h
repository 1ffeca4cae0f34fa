#pragma once

#include <string>

#include "tests/cli/program.h"

namespace alert::test {

enum class PipeKind { kPipe, kSocket };  ///< a shell's; node's

/// Runs a command line as `run` does, with its stdout (1) or stderr (2) a pipe that is full and
/// set not to wait, so that the first write fails with EAGAIN. The pipe is read only once the
/// program sleeps. What was written to it is in `out` or `err` of what comes back.
Finished run_into_full_pipe(const std::string& command_line, int fd,
                            PipeKind kind = PipeKind::kPipe);

}  // namespace alert::test
