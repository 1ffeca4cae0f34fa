#include "profiler/stage_clock.h"

#include "profiler/clock.h"
#include "profiler/power/emulated.h"

namespace alert {

double finish_stage(double start_s, double done_s, const PowerSetting& setting) {
    if (!setting.emulated) {
        return done_s;
    }
    wait_until(capped_end_s(start_s, done_s - start_s, setting));
    return now_s();
}

}  // namespace alert
