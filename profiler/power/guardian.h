#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

#include "profiler/power/journal.h"

namespace alert {

/// Guarantees that what a knob changes is restored, however this process ends. Create it, with
/// everything that will have to be restored, *before* the first change:
///  - only one alert at a time holds a knob (a lock file; a second one is refused);
///  - the actions are on the disk, in a journal, with the boot they belong to;
///  - a small process in a session of its own waits at the other end of a socket. When this process
///    ends in any way (kill -9 of it, or of its whole process group), the socket closes and the
///    guardian restores everything. What needs a library is left to a new program: the guardian
///    then becomes `alert devices --restore`.
/// If the guardian is killed as well, the journal stays: see restore_left_behind().
class Guardian {
   public:
    /// Throws Error if another process holds a knob, or if a dead run left changes behind.
    Guardian(std::string_view knob, std::vector<RestoreAction> actions);
    ~Guardian();
    Guardian(const Guardian&) = delete;
    Guardian& operator=(const Guardian&) = delete;

    /// Restores everything, in the order of the actions, and ends the guardian. Returns the shell
    /// commands for what failed; the journal then stays. Later calls do nothing.
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
    std::vector<RestoreAction> plain_;  // those that need system calls only
    std::string journal_;               // the file, ready for system calls
    std::string program_;               // that restores what takes a library
    pid_t process_ = -1;
    int socket_ = -1;
};

}  // namespace alert
