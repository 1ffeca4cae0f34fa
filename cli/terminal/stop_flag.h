#pragma once

#include <atomic>

namespace alert::cli {

/// Set by the first SIGINT, SIGTERM or SIGHUP (unless ignored, as under nohup) while it lives; a
/// second one kills the process. There may be only one at a time. Poll `requested()`, or pass
/// `flag()` to a job, which may also set it for a reason of its own. Then store what was done and
/// return ExitCode::kInterrupted.
class StopFlag {
   public:
    StopFlag();
    ~StopFlag();
    StopFlag(const StopFlag&) = delete;
    StopFlag& operator=(const StopFlag&) = delete;

    bool requested() const { return flag().load(std::memory_order_relaxed); }
    std::atomic<bool>& flag() const;
};

}  // namespace alert::cli
