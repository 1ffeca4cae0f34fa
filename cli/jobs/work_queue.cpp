#include "cli/jobs/work_queue.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "profiler/power/cgroup.h"
#include "profiler/power/sysfs.h"

namespace alert::cli {

namespace {

constexpr std::chrono::milliseconds kLookEvery{100};

class Queue {
   public:
    Queue(std::size_t count, const std::function<void(std::size_t)>& work,
          const std::atomic<bool>& stop)
        : count_(count), work_(work), stop_(stop) {}

    void serve() {
        for (std::size_t i = next_++; i < count_ && !stop_ && !failed_; i = next_++) {
            try {
                work_(i);
                ++done_;
            } catch (...) {
                fail(i, std::current_exception());
            }
        }
        const std::lock_guard lock(mutex_);
        ++ended_;
        changed_.notify_one();
    }

    void wait_for(std::size_t threads, const std::function<void(std::size_t)>& done) {
        std::unique_lock lock(mutex_);
        while (!changed_.wait_for(lock, kLookEvery, [&] { return ended_ == threads; })) {
            lock.unlock();
            done(done_);
            lock.lock();
        }
    }

    bool complete() const {
        if (failure_) {
            std::rethrow_exception(failure_);
        }
        return done_ == count_;
    }

   private:
    void fail(std::size_t i, std::exception_ptr failure) {
        const std::lock_guard lock(mutex_);
        if (!failed_ || i < failed_at_) {
            failure_ = std::move(failure);
            failed_at_ = i;
        }
        failed_ = true;
    }

    const std::size_t count_;
    const std::function<void(std::size_t)>& work_;
    const std::atomic<bool>& stop_;
    std::atomic<std::size_t> next_ = 0, done_ = 0;
    std::atomic<bool> failed_ = false;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::size_t ended_ = 0;
    std::size_t failed_at_ = 0;
    std::exception_ptr failure_;
};

}  // namespace

std::size_t worker_threads() {
    return static_cast<std::size_t>(allowed_threads(sysfs_root(), own_groups()));
}

bool work_on_all_cores(std::size_t count, const std::function<void(std::size_t)>& work,
                       const std::function<void(std::size_t)>& done,
                       const std::atomic<bool>& stop) {
    Queue queue(count, work, stop);
    {
        std::vector<std::jthread> threads;
        for (std::size_t t = 0; t < std::min(worker_threads(), count); ++t) {
            threads.emplace_back([&queue] { queue.serve(); });
        }
        queue.wait_for(threads.size(), done);
    }
    return queue.complete();
}

}  // namespace alert::cli
