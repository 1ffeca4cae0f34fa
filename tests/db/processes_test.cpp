#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <random>
#include <thread>

#include "support.h"
#include "tests/support/catch.h"

using namespace alert::db;
using namespace alert::db::test;
namespace fs = std::filesystem;

namespace {

constexpr std::int64_t kBatch = 50;

/// Starts a process that does this and exits with 0, or with 1 when it fails.
pid_t start(const std::function<void()>& work) {
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        const std::string failure = failure_of(work);
        ::_exit(failure.empty() ? 0 : 1);
    }
    return child;
}

int exit_status(pid_t child) {
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    return status;
}

std::vector<RunInput> batch(std::int64_t first) {
    std::vector<RunInput> inputs;
    for (std::int64_t n = first; n < first + kBatch; ++n) {
        inputs.push_back(an_input(n));
    }
    return inputs;
}

/// Stores batches for ever, and a byte in the pipe for each that is stored.
void write_batches(const fs::path& file, int acknowledge) {
    Store store(file);
    const std::int64_t run = store.add_run(a_run()).id;
    for (std::int64_t n = 0;; n += kBatch) {
        store.add_inputs(run, batch(n));
        if (::write(acknowledge, "x", 1) != 1) {
            return;
        }
    }
}

std::int64_t bytes_in(int pipe_end) {
    std::int64_t count = 0;
    char buffer[256];
    for (ssize_t n = 0; (n = ::read(pipe_end, buffer, sizeof buffer)) > 0;) {
        count += n;
    }
    return count;
}

}  // namespace

TEST_CASE("processes that create one store at the same moment all succeed") {
    for (int repetition = 0; repetition < 10; ++repetition) {
        const TempFolder folder;
        std::vector<pid_t> children;
        for (int i = 0; i < 6; ++i) {
            children.push_back(start([&] {
                Store store(folder / "a.db");
                store.add_profile(a_profile(std::to_string(::getpid())));
            }));
        }
        for (const pid_t child : children) {
            CHECK(exit_status(child) == 0);
        }
        CHECK(Store(folder / "a.db", Store::Mode::kRead).profiles().size() == 6);
        CHECK(RawConnection(folder / "a.db").value("PRAGMA journal_mode") == "wal");
    }
}

TEST_CASE("two writers at once both store everything") {
    const TempFolder folder;
    const fs::path file = folder / "a.db";
    Store(file).add_profile(a_profile());
    std::vector<pid_t> children;
    for (int i = 0; i < 2; ++i) {
        children.push_back(start([&] {
            Store store(file);
            const std::int64_t run = store.add_run(a_run()).id;
            for (std::int64_t n = 0; n < 100 * kBatch; n += kBatch) {
                store.add_inputs(run, batch(n));
            }
            store.finish_run(run, {});
        }));
    }
    const Store reader(file, Store::Mode::kRead);  // which neither hinders nor is hindered
    while (reader.run_ids().size() < 2) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    for (const pid_t child : children) {
        CHECK(exit_status(child) == 0);
    }
    for (const std::int64_t run : reader.run_ids()) {
        CHECK(reader.find_run(run)->finished);
        CHECK(reader.run_summary(run).inputs == 100 * kBatch);
    }
}

TEST_CASE("a writer that is killed leaves a store with all that it had stored") {
    std::mt19937 random(7);
    for (int i = 0; i < 10; ++i) {
        const TempFolder folder;
        const fs::path file = folder / "a.db";
        Store(file).add_profile(a_profile());
        int ends[2];
        REQUIRE(::pipe(ends) == 0);
        const pid_t child = start([&] { write_batches(file, ends[1]); });
        ::close(ends[1]);
        std::this_thread::sleep_for(std::chrono::microseconds(random() % 60000));
        ::kill(child, SIGKILL);
        CHECK(WIFSIGNALED(exit_status(child)));
        const std::int64_t acknowledged = bytes_in(ends[0]);
        ::close(ends[0]);

        Store store(file);
        std::int64_t stored = 0;
        if (!store.run_ids().empty()) {
            stored = store.run_summary(store.run_ids().back()).inputs;
            store.add_inputs(store.run_ids().back(), batch(stored));  // and it can go on
        }
        CHECK(stored % kBatch == 0);
        CHECK(stored >= acknowledged * kBatch);
        CHECK(RawConnection(file).value("PRAGMA integrity_check") == "ok");
    }
}

TEST_CASE("a process that is killed while it creates a store does not spoil it") {
    std::mt19937 random(11);
    for (int i = 0; i < 10; ++i) {
        const TempFolder folder;
        const fs::path file = folder / "a.db";
        const pid_t child = start([&] { Store(file).add_profile(a_profile("killed")); });
        std::this_thread::sleep_for(std::chrono::microseconds(random() % 15000));
        ::kill(child, SIGKILL);
        exit_status(child);
        Store store(file);
        CHECK(store.add_profile(a_profile()).id != 0);
        CHECK(RawConnection(file).value("PRAGMA integrity_check") == "ok");
    }
}
