#include "profiler/sweep.h"

#include <algorithm>
#include <atomic>
#include <set>
#include <stdexcept>
#include <tuple>

#include "tests/profiler/sweep_bench.h"
#include "tests/support/catch.h"

using namespace alert;

TEST_CASE("a sweep visits the models in turn within a setting") {
    Bench bench = hardware(1);
    Sweep sweep = bench.sweep({.inputs = 4, .precision = 0});
    REQUIRE(bench.run(sweep));
    Indices models;
    for (const SweepSample& sample : bench.all) {
        if (sample.stage <= 1) {
            models.push_back(sample.model);
        }
    }
    CHECK(models == Indices{0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2});
}

TEST_CASE("the setting with the most power comes first and answers every input once") {
    Bench bench = hardware(3);
    Sweep sweep = bench.sweep({.inputs = 5, .precision = 0.5});
    REQUIRE(bench.run(sweep));
    CHECK(bench.knob->applied() == Indices{2, 1, 0});
    for (const std::size_t model : {0U, 1U, 2U}) {
        std::vector<std::size_t> inputs;
        for (const SweepSample& sample : bench.all) {
            if (sample.model == model && sample.setting == 2 && sample.stage <= 1) {
                inputs.push_back(sample.input);
            }
        }
        CHECK(inputs == Indices{0, 1, 2, 3, 4});
    }
}

TEST_CASE("a setting measured by an earlier sweep stays the first") {
    Bench bench = hardware(3);
    Sweep sweep = bench.sweep({.inputs = 2, .precision = 0, .first_setting = 1});
    REQUIRE(bench.run(sweep));
    CHECK(bench.knob->applied() == Indices{1, 2, 0});
}

TEST_CASE("settings that follow by arithmetic are not measured") {
    Bench bench = emulated();
    Sweep sweep = bench.sweep({.inputs = 3});
    CHECK(sweep.reference() == 2);
    CHECK(sweep.sampled(2));
    CHECK_FALSE(sweep.sampled(0));
    REQUIRE(bench.run(sweep));
    CHECK(bench.knob->applied() == Indices{2});
    CHECK(bench.inferences == 9);
    for (const SweepSample& sample : bench.all) {
        CHECK(sample.setting == 2);
        CHECK(sample.power_w == 100);
    }
}

TEST_CASE("a reference below full speed is stretched") {
    Bench bench = emulated();
    Sweep sweep = bench.sweep({.inputs = 3, .first_setting = 0});
    REQUIRE(bench.run(sweep));
    for (const SweepSample& sample : bench.all) {
        CHECK(sample.setting == 0);
        CHECK(sample.latency_s.value() == Approx(4 * 50e-6 * std::max(1, sample.stage)));
        CHECK(sample.power_w == 40);
    }
}

TEST_CASE("without derivation every emulated setting is measured, stretched and all") {
    Bench bench = emulated();
    Sweep sweep = bench.sweep({.inputs = 2, .precision = 0, .derive = false});
    CHECK_FALSE(sweep.reference());
    REQUIRE(bench.run(sweep));
    CHECK(bench.inferences == 3 * 3 * 2);
    for (const SweepSample& sample : bench.all) {
        const double stretch = std::vector{4.0, 2.0, 1.0}[sample.setting];
        CHECK(sample.latency_s.value() == Approx(stretch * 50e-6 * std::max(1, sample.stage)));
        CHECK(sample.power_w == std::vector{40.0, 60.0, 100.0}[sample.setting]);
    }
}

TEST_CASE("precision 0 measures exactly N samples of every configuration") {
    Bench bench = hardware(3);
    Sweep sweep = bench.sweep({.inputs = 30, .precision = 0});
    REQUIRE(bench.run(sweep));
    for (const std::size_t model : {0U, 1U, 2U}) {
        for (const std::size_t setting : {0U, 1U, 2U}) {
            CHECK(bench.count(model, setting) == 30);
        }
    }
}

