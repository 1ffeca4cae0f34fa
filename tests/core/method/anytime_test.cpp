#include "core/method/anytime.h"

#include "tests/support/catch.h"

using namespace alert;

TEST_CASE("the next stage fits when the mean slowdown of its part ends by the deadline") {
    // 20 ms of profile to go at a slowdown of 1.5: done at 30 + 30 = 60 ms.
    const StageProgress progress{.elapsed_s = 0.03, .profiled_s = 0.02, .next_profiled_s = 0.04};
    CHECK(next_stage_fits(progress, 1.5, 0.0601));
    CHECK_FALSE(next_stage_fits(progress, 1.5, 0.0599));
}

TEST_CASE("a slowdown that this input shows already counts before the filter knows of it") {
    // Three times slower than profiled so far: done at 60 + 60 = 120 ms.
    const StageProgress progress{.elapsed_s = 0.06, .profiled_s = 0.02, .next_profiled_s = 0.04};
    CHECK(next_stage_fits(progress, 1, 0.121));
    CHECK_FALSE(next_stage_fits(progress, 1, 0.119));
}

TEST_CASE("an input that goes faster than the mean is not trusted to stay so") {
    // Done at 10 + 2 * 20 = 50 ms by the mean, at 20 ms by what was seen.
    const StageProgress progress{.elapsed_s = 0.01, .profiled_s = 0.02, .next_profiled_s = 0.04};
    CHECK_FALSE(next_stage_fits(progress, 2, 0.049));
    CHECK(next_stage_fits(progress, 2, 0.051));
}

TEST_CASE("no stage fits once the deadline has passed") {
    const StageProgress progress{.elapsed_s = 0.1, .profiled_s = 0.02, .next_profiled_s = 0.021};
    CHECK_FALSE(next_stage_fits(progress, 1, 0.09));
}
