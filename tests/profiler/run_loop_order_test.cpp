#include <stdexcept>

#include "profiler/run_loop.h"
#include "tests/profiler/scripted_run.h"
#include "tests/support/catch.h"

using namespace alert;
using namespace scripted;

TEST_CASE("a stop ends a long wait soon and the input in progress is recorded") {
    Run bench;
    bench.options.period_s = 3600;
    bench.clock.at(bench.clock.now_s() + 30e-3, [&] { bench.stop = true; });
    bench.run();
    CHECK(bench.clock.now_s() - bench.started_at_s < 0.2);
    REQUIRE(bench.records.size() == 1);
    CHECK(bench.records[0].met_deadline);
    CHECK(bench.records[0].energy_j);
}

TEST_CASE("a stop during an inference lets it finish and starts nothing more") {
    Run bench;
    bench.plain([&](std::size_t n) {
        bench.stop = n == 1;
        return 1e-3;
    });
    std::vector<std::size_t> announced;
    bench.before_input = [&](std::size_t n) { announced.push_back(n); };
    bench.run();
    CHECK(bench.records.size() == 2);
    CHECK(bench.network(0).loads() == Indices{0, 1});
    CHECK(announced == Indices{0, 1});
}

TEST_CASE("a run that is stopped before it starts does nothing") {
    Run bench;
    bench.stop = true;
    bench.before_input = [](std::size_t) { FAIL("nothing is to be prepared"); };
    CHECK(bench.run().empty());
    CHECK(bench.scheme.goals.empty());
}

TEST_CASE("without pace inputs follow one another, without idle time") {
    Run bench;
    bench.options = {.goal = kAnyGoal, .inputs = 20, .period_s = 3600, .paced = false};
    bench.run();
    CHECK(bench.clock.now_s() - bench.started_at_s == Approx(20e-3));
    REQUIRE(bench.records.size() == 20);
    for (const InputGoal& goal : bench.scheme.goals) {
        CHECK(goal.period_s == 0);
        CHECK(goal.interval_s == 0);  // nobody waits
    }
    for (const InputRecord& record : bench.records) {  // each arrives when it can begin
        CHECK(*record.response_s == Approx(1e-3));
        CHECK(*record.energy_j == Approx(0.1));
    }
}

TEST_CASE("data starts over when it ends") {
    Run bench;
    bench.data = {.size = 3, .labels = {1, 0, 1}};
    bench.options = {.goal = kAnyGoal, .inputs = 7, .paced = false};
    bench.run();
    CHECK(bench.network(0).loads() == Indices{0, 1, 2, 0, 1, 2, 0});
    std::string correct;
    for (const InputRecord& record : bench.records) {
        correct += *record.correct ? 'y' : 'n';
    }
    CHECK(correct == "ynyynyy");
}

TEST_CASE("without labels nothing is known of correctness") {
    Run bench;
    bench.data = {.size = 3};
    for (const InputRecord& record : bench.run()) {
        CHECK_FALSE(record.correct);
    }
}

TEST_CASE("the setting stands before the input starts") {
    Run bench;
    bench.scheme.decide = [](std::size_t n) {
        return Decision{.configuration = n == 0 ? kPlain : kPlainAtLow};
    };
    bench.options.inputs = 2;
    bench.run();
    CHECK(bench.events == Events{"apply 1", "load 0", "run", "apply 0", "load 1", "run"});
}

TEST_CASE("an input is announced before the one before it is recorded") {
    Run bench;  // what is prepared belongs to the rest of the input before
    bench.options.inputs = 2;
    bench.before_input = [&](std::size_t n) {
        bench.events.push_back("before " + std::to_string(n));
    };
    bench.sink = [&](const InputRecord& record) {
        bench.events.push_back("record " + std::to_string(record.n));
    };
    bench.run();
    CHECK(bench.events == Events{"before 0", "apply 1", "load 0", "run", "before 1", "record 0",
                                 "apply 1", "load 1", "run", "record 1"});
}

TEST_CASE("each outcome is told before the next decision") {
    Run bench;
    std::vector<std::size_t> known;
    bench.scheme.decide = [&](std::size_t) {
        known.push_back(bench.scheme.outcomes.size());
        return Decision{};
    };
    bench.run();
    CHECK(known == Indices{0, 1, 2, 3});
    for (std::size_t n = 0; n < 3; ++n) {
        CHECK(bench.scheme.outcomes[n].configuration == kPlain);
        CHECK(bench.scheme.outcomes[n].latency_s == *bench.records[n].latency_s);
    }
}

