#include "core/evaluation/replay.h"

#include <array>
#include <cmath>
#include <string>

#include "core/evaluation/schemes.h"
#include "tests/core/small_traces.h"
#include "tests/support/catch.h"

using namespace alert;
using small::Scripted;

namespace {

// Inputs every 50 ms that are due after 50 ms, each with the goal as stated.
Workload every_50ms(std::size_t inputs) {
    return {.goal = {.deadline_s = 0.05, .period_s = 0.05},
            .inputs = inputs,
            .period_s = 0.05,
            .window = 1};
}

Workload with_deadline(Workload workload, double deadline_s) {
    workload.goal.deadline_s = deadline_s;
    return workload;
}

Decision choose(std::size_t configuration, double xi_expected = 1) {
    return {.configuration = configuration, .xi_expected = xi_expected};
}

Trace trace_of(std::initializer_list<double> slowdowns) {
    return small::trace_of(small::family(), std::vector(slowdowns));
}

// One input, alone.
PlayedInput play_one(const Trace& trace, double deadline_s, Decision decision) {
    Scripted scheme({decision});
    return small::play(small::family(), trace, with_deadline(every_50ms(1), deadline_s), scheme)
        .front();
}

void check_same(const PlayedInput& a, const PlayedInput& b) {
    CHECK(a.decision.configuration == b.decision.configuration);
    CHECK(a.decision.feasible == b.decision.feasible);
    CHECK(a.decision.deadline_probability == b.decision.deadline_probability);
    CHECK(a.decision.accuracy == b.decision.accuracy);
    CHECK(a.decision.energy_j == b.decision.energy_j);
    CHECK(a.decision.xi_mean == b.decision.xi_mean);
    CHECK(a.decision.xi_std == b.decision.xi_std);
    CHECK(a.decision.xi_expected == b.decision.xi_expected);
    CHECK(a.decision.idle_ratio == b.decision.idle_ratio);
    CHECK(a.decision.certain == b.decision.certain);
    CHECK(a.configuration == b.configuration);
    CHECK(a.latency_s == b.latency_s);
    CHECK(a.response_s == b.response_s);
    CHECK(a.met_deadline == b.met_deadline);
    CHECK(a.correct == b.correct);
    CHECK(a.energy_j == b.energy_j);
}

}  // namespace

TEST_CASE("a late input leaves the next one less time") {
    // 20 ms at 3.5 times: done at 70 ms, 30 ms before the next input is due.
    const Trace trace = trace_of({3.5, 1, 1});
    Scripted scheme({choose(small::kQuickLow)});
    const auto inputs = small::play(small::family(), trace, every_50ms(3), scheme);

    CHECK_FALSE(inputs[0].met_deadline);
    CHECK_FALSE(inputs[0].correct);
    CHECK(*inputs[0].latency_s == Approx(0.07));
    CHECK(*inputs[0].response_s == Approx(0.07));

    CHECK(*scheme.goals[1].deadline_s == Approx(0.03));
    CHECK(scheme.goals[1].period_s == Approx(0.03));
    CHECK(inputs[1].met_deadline);
    CHECK(inputs[1].correct);
    CHECK(*inputs[1].latency_s == Approx(0.02));
    CHECK(*inputs[1].response_s == Approx(0.04));  // 20 ms late, and 20 ms

    CHECK(*scheme.goals[2].deadline_s == Approx(0.05));
    CHECK(scheme.goals[2].period_s == Approx(0.05));
}

TEST_CASE("a late input costs its whole inference, the next one its shorter period") {
    const Trace trace = trace_of({3.5, 1, 1});
    Scripted scheme({choose(small::kQuickLow)});
    const auto inputs = small::play(small::family(), trace, every_50ms(3), scheme);
    CHECK(inputs[0].energy_j == Approx(10 * 0.07));
    CHECK(inputs[1].energy_j == Approx(10 * 0.02 + 2 * 0.01));
    CHECK(inputs[2].energy_j == Approx(10 * 0.02 + 2 * 0.03));
}

TEST_CASE("an input that cannot start by its deadline is missed and costs its rest") {
    // Due 30 ms after its arrival; the one before ends 40 ms after it, 60 ms before the next.
    const Trace trace = trace_of({7, 1, 1});
    Workload workload = with_deadline(every_50ms(3), 0.03);
    workload.period_s = 0.1;
    Scripted scheme({choose(small::kQuickLow)});
    const auto inputs = small::play(small::family(), trace, workload, scheme);
    CHECK(*scheme.goals[1].deadline_s == Approx(-0.01));
    CHECK_FALSE(inputs[1].latency_s);
    CHECK_FALSE(inputs[1].response_s);
    CHECK_FALSE(inputs[1].met_deadline);
    CHECK_FALSE(inputs[1].correct);
    CHECK(inputs[1].energy_j == Approx(2 * 0.06));
    CHECK(inputs[2].met_deadline);
    CHECK(scheme.outcomes.size() == 2);  // nothing is learnt from the one that never ran
}

