#include "alert/input_cycle.h"

#include "tests/core/small_traces.h"
#include "tests/support/catch.h"

using namespace alert;
using small::Scripted;

namespace {

constexpr Goal kGoal{.deadline_s = 0.05, .period_s = 0.1};

Decision choose(std::size_t configuration, double xi_expected = 1) {
    return {.configuration = configuration, .xi_expected = xi_expected, .idle_ratio = 0.3};
}

// A cycle over small::family() whose scheme always chooses the same.
struct Bench {
    explicit Bench(std::size_t configuration, const CycleOptions& options = {.goal = kGoal})
        : scheme({choose(configuration)}), cycle(family, scheme, options) {}

    // Arrives and starts at `at_s`, answers after `latency_s`, is closed when the period ends.
    EnergyAccount pass(double at_s, double latency_s, std::optional<double> idle_power_w = {}) {
        cycle.arrived({.at_s = at_s}, at_s);
        cycle.ready(at_s);
        cycle.stage_ended(latency_s);
        return cycle.closed(at_s + *kGoal.period_s, idle_power_w);
    }

    Profile family = small::family();
    Scripted scheme;
    InputCycle cycle;
};

}  // namespace

TEST_CASE("an input is decided for what its late turn leaves of deadline and period") {
    Bench bench(small::kQuickLow);
    bench.cycle.arrived({.at_s = 7}, 7.02);
    CHECK(*bench.scheme.goals[0].deadline_s == Approx(0.03));
    CHECK(bench.scheme.goals[0].period_s == Approx(0.08));
    CHECK(bench.scheme.goals[0].interval_s == 0.1);
}

TEST_CASE("what a decision takes until it has effect is taken off the deadlines that follow") {
    Bench bench(small::kQuickLow);
    bench.cycle.arrived({.at_s = 7}, 7);
    CHECK(bench.cycle.ready(7.004));
    bench.cycle.stage_ended(0.02);
    CHECK(*bench.cycle.result().latency_s == 0.02);
    CHECK(*bench.cycle.result().response_s == Approx(0.024));
    bench.cycle.closed(7.1);
    bench.cycle.arrived({.at_s = 7.1}, 7.1);
    CHECK(*bench.scheme.goals[1].deadline_s == Approx(0.046));
}

TEST_CASE("giving the input to the network is part of the response, not of the latency") {
    Bench bench(small::kQuickLow);
    bench.cycle.arrived({.at_s = 7}, 7);
    bench.cycle.ready(7);
    bench.cycle.started(7.04);
    SECTION("in time") {
        bench.cycle.stage_ended(0.009);
        CHECK(*bench.cycle.result().latency_s == 0.009);
        CHECK(*bench.cycle.result().response_s == Approx(0.049));
        CHECK(bench.cycle.result().met_deadline);
    }
    SECTION("late") {
        bench.cycle.stage_ended(0.011);
        CHECK_FALSE(bench.cycle.result().met_deadline);
    }
}

TEST_CASE("the answer is the last output that came in time") {
    Bench bench(small::kNested2High);  // stages end at 12 and 30 ms
    bench.cycle.arrived({.at_s = 7}, 7);
    bench.cycle.ready(7);
    CHECK(bench.cycle.running() == small::kNested1High);
    const AfterStage first = bench.cycle.stage_ended(0.012);
    CHECK(first.answers);
    CHECK(first.go_on);
    CHECK(bench.cycle.running() == small::kNested2High);
    SECTION("the second, where it does") {
        const AfterStage second = bench.cycle.stage_ended(0.03);
        CHECK(second.answers);
        CHECK_FALSE(second.go_on);
        CHECK(bench.cycle.result().configuration == small::kNested2High);
        CHECK(*bench.cycle.result().latency_s == 0.03);
    }
    SECTION("the first, where the second is late; what it took is learnt all the same") {
        const AfterStage second = bench.cycle.stage_ended(0.06);
        CHECK_FALSE(second.answers);
        CHECK_FALSE(second.go_on);
        CHECK(bench.cycle.result().configuration == small::kNested1High);
        CHECK(*bench.cycle.result().latency_s == 0.012);
        CHECK(bench.cycle.result().met_deadline);
        CHECK(bench.cycle.end_s() == Approx(7.06));
        bench.cycle.closed(7.1);
        bench.cycle.learn();
        CHECK(bench.scheme.stages_s.at(0) == std::vector{0.012, 0.06});
    }
}

