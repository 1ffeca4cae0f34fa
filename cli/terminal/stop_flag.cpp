#include "cli/terminal/stop_flag.h"

#include <csignal>
#include <cstddef>
#include <iterator>

namespace alert::cli {
namespace {

constexpr int kStopSignals[] = {SIGINT, SIGTERM, SIGHUP};

// A signal handler can only reach globals; StopFlag owns them.
std::atomic<bool> stop_requested{false};
struct sigaction previous_actions[std::size(kStopSignals)];

void request_stop(int /*signal*/) {
    stop_requested.store(true, std::memory_order_relaxed);
}

}  // namespace

StopFlag::StopFlag() {
    stop_requested = false;
    struct sigaction action = {};
    action.sa_handler = request_stop;
    // The first signal restores the default action, so that the second one kills.
    action.sa_flags = static_cast<int>(SA_RESETHAND);
    for (std::size_t i = 0; i < std::size(kStopSignals); ++i) {
        struct sigaction& previous = previous_actions[i];
        sigaction(kStopSignals[i], &action, &previous);
        if (kStopSignals[i] == SIGHUP && previous.sa_handler == SIG_IGN) {
            sigaction(SIGHUP, &previous, nullptr);  // under nohup
        }
    }
}

StopFlag::~StopFlag() {
    for (std::size_t i = 0; i < std::size(kStopSignals); ++i) {
        sigaction(kStopSignals[i], &previous_actions[i], nullptr);
    }
}

std::atomic<bool>& StopFlag::flag() const {
    return stop_requested;
}

}  // namespace alert::cli
