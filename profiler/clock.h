#pragma once

namespace alert {

/// Seconds of the steady clock: the one place where time is read.
double now_s();

/// Seconds that the calling thread has run: stands still while other programs have its core.
double thread_s();

/// Returns at `at_s` of that clock, at once when it has passed. Never early, and on an idle
/// core late by microseconds.
void wait_until(double at_s);

/// The same without letting go of the processor.
void spin_until(double at_s);

/// Sleeps that end shortly before a moment, however late this machine wakes who sleeps: some 50 us
/// on idle hardware, 200 us in a virtual machine. Learns it from one sleep to the next.
class LightSleeper {
   public:
    /// What is left after 19 of 20 sleeps, at least: more than a decision takes, caches being cold.
    static constexpr double kLeft_s = 40e-6;

    /// Returns at once when `at_s` is too near to sleep.
    void sleep_until_near(double at_s);

   private:
    double lead_s_ = 250e-6;  // how long before the moment a sleep is to end
};

}  // namespace alert