TEST_CASE("the first output is the answer, however late, and the last") {
    Bench bench(small::kNested2High);
    bench.cycle.arrived({.at_s = 7}, 7);
    bench.cycle.ready(7);
    const AfterStage first = bench.cycle.stage_ended(0.051);
    CHECK(first.answers);
    CHECK_FALSE(first.go_on);
    CHECK_FALSE(bench.cycle.result().met_deadline);
    CHECK(*bench.cycle.result().response_s == Approx(0.051));
}

TEST_CASE("a stage that is not expected to fit is left out, unless it is known to end in time") {
    const auto go_on = [](const Decision& decision) {
        const Profile family = small::family();
        Scripted scheme({decision});
        InputCycle cycle(family, scheme, {.goal = kGoal});
        cycle.arrived({.at_s = 7}, 7);
        cycle.ready(7);
        return cycle.stage_ended(0.012).go_on;  // another 18 ms at the expected slowdown
    };
    CHECK(go_on(choose(small::kNested2High, 2)));
    CHECK_FALSE(go_on(choose(small::kNested2High, 2.2)));
    Decision certain = choose(small::kNested2High, 2.2);
    certain.certain = true;
    CHECK(go_on(certain));
}

TEST_CASE(
    "an input whose deadline has passed is not to start: a guess, of which nothing is learnt") {
    CycleOptions options{.goal = kGoal};
    options.goal.accuracy = 0.7;
    Bench bench(small::kQuickLow, options);
    bench.cycle.arrived({.at_s = 7}, 7.05);
    CHECK_FALSE(bench.cycle.ready(7.05));
    CHECK_FALSE(bench.cycle.result().latency_s);
    CHECK_FALSE(bench.cycle.result().response_s);
    CHECK_FALSE(bench.cycle.result().met_deadline);
    bench.cycle.closed(7.1);
    bench.cycle.arrived({.at_s = 7.1}, 7.1);
    CHECK(*bench.scheme.goals[1].accuracy == Approx(0.7 + (0.7 - 0.1) / 20));
    CHECK(bench.scheme.outcomes.empty());
}

TEST_CASE("each outcome is told once, before the next decision or when there is time") {
    Bench bench(small::kQuickLow);
    bench.pass(7, 0.02);
    CHECK(bench.scheme.outcomes.empty());
    bench.cycle.learn();
    bench.cycle.learn();
    CHECK(bench.scheme.outcomes.size() == 1);
    bench.pass(7.1, 0.03);
    CHECK(bench.scheme.outcomes.size() == 1);
    bench.cycle.arrived({.at_s = 7.2}, 7.2);
    REQUIRE(bench.scheme.outcomes.size() == 2);
    CHECK(bench.scheme.outcomes[1].latency_s == 0.03);
}

TEST_CASE("an input that was not closed is when the next one's turn comes") {
    CycleOptions options{.goal = kGoal};
    options.goal.accuracy = 0.8;
    Bench bench(small::kQuickLow, options);  // right 0.7 of the time
    bench.cycle.arrived({.at_s = 7}, 7);
    bench.cycle.ready(7);
    bench.cycle.stage_ended(0.02);
    bench.cycle.arrived({.at_s = 7.1}, 7.1);
    CHECK(bench.scheme.outcomes.size() == 1);
    CHECK(*bench.scheme.goals[1].accuracy == Approx(0.8 + 0.1 / 20));
}

