#pragma once

namespace alert {

/// Time as the run loop, the sweep and the recorder know it: the steady clock's, or one on which
/// time passes as a test says.
class Clock {
   public:
    virtual ~Clock() = default;

    /// Seconds since some fixed moment.
    virtual double now_s() = 0;

    /// Returns at `at_s`, or late by what waking up takes; at once when it has passed.
    virtual void sleep_until(double at_s) = 0;

    /// Returns at `at_s`, never early, without letting go of the processor.
    virtual void spin_until(double at_s) = 0;

    /// The same, but sleeps first. On an idle core late by microseconds.
    void wait_until(double at_s);
};

/// The one place where time is read.
Clock& steady_clock();

/// Seconds of the steady clock.
double now_s();

/// Seconds that the calling thread has run: stands still while other programs have its core.
double thread_s();

/// Waits on the steady clock.
void wait_until(double at_s);

/// Sleeps that end shortly before a moment, however late this machine wakes who sleeps: some 50 us
/// on idle hardware, 200 us in a virtual machine. Learns it from one sleep to the next.
class LightSleeper {
   public:
    /// What is left after 19 of 20 sleeps, at least: more than a decision takes, caches being cold.
    static constexpr double kLeft_s = 40e-6;

    explicit LightSleeper(Clock& clock) : clock_(clock) {}

    /// Returns at once when `at_s` is too near to sleep.
    void sleep_until_near(double at_s);

   private:
    Clock& clock_;
    double lead_s_ = 250e-6;  // how long before the moment a sleep is to end
};

}  // namespace alert