TEST_CASE("a decision is rehearsed while its input is waited for") {
    Run bench;
    SECTION("after an idle time") {
        bench.options = {.goal = kAnyGoal, .inputs = 4, .period_s = 30e-3};
        bench.run();  // the end of the last period is waited for as well
        CHECK(bench.scheme.rehearsed_before == Indices{1, 2, 3, 4});
    }
    SECTION("not where who sleeps wakes too late for it") {
        bench.clock.oversleeps_s = 260e-6;
        bench.options.inputs = 1;
        bench.run();
        CHECK(bench.scheme.rehearsed_before.empty());
    }
    SECTION("not where one input follows another") {
        bench.options = {.goal = kAnyGoal, .inputs = 4, .paced = false};
        bench.run();
        CHECK(bench.scheme.rehearsed_before.empty());
    }
}

TEST_CASE("the time of a decision is recorded and taken off the deadlines that follow") {
    Run bench;
    bench.scheme.decides_s = 20e-3;
    bench.options = {.goal = {.deadline_s = 1}, .inputs = 2, .period_s = 60e-3};
    bench.run();
    CHECK(bench.records.at(0).decision_s == Approx(20e-3));
    CHECK(*bench.records.at(0).response_s == Approx(21e-3));
    CHECK(*bench.scheme.goals.at(1).deadline_s == Approx(0.98));
}

TEST_CASE("an accuracy goal carries on what earlier inputs delivered") {
    Run bench;
    bench.options.goal.accuracy = 0.8;
    bench.options.window = 20;
    SECTION("the profile's accuracy of the answer, where it was in time") {
        bench.run();
        CHECK(*bench.scheme.goals[0].accuracy == Approx(0.8));
        CHECK(*bench.scheme.goals[1].accuracy == Approx(0.8 - 0.1 / 20));
        CHECK(*bench.scheme.goals[2].accuracy == Approx(0.8 - 0.2 / 20));
    }
    SECTION("q_fail, where it was late or never started") {
        bench.plain([](std::size_t) { return 50e-3; });
        bench.options.period_s = 20e-3;
        bench.options.goal.deadline_s = 20e-3;
        bench.run();
        CHECK_FALSE(bench.records[1].latency_s);
        CHECK(*bench.scheme.goals[1].accuracy == Approx(0.8 + 0.7 / 20));
        CHECK(*bench.scheme.goals[2].accuracy == Approx(0.8 + 1.4 / 20));
    }
    SECTION("the stage that answered, not the one decided") {
        bench.always(kThirdStage);
        bench.options.goal.deadline_s = 200e-3;
        bench.options.period_s = 200e-3;
        bench.options.inputs = 2;
        bench.run();
        CHECK(*bench.scheme.goals[1].accuracy == Approx(0.8));  // stage 2 delivers 0.8
    }
    SECTION("nothing with a window of one") {
        bench.options.window = 1;
        bench.run();
        CHECK(*bench.scheme.goals[3].accuracy == 0.8);
    }
}

TEST_CASE("when a network fails, every input before it is recorded") {
    Run bench;
    bench.plain([](std::size_t n) -> double {
        if (n == 2) {
            throw std::runtime_error("no memory left");
        }
        return 1e-3;
    });
    CHECK_THROWS_WITH(bench.run(), "no memory left");
    REQUIRE(bench.records.size() == 2);
    CHECK(bench.records[1].energy_j);
}

TEST_CASE("when what runs beside the inputs fails, the input answered last is recorded") {
    Run bench;
    bench.before_input = [](std::size_t n) {
        if (n == 2) {
            throw std::runtime_error("stress-ng ended");
        }
    };
    CHECK_THROWS_WITH(bench.run(), "stress-ng ended");
    REQUIRE(bench.records.size() == 2);
    CHECK(bench.records[1].latency_s);
    CHECK_FALSE(bench.records[1].energy_j);  // its period did not end
}

TEST_CASE("a sink that fails is not given the same input again") {
    Run bench;
    int given = 0;
    bench.sink = [&](const InputRecord&) {
        ++given;
        throw std::runtime_error("full");
    };
    CHECK_THROWS_WITH(bench.run(), "full");
    CHECK(given == 1);
}
