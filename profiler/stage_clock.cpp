#include "profiler/stage_clock.h"

#include "profiler/clock.h"

namespace alert {

double finish_stage(double due_s, double done_s) {
    if (due_s <= done_s) {
        return done_s;
    }
    wait_until(due_s);
    return now_s();
}

}  // namespace alert
