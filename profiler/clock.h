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

}  // namespace alert
