#include "profiler/clock.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <ctime>

namespace alert {
namespace {

// Spinning begins this long before the time: more than an idle machine oversleeps (the kernel's
// timer slack is 50 us).
constexpr double kSpin_s = 100e-6;

class SteadyClock final : public Clock {
   public:
    double now_s() override {
        return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch())
            .count();
    }

    // Absolute, so that being interrupted or preempted before the sleep does not lengthen it.
    // steady_clock is CLOCK_MONOTONIC in libstdc++ and libc++ on Linux.
    void sleep_until(double at_s) override {
        timespec until{};
        until.tv_sec = static_cast<time_t>(at_s);
        until.tv_nsec = static_cast<long>((at_s - std::floor(at_s)) * 1e9);
        while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, nullptr) == EINTR) {
        }
    }

    void spin_until(double at_s) override {
        while (now_s() < at_s) {
        }
    }
};

}  // namespace

void Clock::wait_until(double at_s) {
    if (at_s - now_s() > kSpin_s) {
        sleep_until(at_s - kSpin_s);
    }
    spin_until(at_s);
}

Clock& steady_clock() {
    static SteadyClock clock;
    return clock;
}

double now_s() {
    return steady_clock().now_s();
}

double thread_s() {
    timespec ran{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ran);
    return static_cast<double>(ran.tv_sec) + 1e-9 * static_cast<double>(ran.tv_nsec);
}

void wait_until(double at_s) {
    steady_clock().wait_until(at_s);
}

void LightSleeper::sleep_until_near(double at_s) {
    constexpr double kLeast_s = 50e-6, kMost_s = 500e-6;
    if (at_s - clock_.now_s() <= lead_s_) {
        return;
    }
    clock_.sleep_until(at_s - lead_s_);
    // The steps balance if 1 sleep in 20 leaves too little time.
    const bool too_late = at_s - clock_.now_s() < kLeft_s;
    lead_s_ = std::clamp(lead_s_ * (too_late ? 1.2 : 0.99), kLeast_s, kMost_s);
}

void LightSleeper::wait_until(double at_s) {
    sleep_until_near(at_s);
    clock_.spin_until(at_s);
}

}  // namespace alert
