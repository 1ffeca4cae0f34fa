#include "profiler/run_loop.h"

#include <array>

#include "tests/profiler/scripted_run.h"
#include "tests/support/catch.h"

using namespace alert;
using namespace scripted;

TEST_CASE("inputs begin when they arrive") {
    Run bench;
    bench.run();
    REQUIRE(bench.records.size() == 4);
    for (std::size_t n = 0; n < 4; ++n) {
        CHECK(bench.records[n].n == static_cast<std::int64_t>(n));
        CHECK(bench.network(0).loaded_at_s()[n] - bench.started_at_s ==
              Approx(30e-3 * static_cast<double>(n)).margin(1e-9));
    }
}

TEST_CASE("a response counts from the arrival: the wait behind a slow input is in it") {
    Run bench;
    bench.plain([](std::size_t n) { return n == 0 ? 80e-3 : 1e-3; });
    bench.options.goal.deadline_s = 0.5;
    bench.run();
    REQUIRE(bench.records.size() == 4);
    CHECK(*bench.records[0].response_s == Approx(80e-3));
    CHECK(*bench.records[1].latency_s == Approx(1e-3));  // arrived at 30, began at 80 ms
    CHECK(*bench.records[1].response_s == Approx(51e-3));
    CHECK(*bench.records[2].response_s == Approx(22e-3));  // arrived at 60, began at 81 ms
    CHECK(*bench.records[3].response_s == Approx(1e-3));
    CHECK(bench.records[1].met_deadline);
}

TEST_CASE("a late input has what is left of its deadline and of its period") {
    Run bench;
    bench.plain([](std::size_t n) { return n == 0 ? 50e-3 : 1e-3; });
    bench.options.goal.deadline_s = 0.5;
    bench.run();
    REQUIRE(bench.scheme.goals.size() == 4);
    CHECK(*bench.scheme.goals[0].deadline_s == Approx(0.5));
    CHECK(bench.scheme.goals[0].period_s == Approx(30e-3));
    CHECK(*bench.scheme.goals[1].deadline_s == Approx(0.48));  // 20 ms late
    CHECK(bench.scheme.goals[1].period_s == Approx(10e-3));
}

TEST_CASE(
    "with a deadline beyond the period a late input may still be in time, without idle time") {
    Run bench;
    bench.plain([](std::size_t) { return 40e-3; });
    bench.options.goal.deadline_s = 0.5;
    bench.run();
    for (const InputRecord& record : bench.records) {
        CHECK(record.met_deadline);
    }
    CHECK(bench.scheme.goals[3].period_s < 1e-9);  // began 30 ms late
}

TEST_CASE("an input whose deadline passed before it could start is missed, never started") {
    Run bench;
    bench.plain([](std::size_t n) { return n == 0 ? 181e-3 : 1e-3; });
    bench.options.period_s = 60e-3;
    bench.options.goal.deadline_s = 60e-3;
    bench.run();
    REQUIRE(bench.records.size() == 4);
    for (const std::size_t n : {1U, 2U}) {  // deadlines at 120 and 180 ms
        CHECK_FALSE(bench.records[n].latency_s);
        CHECK_FALSE(bench.records[n].response_s);
        CHECK_FALSE(bench.records[n].met_deadline);
        CHECK(bench.records[n].correct == false);
        CHECK(bench.records[n].energy_j);
    }
    CHECK(bench.network(0).loads() == Indices{0, 3});
    CHECK(bench.scheme.goals.size() == 4);
    REQUIRE(bench.scheme.outcomes.size() == 1);  // nothing is learnt from what never ran
    CHECK(bench.scheme.outcomes[0].latency_s == *bench.records[0].latency_s);
}

TEST_CASE("a traditional network that ends late has answered, but not in time") {
    Run bench;
    bench.plain([](std::size_t) { return 30e-3; });
    bench.options = {.goal = {.deadline_s = 15e-3}, .inputs = 1, .period_s = 15e-3};
    const InputRecord& record = bench.run().at(0);
    CHECK_FALSE(record.met_deadline);
    CHECK(*record.latency_s == Approx(30e-3));
    CHECK(*record.response_s == Approx(30e-3));
    CHECK(record.correct == false);  // although the class is right
}

