#include "profiler/warm_up.h"

#include <atomic>
#include <cmath>

#include "profiler/stop.h"
#include "tests/profiler/scripted_network.h"
#include "tests/support/catch.h"

using namespace alert;

namespace {

/// A network whose n-th run (0-based) takes `takes_s(n)`.
ScriptedNetwork network_taking(std::function<double(int run)> takes_s) {
    return ScriptedNetwork(
        {.takes_s = [takes_s, run = 0](auto, auto) mutable { return takes_s(run++); }});
}

}  // namespace

TEST_CASE("a steady network is warmed up by ten runs") {
    CHECK(seen_once([] {
        auto network = network_taking([](int) { return 2e-3; });
        CHECK(warm_up(network, 0, false) >= 2e-3);
        CHECK(network.runs() >= 10);
        return network.runs() == 10;
    }));
}

TEST_CASE("slow first runs alone do not prolong a warm-up") {
    CHECK(seen_once([] {
        auto network = network_taking([](int run) { return run < 2 ? 30e-3 : 2e-3; });
        warm_up(network, 0, false);
        CHECK(network.runs() >= 10);
        return network.runs() == 10;
    }));
}

TEST_CASE("a network that still gets faster is not steady") {
    CHECK(seen_once([] {  // medians of five: 8, 2, 2 ms
        auto network = network_taking([](int run) { return run < 5 ? 8e-3 : 2e-3; });
        warm_up(network, 0, false);
        return network.runs() > 10;
    }));
}

TEST_CASE("a network that never settles is given up after a hundred runs") {
    auto network = network_taking([](int run) { return 0.2e-3 * std::pow(1.2, run / 5); });
    warm_up(network, 0, false);
    CHECK(network.runs() == 100);
}

TEST_CASE("a number of warm-up runs is kept exactly") {
    const int runs = GENERATE(1, 4, 5, 7, 23);
    auto network = network_taking([](int) { return 0.1e-3; });
    CHECK(warm_up(network, runs, false) >= 0.1e-3);
    CHECK(network.runs() == runs);
}

TEST_CASE("a network of seconds is not run again and again") {
    auto network = network_taking([](int) { return 2.1; });
    CHECK(warm_up(network, 0, false) >= 2.1);
    CHECK(network.runs() == 1);
}

TEST_CASE("a warm-up ends within one stage of the stop") {
    std::atomic<bool> stop{false};
    ScriptedNetwork network({.stages = 3, .takes_s = [&](auto, int stage) {
                                 stop = stage == 2;
                                 return 1e-3;
                             }});
    const int runs = GENERATE(0, 5);
    CHECK_THROWS_AS(warm_up(network, runs, stop), Interrupted);
    CHECK(network.runs() == 2);
}

TEST_CASE("one run of an anytime network runs all its stages on one input") {
    ScriptedNetwork network({.stages = 3, .takes_s = [](auto, int stage) { return 1e-3 * stage; }});
    CHECK(run_once(network, 7) >= 6e-3);
    CHECK(network.runs() == 3);
    CHECK(network.loads() == std::vector<std::size_t>{7});
}
