#pragma once

#include <cstddef>
#include <vector>

#include "profiler/workload/schedule.h"

namespace alert {

/// A reference loop whose time shows how much an environment slows down a program: arithmetic for
/// compute, arithmetic over arrays larger than most caches for memory.
class ReferenceLoop {
   public:
    explicit ReferenceLoop(Environment environment);

    /// Median time (s) of the loop over `times` runs. Each takes about 20 ms if nothing else runs:
    /// several of the scheduler's time slices.
    double median_s(int times);

   private:
    void run_once();

    std::vector<float> left_;
    std::vector<float> right_;
    std::size_t passes_ = 1;
    volatile float sink_ = 0;
};

}  // namespace alert
