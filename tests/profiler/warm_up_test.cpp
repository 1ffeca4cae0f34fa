#include "profiler/warm_up.h"

#include <atomic>
#include <cmath>

#include "profiler/stop.h"
#include "tests/profiler/scripted_network.h"
#include "tests/support/catch.h"
#include "tests/support/fake_clock.h"

using namespace alert;

namespace {

/// A network whose n-th run (0-based) takes `takes_s(n)`, on a clock of its own.
struct Bench {
    explicit Bench(std::function<double(int run)> takes_s)
        : network({.takes_s = [takes_s, run = 0](auto, auto) mutable { return takes_s(run++); }},
                  clock) {}

    double warm_up(int runs) { return alert::warm_up(network, runs, false, clock); }

    FakeClock clock;
    ScriptedNetwork network;
};

}  // namespace

TEST_CASE("a steady network is warmed up by ten runs") {
    Bench bench([](int) { return 2e-3; });
    CHECK(bench.warm_up(0) == Approx(2e-3));
    CHECK(bench.network.runs() == 10);
}

TEST_CASE("slow first runs alone do not prolong a warm-up") {
    Bench bench([](int run) { return run < 2 ? 30e-3 : 2e-3; });
    bench.warm_up(0);
    CHECK(bench.network.runs() == 10);
}

TEST_CASE("a network that still gets faster is not steady") {
    Bench bench([](int run) { return run < 5 ? 8e-3 : 2e-3; });  // medians of five: 8, 2, 2 ms
    CHECK(bench.warm_up(0) == Approx(2e-3));
    CHECK(bench.network.runs() == 15);
}

TEST_CASE("a network that never settles is given up after a hundred runs") {
    Bench bench([](int run) { return 0.2e-3 * std::pow(1.2, run / 5); });
    bench.warm_up(0);
    CHECK(bench.network.runs() == 100);
}

TEST_CASE("a number of warm-up runs is kept exactly") {
    const int runs = GENERATE(1, 4, 5, 7, 23);
    Bench bench([](int) { return 0.1e-3; });
    CHECK(bench.warm_up(runs) == Approx(0.1e-3));
    CHECK(bench.network.runs() == runs);
}

TEST_CASE("a network of seconds is not run again and again") {
    Bench bench([](int) { return 2.1; });
    CHECK(bench.warm_up(0) == Approx(2.1));
    CHECK(bench.network.runs() == 1);
}

TEST_CASE("a warm-up ends within one stage of the stop") {
    std::atomic<bool> stop{false};
    FakeClock clock;
    ScriptedNetwork network({.stages = 3,
                             .takes_s =
                                 [&](auto, int stage) {
                                     stop = stage == 2;
                                     return 1e-3;
                                 }},
                            clock);
    const int runs = GENERATE(0, 5);
    CHECK_THROWS_AS(warm_up(network, runs, stop, clock), Interrupted);
    CHECK(network.runs() == 2);
}

TEST_CASE("one run of an anytime network runs all its stages on one input") {
    FakeClock clock;
    ScriptedNetwork network({.stages = 3, .takes_s = [](auto, int stage) { return 1e-3 * stage; }},
                            clock);
    CHECK(run_once(network, 7, clock) == Approx(6e-3));
    CHECK(network.runs() == 3);
    CHECK(network.loads() == std::vector<std::size_t>{7});
}
