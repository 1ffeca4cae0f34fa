#pragma once

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <functional>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

#include "cli/json.h"
#include "cli/terminal.h"
#include "db/records.h"
#include "profiler/run_loop.h"

namespace alert::cli {

/// Stores, prints and shows the inputs of a run on a thread of its own, several times a second, so
/// that nothing of it lies on the path of the inputs.
class InputWriter {
   public:
    struct Target {
        std::filesystem::path store;
        std::int64_t run_id = 0;
        std::size_t inputs = 0;        ///< planned, for the progress line
        RecordStream* rows = nullptr;  ///< null: nothing is printed
    };
    using Convert = std::function<db::RunInput(const InputRecord&)>;

    /// Sets `stop` when storing or printing fails: the run ends, `finish` throws what happened.
    InputWriter(Target target, Reporter& reporter, Convert convert, StopFlag& stop);
    ~InputWriter();
    InputWriter(const InputWriter&) = delete;
    InputWriter& operator=(const InputWriter&) = delete;

    /// Takes a copy; never blocks for longer than a swap of two vectors.
    void push(const InputRecord& record);

    /// Writes what is left; returns how many inputs were written in all.
    std::size_t finish();

   private:
    void work(Reporter& reporter);
    void print(std::span<const db::RunInput> inputs);
    void join();

    Target target_;
    Convert convert_;
    StopFlag& stop_;
    std::mutex mutex_;
    std::condition_variable ended_;
    std::vector<InputRecord> pending_;
    bool ending_ = false;
    std::size_t written_ = 0;
    std::exception_ptr failure_;
    std::thread thread_;  // last: everything it uses is there before it starts
};

}  // namespace alert::cli
