#include "profiler/clock.h"

#include <chrono>
#include <thread>

#include "tests/support/catch.h"
#include "tests/support/fake_clock.h"

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

TEST_CASE("a light sleeper learns to wake in time, however late who sleeps wakes") {
    for (const double oversleeps_s : {0.0, 50e-6, 200e-6, 400e-6}) {
        FakeClock clock;
        clock.oversleeps_s = oversleeps_s;
        LightSleeper sleeper(clock);
        int early = 0;
        double woke_s = 0, at_s = 0;
        for (int i = 0; i < 400; ++i) {
            at_s = clock.now_s() + 2e-3;
            sleeper.sleep_until_near(at_s);
            woke_s = clock.now_s();
            early += i >= 200 && at_s - woke_s >= LightSleeper::kLeft_s;
            clock.spin_until(at_s);
        }
        CHECK(early >= 180);  // of 200
        CHECK(at_s - woke_s < 2.5 * LightSleeper::kLeft_s);
    }
}

TEST_CASE("a light sleeper does not sleep past what is near") {
    FakeClock clock;
    LightSleeper sleeper(clock);
    const double now_s = clock.now_s();
    sleeper.sleep_until_near(now_s + 20e-6);
    sleeper.sleep_until_near(0);
    CHECK(clock.now_s() == now_s);
}

TEST_CASE("a thread's own time passes while it works, not while it sleeps", "[timing]") {
    const double before_s = thread_s();
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    const double slept_s = thread_s() - before_s;
    CHECK(slept_s >= 0);
    CHECK(slept_s < 0.15);
    while (thread_s() - before_s < 0.02 + slept_s) {
    }
}
