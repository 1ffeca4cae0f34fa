#pragma once

#include <atomic>
#include <cstddef>
#include <functional>

namespace alert::cli {

/// How many threads work at once: one for each CPU that this program may use.
std::size_t worker_threads();

/// Calls work(0) to work(count - 1) on worker_threads() threads, in any order. Meanwhile calls
/// `done` from the calling thread with the number of calls that have returned. Returns false if
/// `stop` was set before all had returned; the others are then not begun. If `work` throws,
/// rethrows the exception of the smallest index once all threads have ended.
bool work_on_all_cores(std::size_t count, const std::function<void(std::size_t)>& work,
                       const std::function<void(std::size_t)>& done, const std::atomic<bool>& stop);

}  // namespace alert::cli
