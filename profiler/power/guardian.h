#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

#include "profiler/power/journal.h"

namespace alert {

/// Makes sure that what a knob changes is put back, whatever becomes of this process. Create it
/// with everything that will have to be put back *before* the first change:
///  - one alert at a time holds a knob (a lock file; a second is refused);
///  - the actions are on the disk, in a journal, with the boot they belong to;
///  - a small process of its own session waits at the other end of a socket. When this process
///    ends in any way (kill -9 of it, or of its whole process group), that end closes and the
///    guardian puts everything back. What takes a library is left to a fresh program: the guardian
///    then becomes `alert devices --restore`.
/// Should the guardian be killed as well, the journal stays: see restore_left_behind().
class Guardian {
   public:
    /// Throws Error when a holder lives, or when a dead run left its changes behind.
    Guardian(std::string_view knob, std::vector<RestoreAction> actions);
    ~Guardian();
    Guardian(const Guardian&) = delete;
    Guardian& operator=(const Guardian&) = delete;

    /// Puts everything back, in the order of the actions, and lets the guardian go. Returns the
    /// shell commands for what failed; the journal stays then. Once: later calls do nothing.
    std::vector<std::string> restore();

    pid_t process() const { return process_; }

   private:
    void start_process();
    void let_go();
    [[noreturn]] void guard(int socket) noexcept;
    [[noreturn]] void become_program() const noexcept;

    std::filesystem::path folder_;
    HolderLock lock_;
    std::vector<RestoreAction> actions_;
    std::vector<RestoreAction> plain_;  // those that take system calls only
    std::string journal_;               // the file, ready for system calls
    pid_t process_ = -1;
    int socket_ = -1;
};

}  // namespace alert
