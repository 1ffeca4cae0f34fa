#pragma once

namespace alert {

/// Seconds of the steady clock: the one place where time is read.
double now_s();

/// Returns at `at_s` of that clock, at once when it has passed; exact to a few microseconds.
void wait_until(double at_s);

}  // namespace alert