TEST_CASE("an energy counts from when it is known, against the goal of its own input") {
    CycleOptions options{.goal = kGoal};
    options.goal.energy_j = 1;
    Bench bench(small::kQuickLow, options);
    const EnergyAccount first = bench.pass(7, 0.02);
    const EnergyAccount second = bench.pass(7.1, 0.02);
    CHECK(*bench.scheme.goals[1].energy_j == Approx(1 - 1.0 / 20));  // the reserve
    CHECK(bench.cycle.settle(first, 0.8) == 0.8);
    CHECK(bench.cycle.settle(second, 0.6) == 0.6);
    bench.pass(7.2, 0.02);
    CHECK(*bench.scheme.goals[2].energy_j == Approx(1 + (0.2 + 0.4 - 1) / 20));
}

TEST_CASE("a rest tells the idle power, where it is long enough") {
    Bench bench(small::kQuickLow);
    bench.pass(7, 0.0985, 3);
    bench.pass(7.1, 0.0995, 4);  // of half a millisecond
    bench.cycle.learn();
    REQUIRE(bench.scheme.outcomes.size() == 2);
    CHECK(bench.scheme.outcomes[0].idle_power_w == 3);
    CHECK_FALSE(bench.scheme.outcomes[1].idle_power_w);
}

TEST_CASE("an input may bring a goal of its own, which the window carries on from") {
    CycleOptions options{.goal = kGoal};
    options.goal.accuracy = 0.6;
    Bench bench(small::kQuickLow, options);  // right 0.7 of the time
    const Goal own{.deadline_s = 0.03, .accuracy = 0.9, .period_s = 0.2};
    bench.cycle.arrived({.at_s = 7, .goal = &own}, 7.01);
    CHECK(*bench.scheme.goals[0].deadline_s == Approx(0.02));
    CHECK(*bench.scheme.goals[0].accuracy == Approx(0.9));
    CHECK(bench.scheme.goals[0].period_s == Approx(0.19));
    bench.cycle.ready(7.01);
    bench.cycle.stage_ended(0.021);
    CHECK_FALSE(bench.cycle.result().met_deadline);
    bench.cycle.closed(7.1);
    bench.cycle.arrived({.at_s = 7.1}, 7.1);
    CHECK(*bench.scheme.goals[1].deadline_s == Approx(0.05));
    CHECK(*bench.scheme.goals[1].accuracy == Approx(0.6 + (0.9 - 0.1) / 20));
}

TEST_CASE("inputs that follow one another have no period to rest in") {
    Bench bench(small::kQuickLow, {.goal = {.deadline_s = 0.05, .period_s = 0}});
    bench.cycle.arrived({.at_s = 7}, 7.01);
    CHECK(*bench.scheme.goals[0].deadline_s == Approx(0.04));
    CHECK(bench.scheme.goals[0].period_s == 0);
    CHECK(bench.scheme.goals[0].interval_s == 0);
}

TEST_CASE("inputs of a group share its deadline, its period and the energy of its rest") {
    Bench bench(small::kQuickLow, {.goal = kGoal, .inputs_per_group = 2});
    const auto pass = [&](std::size_t position, double turn_s, double closed_s) {
        bench.cycle.arrived(
            {.at_s = 7, .place = {.group = 3, .position = position, .size = 2}, .goal = {}},
            turn_s);
        CHECK(bench.cycle.result().group == 3);
        bench.cycle.ready(turn_s);
        bench.cycle.stage_ended(0.01);
        return bench.cycle.closed(closed_s, 2);
    };
    const EnergyAccount first = pass(0, 7, 7.01), second = pass(1, 7.01, 7.1);
    CHECK(*bench.scheme.goals[0].deadline_s == Approx(0.025));
    CHECK(*bench.scheme.goals[1].deadline_s == Approx(0.04));
    CHECK(bench.scheme.goals[1].period_s == Approx(0.05));
    CHECK(*bench.cycle.result().response_s == Approx(0.02));
    // 80 ms of rest at 2 W. The first one's half, after which none was measured, as it is believed.
    CHECK(bench.cycle.settle(first, 0.4) + bench.cycle.settle(second, 0.4 + 0.16) == Approx(0.96));
    CHECK(first.idle_j == Approx(0.3 * 10 * 0.04));
}