TEST_CASE("giving the input to the network delays the answer and is no part of its latency") {
    Run bench;
    bench.networks[0] = std::make_unique<ScriptedNetwork>(
        ScriptedNetwork::Script{.takes_s = [](auto, auto) { return 10e-3; }, .loads_s = 6e-3},
        bench.clock);
    bench.options.goal.deadline_s = 15e-3;
    for (const InputRecord& record : bench.run()) {
        CHECK(*record.latency_s == Approx(10e-3));
        CHECK(*record.response_s == Approx(16e-3));
        CHECK_FALSE(record.met_deadline);
    }
}

TEST_CASE("without a deadline no answer is late") {
    Run bench;
    bench.always(kThirdStage);
    bench.nested({5e-3, 5e-3, 5e-3}, 3);
    for (const InputRecord& record : bench.run()) {
        CHECK(record.met_deadline);
        CHECK(record.configuration == kThirdStage);
        CHECK(record.correct == true);
    }
    CHECK_FALSE(bench.scheme.goals[0].deadline_s);
}

TEST_CASE("an anytime network runs to the stage that was decided, no further") {
    Run bench;
    bench.always(kSecondStage);
    bench.options.inputs = 1;
    bench.options.goal.deadline_s = 1;
    const InputRecord& record = bench.run().at(0);
    CHECK(bench.network(1).runs() == 2);
    CHECK(record.configuration == kSecondStage);
    CHECK(record.correct == true);
}

TEST_CASE("an anytime network is stopped before a stage that is not expected to fit") {
    Run bench;
    bench.always(kThirdStage);
    bench.options = {.goal = {.deadline_s = 200e-3}, .inputs = 2, .period_s = 200e-3};
    bench.run();
    CHECK(bench.network(1).runs() == 4);  // after 20 ms a third stage of 380 ms does not fit
    for (const InputRecord& record : bench.records) {
        CHECK(record.decision.configuration == kThirdStage);
        CHECK(record.configuration == kSecondStage);
        CHECK(record.met_deadline);
        CHECK(record.correct == true);
        CHECK(*record.latency_s == Approx(20e-3));
    }
    REQUIRE(bench.scheme.outcomes.size() == 1);
    CHECK(bench.scheme.outcomes[0].configuration == kSecondStage);
    CHECK(bench.scheme.outcomes[0].latency_s == *bench.records[0].latency_s);
}

TEST_CASE("whether a stage fits is judged by the slowdown of the moment") {
    Run bench;
    bench.always(kThirdStage, 10);  // a second stage takes 10 x 10 ms
    bench.options = {.goal = {.deadline_s = 80e-3}, .inputs = 1, .period_s = 80e-3};
    CHECK(bench.run().at(0).configuration == kFirstStage);
    CHECK(bench.network(1).runs() == 1);
}

TEST_CASE("a stage that ends after the deadline does not replace the answer") {
    Run bench;
    bench.always(kThirdStage);
    bench.nested({10e-3, 200e-3, 10e-3}, 1);  // the second was expected to take 10 ms
    bench.options = {.goal = {.deadline_s = 150e-3}, .inputs = 2, .period_s = 250e-3};
    const InputRecord& record = bench.run().at(0);
    CHECK(bench.network(1).runs() == 4);
    CHECK(record.configuration == kFirstStage);
    CHECK(*record.latency_s == Approx(10e-3));
    CHECK(*record.response_s == Approx(10e-3));
    CHECK(record.met_deadline);
    CHECK(record.correct == true);
    CHECK(*record.energy_j == Approx(210e-3 * 100 + 40e-3 * 10));  // what ran in vain was paid for
    // and is learnt from
    REQUIRE(bench.scheme.stages_s.size() == 1);
    const auto& stages_s = bench.scheme.stages_s[0];
    REQUIRE(stages_s.size() == 2);
    CHECK(stages_s[0] == *record.latency_s);
    CHECK(stages_s[1] == Approx(210e-3));
}

TEST_CASE("an anytime network whose first stage is late has missed and stops there") {
    Run bench;
    bench.always(kThirdStage);
    bench.nested({50e-3, 1e-3, 1e-3}, 1);
    bench.options = {.goal = {.deadline_s = 25e-3}, .inputs = 2, .period_s = 80e-3};
    bench.run();
    CHECK(bench.network(1).runs() == 2);
    for (const InputRecord& record : bench.records) {
        CHECK_FALSE(record.met_deadline);
        CHECK(record.configuration == kFirstStage);
        CHECK(*record.latency_s == Approx(50e-3));
        CHECK(record.correct == false);
    }
    CHECK(bench.scheme.outcomes.at(0).configuration == kFirstStage);
}

