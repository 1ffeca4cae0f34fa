#include <algorithm>

#include "profiler/sweep.h"
#include "tests/profiler/sweep_bench.h"
#include "tests/support/catch.h"

using namespace alert;

namespace {

/// One network that takes this long, under one setting; of 30 inputs its first 20 are stored, all
/// of them timed.
struct Resumed {
    Resumed(double takes_s, const std::function<double(std::int64_t)>& latency_s) {
        bench.networks.clear();
        bench.add({.takes_s = [takes_s](auto, auto) { return takes_s; }});
        bench.data = {.size = 30, .labels = std::vector<std::int64_t>(30)};
        sweep.emplace(bench.sweep({.inputs = 30, .precision = 0.05, .warmup = 1}));
        sweep->resume(stored(0, 20, latency_s));
        sweep->warm_up([](auto) {}, false);
    }

    /// Runs it to its end; how often the network ran for it.
    int run() {
        const int before = bench.network(0).runs();
        REQUIRE(bench.run(*sweep));
        return bench.network(0).runs() - before;
    }

    std::ptrdiff_t timed() const {
        return std::count_if(bench.all.begin(), bench.all.end(), [](const SweepSample& sample) {
            return sample.latency_s.has_value();
        });
    }

    Bench bench = hardware(1);
    std::optional<Sweep> sweep;
};

double constant(std::int64_t) {
    return 1e-3;
}
double varying(std::int64_t round) {
    return round % 2 == 0 ? 0.5e-3 : 1.5e-3;
}

}  // namespace

TEST_CASE("once a mean is known the inputs that are left are answered for the accuracy alone") {
    Resumed resumed(50e-6, constant);
    CHECK(resumed.sweep->seconds_left() == Approx(10 * 1e-3));
    CHECK(resumed.run() == 10);  // none of them first for the caches
    REQUIRE(resumed.bench.all.size() == 10);
    for (std::size_t i = 0; i < 10; ++i) {
        const SweepSample& sample = resumed.bench.all[i];
        CHECK(sample.input == 20 + i);
        CHECK(sample.correct);
        CHECK_FALSE(sample.latency_s);
    }
    CHECK(resumed.sweep->status().front().samples == 20);
    CHECK(resumed.sweep->status().front().done);
}

TEST_CASE("until a mean is known a short network runs twice for an input, the second time timed") {
    Resumed resumed(50e-6, varying);
    CHECK(resumed.sweep->seconds_left() == Approx(10 * 2e-3));
    CHECK(resumed.run() == 20);
    CHECK(resumed.timed() == 10);
}

TEST_CASE("a network that needs nothing for it is timed on every input") {
    Resumed resumed(4e-3, [](std::int64_t) { return 4e-3; });
    CHECK(resumed.run() == 10);
    CHECK(resumed.timed() == 10);
    CHECK(resumed.sweep->status().front().samples == 30);
}

TEST_CASE("once a mean is known no meter is waited for") {
    Resumed resumed(50e-6, constant);
    resumed.bench.platform.meter =
        std::make_unique<CoarseMeter>(resumed.bench.knob->meter(), 1);  // 20 s each
    CHECK(resumed.sweep->seconds_left() == Approx(10 * 1e-3));
    CHECK(resumed.run() == 10);
    for (const SweepSample& sample : resumed.bench.all) {
        CHECK_FALSE(sample.power_w);
    }
}

TEST_CASE("modelled power is said of every input, as it costs nothing") {
    Bench bench = emulated();
    Sweep sweep = bench.sweep({.inputs = 30, .warmup = 1});
    for (std::size_t model = 0; model < 3; ++model) {
        auto before = stored(2, 20, constant);
        for (SweepSample& sample : before) {
            sample.model = model;
            sample.stage = model == 1 ? 2 : 0;
        }
        sweep.resume(before);
    }
    sweep.warm_up([](auto) {}, false);
    REQUIRE(bench.run(sweep));
    for (const SweepSample& sample : bench.all) {
        CHECK(sample.power_w == 100);
    }
}

TEST_CASE("a request that wants a mean better known times further inputs") {
    Resumed rough(50e-6, constant);
    REQUIRE(rough.run() == 10);
    Bench& bench = rough.bench;
    Sweep fine = bench.sweep({.inputs = 30, .precision = 0, .warmup = 1});
    fine.resume(stored(0, 20, constant));
    fine.resume(std::vector(bench.all));
    CHECK_FALSE(fine.status().front().done);
    bench.all.clear();
    REQUIRE(bench.run(fine));
    REQUIRE(bench.all.size() == 10);
    CHECK(bench.all.front().round == 30);
    CHECK(rough.timed() == 10);
    CHECK(fine.status().front().samples == 30);
}

TEST_CASE("a later setting is done when its mean is known, never before 20 samples") {
    Bench bench = hardware(2);
    const auto done_after = [&](std::int64_t count, const auto& latency_s) {
        Sweep sweep = bench.sweep({.inputs = 100, .precision = 0.05});
        sweep.resume(stored(0, count, latency_s));
        const auto status = sweep.status();
        const auto at = std::find_if(status.begin(), status.end(),
                                     [](const auto& s) { return s.model == 0 && s.setting == 0; });
        CHECK(at->samples == count);
        return at->done;
    };
    const auto constant = [](std::int64_t) { return 1e-3; };
    const auto varying = [](std::int64_t round) { return round % 2 == 0 ? 0.5e-3 : 1.5e-3; };
    CHECK_FALSE(done_after(19, constant));
    CHECK(done_after(20, constant));
    // Spread 0.5: 20 samples know the mean to 23 %, 100 to 10 %; N ends it.
    CHECK_FALSE(done_after(20, varying));
    CHECK_FALSE(done_after(99, varying));
    CHECK(done_after(100, varying));
}

TEST_CASE("the setting that carries the accuracy is not done before N samples") {
    Bench bench = hardware(2);
    Sweep sweep = bench.sweep({.inputs = 100, .precision = 0.5});
    sweep.resume(stored(1, 99, [](std::int64_t) { return 1e-3; }));
    CHECK_FALSE(sweep.status().front().done);
}

TEST_CASE("a precise enough sweep measures less of later settings") {
    Bench bench = hardware(2);
    Sweep sweep = bench.sweep({.inputs = 150, .precision = 0.5});
    REQUIRE(bench.run(sweep));
    for (const std::size_t model : {0U, 1U, 2U}) {
        CHECK(bench.count(model, 1) == 150);
        CHECK(bench.count(model, 0) == 20);
    }
}

TEST_CASE("every stage of an anytime network must be known") {
    Bench bench = hardware(2);
    Sweep sweep = bench.sweep({.inputs = 100, .precision = 0.05});
    std::vector<SweepSample> samples;
    for (std::int64_t round = 0; round < 40; ++round) {  // the first stage varies, the last not
        const double first_s = round % 2 == 0 ? 0.2e-3 : 0.8e-3;
        samples.push_back({.model = 1, .round = round, .stage = 1, .latency_s = first_s});
        samples.push_back({.model = 1, .round = round, .stage = 2, .latency_s = 1e-3});
    }
    sweep.resume(samples);
    for (const SweepStatus& status : sweep.status()) {
        if (status.model == 1 && status.setting == 0) {
            CHECK(status.samples == 40);
            CHECK(status.precision == 0);
            CHECK_FALSE(status.done);
        }
    }
}
