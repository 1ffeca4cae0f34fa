#include <cmath>
#include <memory>
#include <vector>

#include "tests/profiler/sweep_bench.h"
#include "tests/support/catch.h"

using namespace alert;

namespace {

/// A network alone on one setting, which takes 100 us after 15 ms or more without an inference,
/// else 50 us.
struct CoolingBench : Bench {
    CoolingBench() : Bench(std::make_unique<ScriptedKnob>(std::vector{50.0})) {
        networks.clear();
        add({.takes_s = [this](auto, auto) {
            const double start_s = clock.now_s();
            const double takes_s = start_s - ended_s >= 15e-3 ? 100e-6 : 50e-6;
            ended_s = start_s + takes_s;
            return takes_s;
        }});
    }

    double ended_s = 0;
};

}  // namespace

TEST_CASE("a timed inference follows a rest, and is repeated back to back") {
    CoolingBench bench;
    Sweep sweep = bench.sweep({.inputs = 3, .precision = 0, .rest_s = 20e-3});
    REQUIRE(bench.run(sweep));
    REQUIRE(bench.all.size() == 3);
    for (const SweepSample& sample : bench.all) {
        CHECK(sample.latency_s.value() == Approx(100e-6));
        CHECK(sample.latency_back_to_back_s.value() == Approx(50e-6));
        CHECK(bench.network(0).loads() == Indices{0, 0, 1, 1, 2, 2});
    }
    CHECK(bench.watched[0].second == Approx(2 * (20e-3 + 150e-6)).epsilon(0.01));
}

TEST_CASE("without a rest an inference is timed once") {
    CoolingBench bench;
    Sweep sweep = bench.sweep({.inputs = 3, .precision = 0, .rest_s = 0});
    REQUIRE(bench.run(sweep));
    CHECK(bench.network(0).loads() == Indices{0, 1, 2});
    CHECK(bench.all[1].latency_s.value() == Approx(50e-6));
    CHECK_FALSE(bench.all[1].latency_back_to_back_s);
}

TEST_CASE("in data with groups a rest comes before each group, none between its inputs") {
    CoolingBench bench;
    bench.data.groups = {7, 7, 7, 8, 8};
    Sweep sweep = bench.sweep({.inputs = 5, .precision = 0, .rest_s = 20e-3});
    REQUIRE(bench.run(sweep));
    std::vector<double> latencies_us;
    for (const SweepSample& sample : bench.all) {
        latencies_us.push_back(std::round(1e6 * sample.latency_s.value()));
    }
    CHECK(latencies_us == std::vector{100.0, 50.0, 50.0, 100.0, 50.0});
}

TEST_CASE("what is answered for the accuracy alone does not rest, and counts as back to back") {
    CoolingBench bench;
    bench.data = {.size = 40, .labels = std::vector<std::int64_t>(40, 0)};
    Sweep sweep = bench.sweep({.inputs = 40, .precision = 0.5, .rest_s = 20e-3});
    REQUIRE(bench.run(sweep));
    REQUIRE(bench.all.size() == 40);
    for (std::size_t i = 0; i < 40; ++i) {
        CHECK(bench.all[i].latency_s.has_value() == (i < 20));
        CHECK(bench.all[i].latency_back_to_back_s.value() == Approx(50e-6));
    }
    CHECK(bench.clock.now_s() < 1000 + 21 * 20.2e-3);
}

TEST_CASE("the idle power of a rest is measured where the meter can tell") {
    const double step_s = GENERATE(1e-3, 3e-3);  // 20 ms are 20 of the first, 6 of the second
    Bench bench = hardware(1);
    bench.platform.meter = std::make_unique<CoarseMeter>(bench.knob->meter(), step_s);
    bench.platform.meter->tell(Activity::kIdle, bench.clock.now_s());
    Sweep sweep = bench.sweep({.inputs = 2, .precision = 0, .rest_s = 20e-3});
    REQUIRE(bench.run(sweep));
    for (const SweepSample& sample : bench.all) {
        REQUIRE(sample.idle_power_w.has_value() == (step_s == 1e-3));
        if (sample.idle_power_w) {
            CHECK(*sample.idle_power_w == Approx(10));
        }
    }
}