TEST_CASE("an emulated setting stretches every stage, so that a deadline falls between two") {
    Run bench;
    bench.platform.knob =
        std::make_unique<ScriptedKnob>(std::vector{50.0, 100.0}, std::vector{4.0, 4.0});
    bench.platform.meter.reset();
    bench.nested({10e-3, 10e-3, 10e-3});  // 40, 80 and 120 ms
    for (std::size_t c = kFirstStage; c <= kThirdStage; ++c) {
        // Stages that look short are always begun.
        bench.profile.configurations[c].latency_s = 1 + 1e-6 * static_cast<double>(c);
    }
    bench.always(kThirdStage);
    bench.options = {.goal = {.deadline_s = 119e-3}, .inputs = 1, .period_s = 119e-3};
    const InputRecord& record = bench.run().at(0);
    CHECK(bench.network(1).runs() == 3);
    CHECK(record.configuration == kSecondStage);
    CHECK(record.met_deadline);
    CHECK(*record.latency_s == Approx(80e-3));
}

TEST_CASE("a stretch is not waited out, and delays the inputs behind it all the same") {
    Run bench;
    bench.platform.knob =
        std::make_unique<ScriptedKnob>(std::vector{50.0, 100.0}, std::vector{4.0, 4.0});
    bench.platform.meter.reset();
    bench.plain([](std::size_t n) { return n < 2 ? 20e-3 : 1e-3; });  // 80, 80, 4, 4 ms
    bench.options = {.goal = kAnyGoal, .inputs = 4, .period_s = 60e-3};
    SECTION("arrivals keep the real time") {
        bench.run();
        const std::vector<double> expected_s{80e-3, 100e-3, 44e-3, 4e-3};
        for (std::size_t n = 0; n < 4; ++n) {
            CHECK(*bench.records[n].response_s == Approx(expected_s[n]));
        }
        CHECK(bench.clock.now_s() - bench.started_at_s == Approx(4 * 60e-3));
    }
    SECTION("without a pace nothing is waited for") {
        bench.options.paced = false;
        bench.options.inputs = 2;
        bench.run();
        CHECK(*bench.records[1].response_s == Approx(80e-3));
        CHECK(bench.clock.now_s() - bench.started_at_s == Approx(2 * 20e-3));
    }
}

TEST_CASE("the energy of an input covers its whole period") {
    Run bench;
    bench.plain([](std::size_t) { return 15e-3; });
    bench.scheme.decide = [](std::size_t n) {
        return Decision{.configuration = n % 2 == 0 ? kPlain : kPlainAtLow};
    };
    bench.options.period_s = 60e-3;
    bench.run();
    for (std::size_t n = 0; n < 4; ++n) {  // the last period, too
        const double power_w = n % 2 == 0 ? 100 : 50;
        CHECK(*bench.records[n].energy_j == Approx(15e-3 * power_w + 45e-3 * 10));
    }
}

TEST_CASE("idle power is observed after an idle time only") {
    Run bench;
    SECTION("a rest of many milliseconds") {
        bench.options.period_s = 60e-3;
        bench.run();
        REQUIRE(bench.scheme.outcomes.size() == 3);
        REQUIRE(bench.scheme.outcomes[0].idle_power_w);
        CHECK(*bench.scheme.outcomes[0].idle_power_w == Approx(10));
    }
    SECTION("none behind an input that takes longer than the period") {
        bench.plain([](std::size_t) { return 35e-3; });
        bench.options.inputs = 2;
        bench.run();
        REQUIRE(bench.scheme.outcomes.size() == 1);
        CHECK_FALSE(bench.scheme.outcomes[0].idle_power_w);
    }
}

TEST_CASE("without a meter no energy is known") {
    Run bench;
    bench.platform.meter.reset();
    for (const InputRecord& record : bench.run()) {
        CHECK_FALSE(record.energy_j);
    }
    for (const Outcome& outcome : bench.scheme.outcomes) {
        CHECK_FALSE(outcome.idle_power_w);
    }
}

