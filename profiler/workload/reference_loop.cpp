#include "profiler/workload/reference_loop.h"

#include <algorithm>

#include "profiler/clock.h"

namespace alert {
namespace {

constexpr double kRun_s = 20e-3;
/// 16 KiB fit into any first-level cache, 64 MiB into few last-level caches.
constexpr std::size_t kComputeLength = 2'048;
constexpr std::size_t kMemoryLength = 8'388'608;

}  // namespace

ReferenceLoop::ReferenceLoop(Environment environment)
    : left_(environment == Environment::kMemory ? kMemoryLength : kComputeLength, 1.0F),
      right_(left_.size(), 0.5F) {
    run_once();
    for (double took_s = 0; took_s < kRun_s; passes_ *= 2) {
        const double start_s = now_s();
        run_once();
        took_s = now_s() - start_s;
    }
    passes_ = std::max<std::size_t>(1, passes_ / 2);
}

void ReferenceLoop::run_once() {
    for (std::size_t pass = 0; pass < passes_; ++pass) {
        for (std::size_t i = 0; i < left_.size(); ++i) {
            left_[i] = left_[i] * 0.999F + right_[i];
        }
    }
    sink_ = left_.back();
}

double ReferenceLoop::median_s(int times) {
    std::vector<double> took_s;
    for (int i = 0; i < times; ++i) {
        const double start_s = now_s();
        run_once();
        took_s.push_back(now_s() - start_s);
    }
    const auto middle = took_s.begin() + times / 2;
    std::nth_element(took_s.begin(), middle, took_s.end());
    return *middle;
}

}  // namespace alert
