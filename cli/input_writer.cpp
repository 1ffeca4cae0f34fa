#include "cli/input_writer.h"

#include <chrono>
#include <utility>

#include "cli/run_session.h"
#include "db/store.h"

namespace alert::cli {

namespace {
constexpr std::chrono::milliseconds kBeat{200};
}  // namespace

InputWriter::InputWriter(Target target, Reporter& reporter, Convert convert, StopFlag& stop)
    : target_(std::move(target)),
      convert_(std::move(convert)),
      stop_(stop),
      thread_([this, &reporter] { work(reporter); }) {}

InputWriter::~InputWriter() {
    join();
}

void InputWriter::push(const InputRecord& record) {
    const std::lock_guard lock(mutex_);
    pending_.push_back(record);
}

std::size_t InputWriter::finish() {
    join();
    if (failure_) {
        std::rethrow_exception(failure_);
    }
    return written_;
}

void InputWriter::join() {
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
    }
    ended_.notify_one();
    if (thread_.joinable()) {
        thread_.join();
    }
}

// A reader that went away ends the run, but what was still answered is stored all the same.
void InputWriter::print(std::span<const db::RunInput> inputs) {
    if (!target_.rows || failure_) {
        return;
    }
    try {
        for (const db::RunInput& input : inputs) {
            target_.rows->write(input_row(input));
        }
    } catch (...) {
        failure_ = std::current_exception();
        stop_.request();
    }
}

void InputWriter::work(Reporter& reporter) {
    try {
        db::Store store(target_.store);
        Progress progress(reporter, "running");
        std::vector<InputRecord> batch;
        for (bool last = false; !last;) {
            {
                std::unique_lock lock(mutex_);
                ended_.wait_for(lock, kBeat, [this] { return ending_; });
                last = ending_;
                batch.clear();
                batch.swap(pending_);
            }
            std::vector<db::RunInput> inputs;
            inputs.reserve(batch.size());
            for (const InputRecord& record : batch) {
                inputs.push_back(convert_(record));
            }
            store.add_inputs(target_.run_id, inputs);
            written_ += inputs.size();
            print(inputs);
            progress.update(static_cast<double>(written_) / static_cast<double>(target_.inputs));
        }
    } catch (...) {
        failure_ = std::current_exception();
        stop_.request();
    }
}

}  // namespace alert::cli