TEST_CASE("an input whose whole period has passed costs nothing") {
    const Trace trace = trace_of({6, 1, 1});  // done at 120 ms
    Scripted scheme({choose(small::kQuickLow)});
    const auto inputs = small::play(small::family(), trace, every_50ms(3), scheme);
    CHECK_FALSE(inputs[1].latency_s);
    CHECK(inputs[1].energy_j == 0);
    CHECK(scheme.goals[1].period_s == 0);
    CHECK(*inputs[2].response_s == Approx(0.04));  // from 120 ms to 140 ms, arrived at 100 ms
    CHECK(inputs[2].energy_j == Approx(10 * 0.02 + 2 * 0.01));
}

TEST_CASE("an anytime model runs to the stage chosen where that is expected to fit") {
    const auto input = play_one(trace_of({1}), 0.035, choose(small::kNested2High));
    CHECK(input.configuration == small::kNested2High);
    CHECK(*input.latency_s == Approx(0.03));
    CHECK(input.energy_j == Approx(40 * 0.03 + 2 * 0.02));
    CHECK(play_one(trace_of({1}), 0.035, choose(small::kNested1High)).configuration ==
          small::kNested1High);
}

TEST_CASE("an anytime model stops before a stage that is not expected to fit") {
    struct Case {
        double slowdown, xi_expected, deadline_s;
    };
    // Stages end at 12 and 30 ms as profiled: as expected at 12 + 18 = 30 ms, at 12 + 36 = 48 ms
    // where twice that is expected, and by what this input shows at 15.6 + 23.4 = 39 ms.
    for (const auto& [slowdown, xi_expected, deadline_s] :
         {Case{1, 1, 0.029}, Case{1, 2, 0.047}, Case{1.3, 1, 0.0385}}) {
        const auto input =
            play_one(trace_of({slowdown}), deadline_s, choose(small::kNested2High, xi_expected));
        CHECK(input.decision.configuration == small::kNested2High);
        CHECK(input.configuration == small::kNested1High);
        CHECK(input.met_deadline);
        CHECK(*input.latency_s == Approx(slowdown * 0.012));
        CHECK(input.energy_j == Approx(40 * slowdown * 0.012 + 2 * (0.05 - slowdown * 0.012)));
    }
}

TEST_CASE("a decision that is certain leaves no stage out") {
    Decision certain = choose(small::kNested2High, 2);
    certain.certain = true;
    const auto input = play_one(trace_of({1}), 0.047, certain);
    CHECK(input.configuration == small::kNested2High);
    CHECK(*input.latency_s == Approx(0.03));
}

TEST_CASE("a stage that ends late leaves the answer of the one before, and costs what it took") {
    Trace trace = trace_of({1, 1});
    trace.latency_s[trace.index(0, small::kNested2High)] = 0.055;
    trace.power_w[trace.index(0, small::kNested2High)] = 38;
    trace.correct[trace.index(0, small::kNested2High)] = 0;
    Scripted scheme({choose(small::kNested2High)});
    const auto inputs = small::play(small::family(), trace, every_50ms(2), scheme);
    CHECK(inputs[0].configuration == small::kNested1High);
    CHECK(*inputs[0].latency_s == Approx(0.012));
    CHECK(*inputs[0].response_s == Approx(0.012));
    CHECK(inputs[0].met_deadline);
    CHECK(inputs[0].correct);
    CHECK(inputs[0].energy_j == Approx(38 * 0.055));
    CHECK(*scheme.goals[1].deadline_s == Approx(0.045));
    CHECK(scheme.outcomes[0].configuration == small::kNested1High);
    CHECK(scheme.outcomes[0].latency_s == Approx(0.012));
    REQUIRE(scheme.stages_s[0].size() == 2);
    CHECK(scheme.stages_s[0][0] == Approx(0.012));
    CHECK(scheme.stages_s[0][1] == Approx(0.055));
}

TEST_CASE("an anytime model whose first stage is late misses and ends there") {
    const auto input = play_one(trace_of({4}), 0.045, choose(small::kNested2High));  // 48 ms
    CHECK(input.configuration == small::kNested1High);
    CHECK(*input.latency_s == Approx(0.048));
    CHECK_FALSE(input.met_deadline);
    CHECK_FALSE(input.correct);
    CHECK(input.energy_j == Approx(40 * 0.048 + 2 * 0.002));
}

TEST_CASE("a run that is longer than its trace goes through it again") {
    const Trace trace = trace_of({1, 1.1, 1.2, 1.3});
    Scripted scheme({choose(small::kQuickHigh)});
    const auto inputs = small::play(small::family(), trace, every_50ms(10), scheme);
    REQUIRE(inputs.size() == 10);
    for (std::size_t n = 0; n < 10; ++n) {
        CHECK(*inputs[n].latency_s == Approx(0.01 * (1 + 0.1 * static_cast<double>(n % 4))));
    }
}

