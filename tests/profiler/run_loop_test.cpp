#include "profiler/run_loop.h"

#include <array>

#include "tests/profiler/scripted_run.h"
#include "tests/support/catch.h"

using namespace alert;
using namespace scripted;

TEST_CASE("inputs begin no earlier than they arrive") {
    Run bench;
    bench.run();
    REQUIRE(bench.records.size() == 4);
    for (std::size_t n = 0; n < 4; ++n) {
        CHECK(bench.records[n].n == static_cast<std::int64_t>(n));
        CHECK(bench.network(0).loaded_at_s()[n] >=
              bench.started_at_s + 30e-3 * static_cast<double>(n));
    }
}

TEST_CASE("a response counts from the arrival: the wait behind a slow input is in it") {
    Run bench;
    bench.plain([](std::size_t n) { return n == 0 ? 80e-3 : 1e-3; });
    bench.options.goal.deadline_s = 0.5;
    bench.run();
    REQUIRE(bench.records.size() == 4);
    CHECK(*bench.records[0].response_s >= 80e-3);
    CHECK(*bench.records[1].latency_s >= 1e-3);  // arrived at 30, began at 80 ms or later
    CHECK(*bench.records[1].response_s - *bench.records[1].latency_s >= 50e-3 - 1e-6);
    CHECK(*bench.records[2].response_s - *bench.records[2].latency_s >= 20e-3 - 1e-6);
    CHECK(bench.records[1].met_deadline);
}

TEST_CASE("a late input has what is left of its deadline and of its period") {
    Run bench;
    bench.plain([](std::size_t n) { return n == 0 ? 50e-3 : 1e-3; });
    bench.options.goal.deadline_s = 0.5;
    bench.run();
    REQUIRE(bench.scheme.goals.size() == 4);
    CHECK(*bench.scheme.goals[0].deadline_s <= 0.5);
    CHECK(*bench.scheme.goals[0].deadline_s > 0.4);
    CHECK(bench.scheme.goals[0].period_s <= 30e-3);
    CHECK(bench.scheme.goals[0].period_s > 10e-3);
    CHECK(*bench.scheme.goals[1].deadline_s <= 0.48 + 1e-6);  // 20 ms late
    CHECK(bench.scheme.goals[1].period_s <= 10e-3 + 1e-6);
}

TEST_CASE("with a deadline beyond the period a late input may still be in time, without rest") {
    Run bench;
    bench.plain([](std::size_t) { return 40e-3; });
    bench.options.goal.deadline_s = 0.5;
    bench.run();
    for (const InputRecord& record : bench.records) {
        CHECK(record.met_deadline);
    }
    CHECK(bench.scheme.goals[3].period_s <= 1e-6);  // began 30 ms late at least
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
    CHECK(*record.latency_s >= 30e-3);
    CHECK(*record.response_s >= *record.latency_s);
    CHECK(record.correct == false);  // although the class is right
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
        CHECK(*record.latency_s >= 20e-3);
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
    CHECK(*record.latency_s < 150e-3);
    CHECK(*record.response_s < 150e-3);
    CHECK(record.met_deadline);
    CHECK(record.correct == true);
    CHECK(*record.energy_j >= 210e-3 * 100 * 0.999);  // what ran in vain was paid for
    // and is learnt from
    REQUIRE(bench.scheme.stages_s.size() == 1);
    const auto& stages_s = bench.scheme.stages_s[0];
    REQUIRE(stages_s.size() == 2);
    CHECK(stages_s[0] == *record.latency_s);
    CHECK(stages_s[1] >= 210e-3);
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
        CHECK(*record.latency_s >= 50e-3);
        CHECK(record.correct == false);
    }
    CHECK(bench.scheme.outcomes.at(0).configuration == kFirstStage);
}

TEST_CASE("an emulated setting stretches every stage, so that a deadline falls between two") {
    CHECK(seen_once([] {
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
        CHECK(record.configuration != kThirdStage);
        return bench.network(1).runs() == 3 && record.configuration == kSecondStage &&
               record.met_deadline && *record.latency_s >= 80e-3;
    }));
}

