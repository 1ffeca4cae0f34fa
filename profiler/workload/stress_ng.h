#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

namespace alert {

/// One running stress-ng with its workers. A keeper process starts it, and
/// waits at the other end of a pipe. When this process stops it, or ends in any way (kill -9 too),
/// the pipe closes, and the keeper kills and reaps all workers. stress-ng itself would leave
/// workers that still fill their buffers running for seconds.
///
/// The keeper and stress-ng have process groups of their own, so that Ctrl-C or a kill of our group
/// does not separate them. They stay in our session: the kernel shares the processor between
/// sessions, and in another one they would not contend. They leave the control group of a quota,
/// which is for our own process only.
class StressNg {
   public:
    /// `arguments` begin with the program. Returns before stress-ng is up, which takes some 40 ms.
    explicit StressNg(std::vector<std::string> arguments);
    /// All processes are gone and reaped afterwards.
    ~StressNg();
    StressNg(const StressNg&) = delete;
    StressNg& operator=(const StressNg&) = delete;

    /// False if stress-ng has ended by itself.
    bool running();

   private:
    pid_t keeper_ = -1;
    int pipe_ = -1;
};

/// stress-ng in $PATH; empty if it is missing.
std::filesystem::path find_stress_ng();

}  // namespace alert