TEST_CASE("more samples than the data holds start it over") {
    Bench bench = hardware(1);
    Sweep sweep = bench.sweep({.inputs = 7, .precision = 0});
    REQUIRE(bench.run(sweep));
    CHECK(bench.network(0).loads() == Indices{0, 1, 2, 3, 4, 0, 1});
}

TEST_CASE("a resumed sweep takes up at the next round and repeats nothing") {
    // Ends in the middle of a round, of a setting, between settings, before and after all.
    const int stop_after = GENERATE(0, 1, 4, 11, 12, 13, 23, 24);
    Bench bench = hardware(2);
    bench.stop_after = stop_after;
    bench.stop = stop_after == 0;
    Sweep first = bench.sweep({.inputs = 4, .precision = 0});
    CHECK(bench.run(first) == (stop_after == 24));
    CHECK(bench.inferences == stop_after);

    bench.stop = false;
    Sweep second = bench.sweep({.inputs = 4, .precision = 0});
    second.resume(std::vector(bench.all));
    CHECK(bench.run(second));
    CHECK(bench.inferences == 24);
    std::set<std::tuple<std::size_t, std::size_t, std::int64_t, int>> seen;
    for (const SweepSample& sample : bench.all) {
        CHECK(seen.emplace(sample.model, sample.setting, sample.round, sample.stage).second);
        CHECK(sample.input == static_cast<std::size_t>(sample.round));
    }
    CHECK(seen.size() == 2 * 4 * 4);  // two settings, four outputs, four rounds
}

TEST_CASE("a sweep that asks for more samples adds them to those there") {
    Bench bench = hardware(1);
    Sweep narrow = bench.sweep({.inputs = 2, .precision = 0});
    REQUIRE(bench.run(narrow));
    Sweep wide = bench.sweep({.inputs = 5, .precision = 0});
    wide.resume(std::vector(bench.all));
    REQUIRE(bench.run(wide));
    CHECK(bench.network(0).loads() == Indices{0, 1, 2, 3, 4});
}

TEST_CASE("a finished sweep touches neither networks nor knob") {
    Bench bench = hardware(2);
    Sweep first = bench.sweep({.inputs = 3, .precision = 0});
    REQUIRE(bench.run(first));
    const int runs = bench.network(0).runs();
    const auto applied = bench.knob->applied();
    Sweep second = bench.sweep({.inputs = 3, .precision = 0});
    second.resume(std::vector(bench.all));
    second.warm_up([](auto) {}, false);
    CHECK(second.seconds_left() == 0);
    bench.stop = true;  // nothing is left to be stopped
    CHECK(bench.run(second));
    CHECK(bench.network(0).runs() == runs);
    CHECK(bench.knob->applied() == applied);
}

TEST_CASE("a stop ends a sweep between inferences and everything measured reached the sink") {
    Bench bench = hardware(2);
    bench.stop_after = 5;
    Sweep sweep = bench.sweep({.inputs = 10, .precision = 0});
    CHECK_FALSE(bench.run(sweep));
    CHECK(bench.inferences == 5);
    const int stages = bench.network(0).runs() + bench.network(1).runs() + bench.network(2).runs();
    CHECK(bench.all.size() == static_cast<std::size_t>(stages));
}

TEST_CASE("what was measured before a network failed reached the sink") {
    Bench bench = hardware(1);
    bench.networks.clear();
    bench.add({.takes_s = [](std::size_t input, auto) -> double {
        if (input == 3) {
            throw std::runtime_error("no memory left");
        }
        return 50e-6;
    }});
    Sweep sweep = bench.sweep({.inputs = 5, .precision = 0});
    CHECK_THROWS_WITH(bench.run(sweep), "no memory left");
    CHECK(bench.all.size() == 3);
}

TEST_CASE("the latency of a stage counts from the start of the inference") {
    Bench bench = hardware(1);
    bench.networks.clear();
    bench.add({.stages = 3, .takes_s = [](auto, int stage) { return 1e-3 * stage; }});
    Sweep sweep = bench.sweep({.inputs = 2, .precision = 0});
    REQUIRE(bench.run(sweep));
    REQUIRE(bench.all.size() == 6);
    const double ends_s[] = {1e-3, 3e-3, 6e-3};
    for (std::size_t i = 0; i < 6; ++i) {
        const SweepSample& sample = bench.all[i];
        CHECK(sample.round == static_cast<std::int64_t>(i / 3));
        CHECK(sample.stage == static_cast<int>(i % 3) + 1);
        CHECK(sample.latency_s.value() == Approx(ends_s[i % 3]));
    }
}

