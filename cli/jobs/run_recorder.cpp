#include "cli/jobs/run_recorder.h"

#include <fmt/format.h>

namespace alert::cli {

RunRecorder::RunRecorder(Target target, Status& status, Convert convert, std::atomic<bool>& stop)
    : target_(std::move(target)),
      convert_(std::move(convert)),
      stop_(stop),
      storing_([this, &status] { store(status); }) {
    try {
        printing_ = std::thread([this, &status] { print(status); });
    } catch (...) {
        join_storing();
        throw;
    }
}

RunRecorder::~RunRecorder() {
    join_storing();
    printing_.join();
}

std::size_t RunRecorder::finish() {
    join_storing();
    if (failure_) {
        std::rethrow_exception(failure_);
    }
    return written_;
}

void RunRecorder::join_storing() {
    answered_.end();
    if (storing_.joinable()) {
        storing_.join();
    }
}

// A run does not end because another process has locked the store for a while.
void RunRecorder::add(db::Store& store, std::span<const db::RunInput> inputs, Status& status) {
    constexpr int kTries = 120;  // of some seconds each
    for (int tries = 1;; ++tries) {
        try {
            return store.add_inputs(target_.run_id, inputs);
        } catch (const db::Busy& busy) {
            if (tries == kTries) {
                throw;
            }
            if (tries == 1) {
                status.warn(fmt::format("{}; the run continues and is stored later", busy.what()));
            }
        }
    }
}

void RunRecorder::store(Status& status) {
    try {
        db::Store store(target_.store);
        std::vector<InputRecord> batch;
        for (bool more = true; more;) {
            more = answered_.take(batch);
            std::vector<db::RunInput> inputs;
            inputs.reserve(batch.size());
            for (const InputRecord& record : batch) {
                inputs.push_back(convert_(record));
            }
            add(store, inputs, status);
            written_ += inputs.size();
            for (db::RunInput& input : inputs) {
                stored_.add(std::move(input));
            }
        }
    } catch (...) {
        failure_ = std::current_exception();
        stop_ = true;
    }
    stored_.end();
}

void RunRecorder::print(Status& status) {
    try {
        Progress progress(status, "running");
        std::vector<db::RunInput> batch;
        std::size_t shown = 0;
        for (bool more = true; more;) {
            more = stored_.take(batch);
            for (const db::RunInput& input : batch) {
                if (target_.print) {
                    target_.print(input);
                }
            }
            shown += batch.size();
            progress.update(static_cast<double>(shown) / static_cast<double>(target_.inputs));
        }
    } catch (const std::exception& error) {
        status.warn(fmt::format("not every input was printed: {}", error.what()));
    }
}

}  // namespace alert::cli