TEST_CASE("a stretch is not waited out, and delays the inputs behind it all the same") {
    Run bench;
    bench.platform.knob =
        std::make_unique<ScriptedKnob>(std::vector{50.0, 100.0}, std::vector{4.0, 4.0});
    bench.platform.meter.reset();
    bench.plain([](std::size_t n) { return n < 2 ? 20e-3 : 1e-3; });  // 80, 80, 4, 4 ms
    bench.options = {.goal = {}, .inputs = 4, .period_s = 60e-3};
    CHECK(seen_once([&] {
        bench.records.clear();
        bench.run();
        const std::vector<double> at_least_s{80e-3, 100e-3, 44e-3, 4e-3};
        bool early = true;
        for (std::size_t n = 0; n < 4; ++n) {
            CHECK(*bench.records[n].response_s >= at_least_s[n]);
            early = early && *bench.records[n].response_s < at_least_s[n] + 15e-3;
        }
        return early;
    }));
    SECTION("arrivals keep the real time") {
        CHECK(now_s() - bench.started_at_s >= 4 * 60e-3);
    }
    SECTION("without a pace nothing is waited for") {
        bench.options.paced = false;
        bench.options.inputs = 2;
        CHECK(seen_once([&] {
            bench.records.clear();
            bench.run();
            const double took_s = now_s() - bench.started_at_s;
            CHECK(*bench.records[1].response_s >= 80e-3);
            return took_s < 2 * 80e-3;
        }));
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
    const auto& began_s = bench.network(0).loaded_at_s();
    double sum_j = 0;
    for (std::size_t n = 0; n < 4; ++n) {
        const InputRecord& record = bench.records[n];
        const double power_w = n % 2 == 0 ? 100 : 50;
        const double ends_s = n < 3 ? began_s[n + 1] : bench.started_at_s + 4 * 60e-3;
        const double rest_s = ends_s - began_s[n] - *record.latency_s;
        const double by_hand_j = power_w * *record.latency_s + 10 * rest_s;
        CHECK(*record.energy_j >= by_hand_j - 0.1);
        CHECK((n == 3 || *record.energy_j <= by_hand_j + 0.1));  // the last may end late
        sum_j += *record.energy_j;
    }
    // 15 ms at 100 W or 50 W and 45 ms at 10 W; the last period, too.
    CHECK(sum_j >= 2 * (1.95 + 1.2) - 0.01);
}

TEST_CASE("power at rest is observed after a rest only") {
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
    CHECK(seen_once([&] {
        bench.records.clear();
        bench.scheme.goals.clear();
        bench.run();
        const auto& goals = bench.scheme.goals;
        const auto& records = bench.records;
        // 80 ms for three, what is left of 75 for two, of 70 for one; then 40 each.
        const bool shared = *goals[0].deadline_s <= 80e-3 / 3 && *goals[0].deadline_s > 24e-3 &&
                            *goals[1].deadline_s <= 37.5e-3 && *goals[1].deadline_s > 33e-3 &&
                            *goals[2].deadline_s <= 70e-3 && *goals[2].deadline_s > 62e-3 &&
                            *goals[3].deadline_s <= 40e-3 && *goals[3].deadline_s > 36e-3;
        return shared && records[2].group == 0 && records[3].group == 1 &&
               *records[2].response_s >= 15e-3 && *records[2].response_s < 25e-3 &&
               *records[4].response_s < 20e-3;
    }));
}

TEST_CASE("a group that runs out of time misses the rest of its inputs; the next is on time") {
    Run bench;
    bench.options.inputs = 6;
    bench.options.groups = Groups(std::array<std::size_t, 2>{4, 2});
    bench.options.period_s = 100e-3;
    bench.options.goal.deadline_s = 50e-3;
    bench.plain([](std::size_t n) { return n < 4 ? 30e-3 : 1e-3; });
    CHECK(seen_once([&] {
        bench.records.clear();
        bench.run();
        const auto& records = bench.records;
        return records[0].met_deadline && !records[1].met_deadline && records[1].latency_s &&
               !records[2].latency_s && !records[3].latency_s && !*records[3].correct &&
               records[4].met_deadline && *records[4].response_s < 20e-3;
    }));
}

TEST_CASE("an anytime network goes on while it fits into the share of its input") {
    // 38 ms for two: a stage of 10 ms and another do not fit into 19, but into what is left then.
    Run bench;
    bench.options.inputs = 2;
    bench.options.groups = Groups(std::array<std::size_t, 1>{2});
    bench.options.goal.deadline_s = bench.options.period_s = 38e-3;
    bench.always(kSecondStage);
    CHECK(seen_once([&] {
        bench.records.clear();
        bench.run();
        return bench.records[0].configuration == kFirstStage &&
               bench.records[1].configuration == kSecondStage && bench.records[1].met_deadline;
    }));
}

TEST_CASE("the energies of a group's inputs add up to that of its period") {
    Run bench;
    bench.options.inputs = 6;
    bench.options.groups = Groups(std::array<std::size_t, 2>{3, 3});
    bench.options.period_s = 90e-3;
    bench.plain([](std::size_t) { return 10e-3; });
    CHECK(seen_once([&] {
        bench.records.clear();
        bench.run();
        double second_j = 0;
        for (std::size_t n = 3; n < 6; ++n) {
            second_j += *bench.records[n].energy_j;
        }
        // 30 ms at 100 W, 60 ms at 10 W; every word a third of it.
        const double word_j = *bench.records[3].energy_j;
        return second_j > 3.55 && second_j < 3.9 && word_j > 1.15 && word_j < 1.35;
    }));
}
