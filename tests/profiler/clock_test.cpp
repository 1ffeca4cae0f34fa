#include "profiler/clock.h"

#include <chrono>
#include <thread>

#include "tests/support/catch.h"

using namespace alert;

TEST_CASE("the clock counts seconds of the steady clock") {
    const auto before = std::chrono::steady_clock::now().time_since_epoch();
    const double now = now_s();
    const auto after = std::chrono::steady_clock::now().time_since_epoch();
    CHECK(now >= std::chrono::duration<double>(before).count());
    CHECK(now <= std::chrono::duration<double>(after).count());
}

TEST_CASE("waiting never ends before its moment") {
    for (const double wait_s : {0.0, 1e-6, 50e-6, 100e-6, 150e-6, 2e-3, 20e-3}) {
        const double at_s = now_s() + wait_s;
        wait_until(at_s);
        CHECK(now_s() >= at_s);
    }
}

TEST_CASE("waiting for a moment that has passed returns") {
    wait_until(now_s() - 5);
    wait_until(0);
    wait_until(-1);
}

TEST_CASE("a light sleeper learns to wake in time") {
    LightSleeper sleeper;
    int in_time = 0, slept = 0;
    for (int i = 0; i < 200; ++i) {
        const double at_s = now_s() + 2e-3, before_s = thread_s();
        sleeper.sleep_until_near(at_s);
        in_time += i >= 50 && now_s() < at_s - LightSleeper::kLeft_s / 2;
        slept += thread_s() - before_s < 1e-3;
    }
    CHECK(in_time > 75);  // of 150, on a machine that may be busy
    CHECK(slept > 150);
}

TEST_CASE("a light sleeper does not sleep past what is near") {
    LightSleeper sleeper;
    const double at_s = now_s() + 20e-6, before_s = thread_s();
    sleeper.sleep_until_near(at_s);
    sleeper.sleep_until_near(0);
    CHECK(thread_s() - before_s < 1e-3);
}

TEST_CASE("a thread's own time passes while it works, not while it sleeps") {
    const double before_s = thread_s();
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    const double slept_s = thread_s() - before_s;
    CHECK(slept_s >= 0);
    CHECK(slept_s < 0.15);
    while (thread_s() - before_s < 0.02 + slept_s) {
    }
}
