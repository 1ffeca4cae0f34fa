#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <functional>
#include <mutex>
#include <span>
#include <thread>
#include <utility>
#include <vector>

#include "cli/jobs/status.h"
#include "db/records.h"
#include "db/store.h"
#include "profiler/run_loop.h"

namespace alert::cli {

/// A queue from one thread to another, which takes batches several times a second.
template <class T>
class Handover {
   public:
    /// Never blocks for longer than a swap of two vectors.
    void add(T item) {
        const std::lock_guard lock(mutex_);
        pending_.push_back(std::move(item));
    }

    /// No more items will be added.
    void end() {
        {
            const std::lock_guard lock(mutex_);
            ended_ = true;
        }
        changed_.notify_one();
    }

    /// Waits for a beat and takes what has come; returns false with the last batch.
    bool take(std::vector<T>& batch) {
        constexpr std::chrono::milliseconds kBeat{200};
        std::unique_lock lock(mutex_);
        changed_.wait_for(lock, kBeat, [this] { return ended_; });
        batch.clear();
        batch.swap(pending_);
        return !ended_;
    }

   private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<T> pending_;
    bool ended_ = false;
};

/// Stores and prints the inputs of a run, and shows progress, on threads of its own, off the path
/// of the inputs. Storing does not depend on printing: if the reader of stdout is slow (`| less`)
/// or goes away, inputs are stored all the same.
class RunRecorder {
   public:
    using Print = std::function<void(const db::RunInput&)>;
    struct Target {
        std::filesystem::path store;
        std::int64_t run_id = 0;
        std::size_t inputs = 0;  ///< planned, for the progress line
        Print print = {};        ///< empty: nothing is printed
    };
    using Convert = std::function<db::RunInput(const InputRecord&)>;

    /// If storing fails, sets `stop`, which ends the run, and finish() throws the reason.
    RunRecorder(Target target, Status& status, Convert convert, std::atomic<bool>& stop);
    /// Waits until everything that was stored is printed.
    ~RunRecorder();
    RunRecorder(const RunRecorder&) = delete;
    RunRecorder& operator=(const RunRecorder&) = delete;

    /// Takes a copy; never blocks for longer than a swap of two vectors.
    void push(const InputRecord& record) { answered_.add(record); }

    /// Stores what is left and returns how many inputs were stored in all. Does not wait for
    /// printing.
    std::size_t finish();

   private:
    void store(Status& status);
    void add(db::Store& store, std::span<const db::RunInput> inputs, Status& status);
    void print(Status& status);
    void join_storing();

    Target target_;
    Convert convert_;
    std::atomic<bool>& stop_;
    Handover<InputRecord> answered_;
    Handover<db::RunInput> stored_;
    std::size_t written_ = 0;
    std::exception_ptr failure_;
    std::thread storing_, printing_;  // last, so that all they use exists when they start
};

}  // namespace alert::cli
