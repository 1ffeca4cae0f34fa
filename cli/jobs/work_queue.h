#pragma once

#include <atomic>
#include <cstddef>
#include <functional>

namespace alert::cli {

/// How many threads work at once: one for each CPU that this program may use.
std::size_t worker_threads();

/// Calls work(0) to work(count - 1), in any order, on worker_threads(), and `done` from the calling
/// thread as they end, with how many did. False when `stop` was set before all were done: the
/// others are not begun. Of the exceptions that `work` throws the one of the least index is thrown
/// again when all threads have ended.
bool work_on_all_cores(std::size_t count, const std::function<void(std::size_t)>& work,
                       const std::function<void(std::size_t)>& done, const std::atomic<bool>& stop);

}  // namespace alert::cli