TEST_CASE("the inputs of a group follow one another and share the time left") {
    Run bench;
    bench.options.inputs = 5;
    bench.options.groups = Groups(std::array<std::size_t, 2>{3, 2});
    bench.options.period_s = 90e-3;
    bench.options.goal.deadline_s = 80e-3;
    bench.plain([](std::size_t) { return 5e-3; });
    bench.run();
    // 80 ms for three, what is left of 75 for two, of 70 for one; then 40 and what is left of 75.
    const std::vector<double> left_s{80e-3 / 3, 75e-3 / 2, 70e-3, 80e-3 / 2, 75e-3};
    const std::vector<double> response_s{5e-3, 10e-3, 15e-3, 5e-3, 10e-3};
    for (std::size_t n = 0; n < 5; ++n) {
        CHECK(*bench.scheme.goals[n].deadline_s == Approx(left_s[n]));
        CHECK(*bench.records[n].response_s == Approx(response_s[n]));
        CHECK(bench.records[n].group == n / 3);
    }
}

TEST_CASE("a group that runs out of time misses the rest of its inputs; the next is on time") {
    Run bench;
    bench.options.inputs = 6;
    bench.options.groups = Groups(std::array<std::size_t, 2>{4, 2});
    bench.options.period_s = 100e-3;
    bench.options.goal.deadline_s = 50e-3;
    bench.plain([](std::size_t n) { return n < 4 ? 30e-3 : 1e-3; });
    const auto& records = bench.run();
    CHECK(records[0].met_deadline);
    CHECK_FALSE(records[1].met_deadline);
    CHECK(*records[1].response_s == Approx(60e-3));
    CHECK_FALSE(records[2].latency_s);
    CHECK_FALSE(records[3].latency_s);
    CHECK(records[3].correct == false);
    CHECK(records[4].met_deadline);
    CHECK(*records[4].response_s == Approx(1e-3));
}

TEST_CASE("an anytime network goes on while it fits into the share of its input") {
    // 38 ms for two: a stage of 10 ms and another do not fit into 19, but into what is left then.
    Run bench;
    bench.options.inputs = 2;
    bench.options.groups = Groups(std::array<std::size_t, 1>{2});
    bench.options.goal.deadline_s = bench.options.period_s = 38e-3;
    bench.always(kSecondStage);
    bench.run();
    CHECK(bench.records[0].configuration == kFirstStage);
    CHECK(bench.records[1].configuration == kSecondStage);
    CHECK(bench.records[1].met_deadline);
}

TEST_CASE("the energies of a group's inputs add up to that of its period") {
    Run bench;
    bench.options.inputs = 6;
    bench.options.groups = Groups(std::array<std::size_t, 2>{3, 3});
    bench.options.period_s = 90e-3;
    bench.plain([](std::size_t) { return 10e-3; });
    bench.run();
    // 30 ms at 100 W, 60 ms at 10 W; every word a third of it, once the idle power is known.
    const auto energy_j = [&](std::size_t n) { return *bench.records[n].energy_j; };
    CHECK(energy_j(0) + energy_j(1) + energy_j(2) == Approx(3.6));
    for (const std::size_t n : {3, 4, 5}) {
        CHECK(energy_j(n) == Approx(1.2));
    }
}

TEST_CASE("an input that never started is a rest like any other") {
    // The second group arrives at 30 ms and is due at 50, but the first takes 55 and leaves no
    // rest: it rests for 5 ms at 10 W. Then the idle power is known of the third, which has 30
    // ms for its one input, 10 more than the mean.
    Run bench;
    bench.options = {.goal = {.deadline_s = 20e-3, .energy_j = 1},
                     .inputs = 4,
                     .period_s = 30e-3,
                     .groups = Groups(std::array<std::size_t, 2>{1, 2}),
                     .window = 1};
    bench.plain([](std::size_t n) { return n == 0 ? 55e-3 : 1e-3; });
    bench.run();
    CHECK_FALSE(bench.records[1].latency_s);
    CHECK_FALSE(bench.records[2].latency_s);
    CHECK(*bench.records[2].energy_j == Approx(5e-3 * 10));
    CHECK(*bench.scheme.goals[1].energy_j == 1);
    CHECK(*bench.scheme.goals[3].energy_j == Approx(1 + 10e-3 * 10));
}
