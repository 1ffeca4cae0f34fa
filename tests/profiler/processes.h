#pragma once

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <exception>
#include <string>
#include <thread>

#include "tests/support/catch.h"

/// Real processes for tests that kill.
namespace processes {

/// Waits up to ten seconds for something that takes milliseconds.
template <class Condition>
bool becomes_true(Condition condition) {
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (!condition()) {
        if (std::chrono::steady_clock::now() > give_up) {
            return false;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return true;
}

/// A child in a process group of its own that does `work(ready)` and then sleeps until it is
/// killed; `ready()` tells the test to go on.
class Child {
   public:
    template <class Work>
    explicit Child(Work work) {
        int ends[2];
        REQUIRE(pipe(ends) == 0);
        process_ = fork();
        if (process_ == 0) {
            setpgid(0, 0);
            close(ends[0]);
            run(work, ends[1]);
        }
        setpgid(process_, process_);
        close(ends[1]);
        ready_ = ends[0];
    }
    ~Child() {
        close(ready_);
        end(SIGKILL);
    }
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    pid_t process() const { return process_; }

    /// False when the child ended without saying that it is ready, or takes a minute.
    bool ready() const {
        pollfd end = {ready_, POLLIN, 0};
        char word = 0;
        return poll(&end, 1, 60'000) == 1 && read(ready_, &word, 1) == 1;
    }

    /// Kills it, or its whole group, and returns its wait status.
    int end(int signal, bool group = false) {
        int status = 0;
        if (process_ > 0) {
            kill(group ? -process_ : process_, signal);
            waitpid(process_, &status, 0);
            process_ = -1;
        }
        return status;
    }

    /// Waits for it to end by itself; its exit code, or -1 when it was killed.
    int exit_code() {
        int status = 0;
        waitpid(process_, &status, 0);
        process_ = -1;
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }

   private:
    template <class Work>
    [[noreturn]] static void run(Work& work, int ready) {
        try {
            work([ready] {
                if (write(ready, "r", 1) != 1) {
                    _exit(3);
                }
            });
        } catch (const std::exception&) {
            _exit(2);
        }
        _exit(0);
    }

    pid_t process_ = -1;
    int ready_ = -1;
};

[[noreturn]] inline void sleep_until_killed() {
    while (true) {
        pause();
    }
}

}  // namespace processes
