#include "profiler/meter/energy_attribution.h"

#include "tests/support/catch.h"

using alert::EnergyAttribution;

TEST_CASE("a meter that moves at any moment tells every span at once") {
    EnergyAttribution spread(0);
    spread.read(10, 5);
    CHECK_FALSE(spread.take());  // no span has ended
    spread.read(11, 7);
    spread.end_span();
    CHECK(spread.take() == 2);
    spread.read(12, 7);  // nothing was spent
    spread.end_span();
    CHECK(spread.take() == 0);
    CHECK_FALSE(spread.take());
}

TEST_CASE("spans within one step share what it brought by their time") {
    EnergyAttribution spread(10);
    spread.read(100, 0);
    spread.read(101, 0);
    spread.end_span();  // 1 s
    spread.read(104, 0);
    spread.end_span();  // 3 s
    CHECK_FALSE(spread.take());
    spread.read(105, 20);  // 4 W since 100
    spread.end_span();     // 1 s
    CHECK(spread.take() == Approx(4));
    CHECK(spread.take() == Approx(12));
    CHECK(spread.take() == Approx(4));
    CHECK_FALSE(spread.take());
}

TEST_CASE("a span over several steps has its part of each") {
    EnergyAttribution spread(10);
    spread.read(100, 50);
    spread.read(104, 50);
    spread.end_span();
    spread.read(110, 70);  // 2 W
    spread.read(115, 70);
    spread.end_span();
    CHECK(spread.take() == Approx(8));
    CHECK_FALSE(spread.take());
    spread.read(120, 120);  // 5 W
    CHECK(spread.take() == Approx(12 + 25));
}

TEST_CASE("a reading that stands for two steps has moved by nothing") {
    EnergyAttribution spread(1);
    spread.read(100, 5);
    spread.read(101.5, 5);
    spread.end_span();
    CHECK_FALSE(spread.take());
    spread.read(102, 5);
    CHECK(spread.take() == 0);
}

TEST_CASE("all spans together get what the meter counted") {
    EnergyAttribution spread(0.1);
    double at_s = 50, sum_j = 0;
    const auto counted_j = [](double now_s) { return 3 * static_cast<int>(now_s * 10); };
    spread.read(at_s, counted_j(at_s));
    const double begin_j = counted_j(at_s);
    int spans = 0;
    for (; spans < 200; ++spans) {
        at_s += 0.013 + 0.007 * (spans % 3);
        spread.read(at_s, counted_j(at_s));
        spread.end_span();
    }
    spread.read(at_s + 0.2, counted_j(at_s + 0.2));
    int taken = 0;
    while (const auto energy_j = spread.take()) {
        CHECK(*energy_j >= 0);
        sum_j += *energy_j;
        ++taken;
    }
    CHECK(taken == spans);
    // 30 W: what a step after the end brought is not the spans'.
    CHECK(sum_j == Approx(counted_j(at_s) - begin_j).margin(2 * 3));
    CHECK(sum_j == Approx(30 * (at_s - 50)).margin(3));
}