TEST_CASE("without a deadline nothing is missed") {
    const Trace trace = trace_of({9, 1});
    Workload workload = every_50ms(2);
    workload.goal.deadline_s.reset();
    workload.goal.accuracy = 0.5;
    Scripted scheme({choose(small::kNested2Low)});
    const auto inputs = small::play(small::family(), trace, workload, scheme);
    CHECK(inputs[0].met_deadline);
    CHECK(*inputs[0].latency_s == Approx(0.54));
    CHECK(inputs[1].met_deadline);
    CHECK(*inputs[1].response_s == Approx(0.55));
    CHECK_FALSE(scheme.goals[1].deadline_s);
    CHECK(scheme.goals[1].period_s == 0);
}

TEST_CASE("the idle power is reported after an idle time that is long enough") {
    Trace trace = trace_of({1, 2.48});  // rests of 30 ms and of 0.4 ms
    trace.idle_power_w[trace.index(0, small::kQuickLow)] = 3;
    Scripted scheme({choose(small::kQuickLow)});
    const auto inputs = small::play(small::family(), trace, every_50ms(2), scheme);
    CHECK(scheme.outcomes[0].idle_power_w == 3.0);
    CHECK_FALSE(scheme.outcomes[1].idle_power_w);
    CHECK(inputs[1].energy_j == Approx(10 * 0.0496 + 2 * 0.0004));
}

TEST_CASE("a trace without power gives times and no energies") {
    Trace trace = trace_of({1, 1});
    trace.has_power = false;
    trace.power_w.clear();
    trace.idle_power_w.clear();
    Scripted scheme({choose(small::kNested2High)});
    for (const auto& input : small::play(small::family(), trace, every_50ms(2), scheme)) {
        CHECK(*input.latency_s == Approx(0.03));
        CHECK_FALSE(input.energy_j);
    }
    CHECK_FALSE(scheme.outcomes[0].idle_power_w);
}

TEST_CASE("goals over a window carry on what inputs left or overdrew") {
    // Accuracies delivered: 0.7, 0.9, and 0.1 of the third, which is late by 10 ms.
    const Trace trace = trace_of({1, 1, 3, 1});
    Workload workload = every_50ms(4);
    workload.goal.accuracy = 0.8;
    workload.goal.energy_j = 0.5;
    workload.window = 4;
    Scripted scheme({choose(small::kQuickLow), choose(small::kNested2High),
                     choose(small::kQuickLow), choose(small::kQuickLow)});
    const auto inputs = small::play(small::family(), trace, workload, scheme);
    REQUIRE_FALSE(inputs[2].met_deadline);
    CHECK(*scheme.goals[0].accuracy == Approx(0.8));
    CHECK(*scheme.goals[1].accuracy == Approx(0.8 + 0.1 / 4));
    CHECK(*scheme.goals[2].accuracy == Approx(0.8));
    CHECK(*scheme.goals[3].accuracy == Approx(0.9));  // 0.8 + 0.7 / 4 is more than any can give
    // Energies: 0.26, 1.24, 0.6 J of budgets of 0.5 J, of which one is kept in reserve.
    CHECK(*scheme.goals[0].energy_j == Approx(0.5 - 0.5 / 4));
    CHECK(*scheme.goals[1].energy_j == Approx(0.5 + (0.24 - 0.5) / 4));
    CHECK(*scheme.goals[2].energy_j == Approx(0.5 + (0.24 - 0.74 - 0.5) / 4));
    CHECK(*scheme.goals[3].energy_j == Approx(0.5 + (0.24 - 0.74 - 0.1 - 0.5) / 4));
}

TEST_CASE("a window of one input leaves every goal as stated") {
    const Trace trace = trace_of({1, 1, 3, 1});
    Workload workload = every_50ms(8);
    workload.goal.accuracy = 0.8;
    workload.goal.energy_j = 0.5;
    Scripted scheme({choose(small::kNested2High), choose(small::kQuickLow)});
    small::play(small::family(), trace, workload, scheme);
    for (const InputGoal& goal : scheme.goals) {
        CHECK(goal.accuracy == 0.8);
        CHECK(goal.energy_j == 0.5);
    }
}

TEST_CASE("a replay comes out the same every time, to the last bit") {
    std::mt19937_64 generator(61);
    std::vector<std::string> schemes{"fixed:nested@high"};
    schemes.insert(schemes.end(), scheme_names().begin(), scheme_names().end());
    for (int trial = 0; trial < 5; ++trial) {
        const auto some = small::random(generator, 8);
        Workload workload = small::random_workload(generator, some);
        workload.inputs = 30;
        workload.window = 20;
        for (const auto& scheme : schemes) {
            for (const auto estimator : {Estimator::kPaper, Estimator::kCalibrated}) {
                const auto a = small::play(some.profile, some.trace, workload, scheme, estimator);
                const auto b = small::play(some.profile, some.trace, workload, scheme, estimator);
                REQUIRE(a.size() == 30);
                for (std::size_t n = 0; n < a.size(); ++n) {
                    check_same(a[n], b[n]);
                }
            }
        }
    }
}
