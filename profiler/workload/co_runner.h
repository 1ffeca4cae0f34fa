#pragma once

#include <atomic>
#include <memory>

#include "profiler/workload/schedule.h"

namespace alert {

/// How much an environment slows down a reference loop, and with how many workers.
struct Contention {
    Environment environment = Environment::kDefault;
    int workers = 0;
    double slowdown = 1;  ///< time of the loop beside the workers / alone
};

/// Real stress-ng processes, started and stopped by the owner of this object and never left behind:
/// they die with this process, also if it is killed. They run in this process's session, because
/// the kernel's autogroups would otherwise keep them from contending.
class CoRunner {
   public:
    /// Throws RequestError with the package's name if stress-ng is missing.
    CoRunner();
    ~CoRunner();
    CoRunner(const CoRunner&) = delete;
    CoRunner& operator=(const CoRunner&) = delete;

    /// Finds how many workers halve the speed of a reference loop (the first of 1, 2, 3, ... that
    /// does, in steps of a quarter beyond 8; if none up to `max_workers` does, the number that
    /// slowed it down most), and keeps that number for `switch_to`. Takes about half a second per
    /// step. A slowdown near 1 means that the environment does not contend. Throws Interrupted,
    /// within a step, if `stop` was set.
    Contention calibrate(Environment environment, int max_workers, const std::atomic<bool>& stop);

    /// Uses the number of workers that an earlier calibration found.
    void use(Environment environment, int workers);

    /// Switches to this environment; returns at once if it is the current one. Workers contend some
    /// 40 ms after the start; after a stop they are gone and reaped when this returns. Without a
    /// calibration, starts as many workers as would halve the speed of a loop if the processor were
    /// shared equally. Throws Error if stress-ng has ended by itself.
    void switch_to(Environment environment);

   private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace alert
