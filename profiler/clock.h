#pragma once

namespace alert {

/// The time source of run loop, sweep and recorder: the steady clock, or a clock that a test
/// advances.
class Clock {
   public:
    virtual ~Clock() = default;

    /// Seconds since some fixed moment.
    virtual double now_s() = 0;

    /// Returns at `at_s`, or later by the time that waking up takes; at once if it has passed.
    virtual void sleep_until(double at_s) = 0;

    /// Returns at `at_s`, never early, without releasing the processor.
    virtual void spin_until(double at_s) = 0;

    /// The same, but sleeps first. On an idle core it is late by microseconds.
    void wait_until(double at_s);
};

/// The one place where time is read.
Clock& steady_clock();

/// Seconds of the steady clock.
double now_s();

/// CPU time (s) of the calling thread: does not advance while other programs have its core.
double thread_s();

/// Waits on the steady clock.
void wait_until(double at_s);

/// Sleeps that end shortly before a given time, although a machine wakes a sleeper late: by some
/// 50 us on idle hardware, 200 us in a virtual machine. Learns the delay from one sleep to the
/// next.
class LightSleeper {
   public:
    /// The least time left after 19 of 20 sleeps: more than a decision takes with cold caches.
    static constexpr double kLeft_s = 40e-6;

    explicit LightSleeper(Clock& clock) : clock_(clock) {}

    /// Returns at once when `at_s` is too near to sleep.
    void sleep_until_near(double at_s);

    /// Returns at `at_s`, never early: the end of an idle time as the run loop spends it.
    void wait_until(double at_s);

   private:
    Clock& clock_;
    double lead_s_ = 250e-6;  // how long before the moment a sleep is to end
};

}  // namespace alert