TEST_CASE("an output is correct when its class is the label") {
    Bench bench = hardware(1);
    bench.networks.clear();
    bench.data.labels = {0, 1, 2, 1, 1};
    bench.add({.stages = 2,
               .takes_s = [](auto, auto) { return 50e-6; },
               .answers = [](auto, int stage) { return stage; }});
    Sweep sweep = bench.sweep({.inputs = 5, .precision = 0});
    REQUIRE(bench.run(sweep));
    std::string correct;
    for (const SweepSample& sample : bench.all) {
        correct += sample.correct ? 'y' : 'n';
    }
    CHECK(correct == "nnynnyynyn");
}

TEST_CASE("power is the meter's where there is one and unknown where there is none") {
    Bench bench = hardware(1);
    const bool metered = GENERATE(true, false);
    if (metered) {
        bench.platform.meter = bench.knob->meter();
        bench.platform.meter->tell(Activity::kInferring, bench.clock.now_s());
    }
    Sweep sweep = bench.sweep({.inputs = 3, .precision = 0});
    REQUIRE(bench.run(sweep));
    for (const SweepSample& sample : bench.all) {
        REQUIRE(sample.power_w.has_value() == metered);
        if (metered) {
            CHECK(*sample.power_w == Approx(50));
        }
    }
}

TEST_CASE("idle power is the mean over a rest") {
    const ScriptedKnob knob({80.0}, {}, 12);
    const auto meter = knob.meter();
    FakeClock clock;
    meter->tell(Activity::kInferring, clock.now_s());
    CHECK(idle_power_w(*meter, clock) == Approx(12));
}

TEST_CASE("the time left goes to nothing") {
    Bench bench = emulated();
    Sweep sweep = bench.sweep({.inputs = 20});
    CHECK(sweep.seconds_left() == 0);  // not known yet
    sweep.warm_up([](auto) {}, false);
    // Four outputs of 50 us, each network run once before its latency is taken.
    CHECK(sweep.seconds_left() == Approx(20 * 2 * 4 * 50e-6));
    REQUIRE(bench.run(sweep));
    CHECK(sweep.seconds_left() == 0);
    CHECK(bench.watched.back() == std::pair(1.0, 0.0));
    for (const auto& [fraction, left_s] : bench.watched) {
        CHECK(fraction > 0);
        CHECK(fraction <= 1);
        CHECK(left_s >= 0);
    }
}

TEST_CASE("a sweep does not wait for a stretch, so its time left leaves it out") {
    Bench bench = emulated();
    Sweep sweep = bench.sweep({.inputs = 20, .first_setting = 0});
    sweep.resume(stored(0, 10, [](std::int64_t) { return 4.0; }));  // 1 s each at full speed
    CHECK(sweep.seconds_left(0, 0) == Approx(10));
}

TEST_CASE("the time left knows how long a meter that moves in steps takes to tell a power") {
    Bench bench = hardware(1);
    bench.platform.meter = std::make_unique<CoarseMeter>(bench.knob->meter(), 0.1);
    Sweep sweep = bench.sweep({.inputs = 15, .precision = 0});
    sweep.resume(stored(0, 5, [](std::int64_t) { return 1e-3; }));
    CHECK(sweep.seconds_left(0, 0) == Approx(10 * 2));  // twenty steps each
}

TEST_CASE("where nothing was measured the status says so") {
    Bench bench = hardware(2);
    const Sweep sweep = bench.sweep({.inputs = 20});
    const auto status = sweep.status();
    CHECK(status.size() == 6);
    for (const SweepStatus& s : status) {
        CHECK(s.samples == 0);
        CHECK(s.latency_s == 0);
        CHECK(s.spread == 0);
        CHECK_FALSE(s.done);
    }
}
