#pragma once

#include <atomic>
#include <memory>

#include "profiler/workload/schedule.h"

namespace alert {

/// How much an environment slows a known loop, and with how many workers.
struct Contention {
    Environment environment = Environment::kDefault;
    int workers = 0;
    double slowdown = 1;  ///< time of the loop beside the workers / alone
};

/// Real stress-ng processes, started and stopped by the run that owns this object and never left
/// behind: they die with this process, also when it is killed. They run in this process's session,
/// because the kernel's autogroups would otherwise keep them from contending.
class CoRunner {
   public:
    /// Throws RequestError, naming the package, when stress-ng is not there.
    CoRunner();
    ~CoRunner();
    CoRunner(const CoRunner&) = delete;
    CoRunner& operator=(const CoRunner&) = delete;

    /// Finds how many workers halve the speed of a known loop (the first of 1, 2, 3, ... that
    /// does, in steps of a quarter beyond 8; when none within `max_workers` does, the one that
    /// slowed it most), and keeps that number for `switch_to`. Takes about half a second a step.
    /// A slowdown near 1 says that the environment does not contend. Throws Interrupted, within a
    /// step, where `stop` was set.
    Contention calibrate(Environment environment, int max_workers, const std::atomic<bool>& stop);

    /// Takes the number of workers that an earlier calibration found.
    void use(Environment environment, int workers);

    /// Makes this environment stand; returns at once when it does already. Workers contend some
    /// 40 ms after the start; they are gone and reaped when it returns from a stop. Without a
    /// calibration, as many workers as halve a loop by equal shares. Throws Error when stress-ng
    /// has ended by itself.
    void switch_to(Environment environment);

   private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace alert
