#include <cstddef>
#include <cstdlib>
#include <new>
#include <random>

#include "alert/input_cycle.h"
#include "core/evaluation/baselines.h"
#include "core/method/alert_scheme.h"
#include "tests/core/reference.h"
#include "tests/support/catch.h"

namespace {

std::size_t allocations = 0;

void* counted_allocation(std::size_t size) {
    ++allocations;
    return std::malloc(size == 0 ? 1 : size);
}

}  // namespace

// Every form but the over-aligned ones is replaced: a sanitizer brings its own of those that are
// not, and would see memory of the one freed by the other.
void* operator new(std::size_t size) {
    if (void* memory = counted_allocation(size)) {
        return memory;
    }
    throw std::bad_alloc();
}
void* operator new[](std::size_t size) {
    return operator new(size);
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
    return counted_allocation(size);
}
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept {
    return counted_allocation(size);
}
void operator delete(void* memory) noexcept {
    std::free(memory);
}
void operator delete[](void* memory) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
    std::free(memory);
}
void operator delete[](void* memory, std::size_t) noexcept {
    std::free(memory);
}

using namespace alert;

TEST_CASE("a decision and what is learnt from it allocate nothing") {
    std::mt19937_64 random(41);
    std::size_t counted = 0;
    std::vector<double> stages_s;
    for (int trial = 0; trial < 50; ++trial) {
        const Profile profile = reference::random_profile(random, true, trial % 2 == 0);
        const auto estimator = trial % 4 < 2 ? Estimator::kPaper : Estimator::kCalibrated;
        AlertScheme controller(profile, estimator);
        FixedScheme fixed(profile, 0, estimator);
        for (int n = 0; n < 20; ++n) {
            const InputGoal goal = reference::random_goal(random, true);
            const std::size_t before_choice = allocations;
            const Decision decision = controller.next(goal);
            counted += allocations - before_choice;
            const auto& ran = profile.configurations[decision.configuration];
            stages_s.clear();
            for (std::size_t c = decision.configuration + 1 - static_cast<std::size_t>(ran.stage);
                 ran.stage > 0 && c <= decision.configuration; ++c) {
                stages_s.push_back(profile.configurations[c].latency_s);
            }
            const std::size_t before = allocations;
            const Outcome outcome{.configuration = decision.configuration,
                                  .latency_s = ran.latency_s,
                                  .idle_power_w = 5,
                                  .stages_s = stages_s};
            controller.observe(outcome);
            fixed.next(goal);
            fixed.observe(outcome);
            counted += allocations - before;
        }
    }
    CHECK(counted == 0);
    CHECK(allocations > 0);  // the counter counts
}

TEST_CASE("the cycle of an input allocates nothing, however many stages run") {
    std::mt19937_64 random(43);
    std::size_t counted = 0, stages = 0;
    for (int trial = 0; trial < 50; ++trial) {
        const Profile profile = reference::random_profile(random, true, trial % 2 == 0);
        AlertScheme controller(profile);
        const InputGoal goal = reference::random_goal(random, true);
        InputCycle cycle(profile, controller,
                         {.goal = {.objective = goal.objective,
                                   .deadline_s = 10,
                                   .accuracy = goal.accuracy,
                                   .energy_j = goal.energy_j,
                                   .period_s = goal.period_s},
                          .inputs_per_group = 3});
        double now_s = 0;
        for (std::size_t n = 0; n < 30; ++n) {
            const Arrival arrival{.at_s = now_s,
                                  .place = {.group = n / 3, .position = n % 3, .size = 3}};
            const std::size_t before = allocations;
            cycle.rehearse();
            cycle.arrived(arrival, now_s);
            cycle.ready(now_s);
            bool go_on = true;
            while (go_on) {
                const double elapsed_s = profile.configurations[cycle.running()].latency_s;
                go_on = cycle.stage_ended(elapsed_s).go_on;
                ++stages;
            }
            now_s = cycle.end_s() + 0.01;
            cycle.settle(cycle.closed(now_s, 5), 0.1);
            counted += allocations - before;
        }
    }
    CHECK(counted == 0);
    CHECK(stages > 50 * 30);
}
