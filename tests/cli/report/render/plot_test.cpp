#include "cli/report/render/plot.h"

#include "cli/report/render/run_figures.h"
#include "tests/cli/sample_store.h"
#include "tests/support/catch.h"

using namespace alert;
using namespace alert::cli;

TEST_CASE("points are gathered into the least and the most of a column") {
    const std::vector<Point> points = {{0, 5}, {1, 3}, {2, 9}, {6, 4}, {7, 4}};
    const auto ranges = gathered(points, 0, 8, 2);  // 0..4 and 4..8
    REQUIRE(ranges.size() == 2);
    CHECK(ranges[0].low == 3);
    CHECK(ranges[0].high == 9);
    CHECK(ranges[1].low == 4);
    CHECK(ranges[1].high == 4);
}

TEST_CASE("columns without points are left out") {
    const std::vector<Point> points = {{0, 5}, {99, 3}};
    CHECK(gathered(points, 0, 100, 50).size() == 2);
    CHECK(gathered({}, 0, 100, 50).empty());
}

TEST_CASE("ticks are round values within the axis") {
    const auto linear = ticks_of({.title = "", .low = 0, .high = 0.0105});
    REQUIRE(linear.size() == 6);
    CHECK(linear[1] == Approx(0.002));
    CHECK(linear[5] == Approx(0.01));

    const auto counts = ticks_of({.title = "", .show = Show::kCount, .low = 0, .high = 2});
    CHECK(counts == std::vector<double>{0, 1, 2});

    const auto decades = ticks_of({.title = "", .low = 0.8, .high = 30, .logarithmic = true});
    REQUIRE(decades.size() == 5);  // 1 2 5 10 20
    CHECK(decades[4] == Approx(20));
}

TEST_CASE("a name gives way to a dot and to another name") {
    const Axis axis{.title = "", .low = 0, .high = 10};
    Plot plot(axis, axis, 200);
    plot.dot({5, 5}, 3, "dot");
    for (int i = 0; i < 12; ++i) {
        plot.name({5, 5}, "name");
    }
    const std::string svg = plot.svg("");
    std::size_t names = 0;
    for (auto at = svg.find(">name<"); at != std::string::npos; at = svg.find(">name<", at + 1)) {
        ++names;
    }
    CHECK(names >= 2);
    CHECK(names < 12);
}

TEST_CASE("the plots of a long run are no larger than the screen needs") {
    std::vector<db::RunInput> inputs;
    for (std::int64_t n = 0; n < 50000; ++n) {
        db::RunInput input = test::adaptive_inputs()[static_cast<std::size_t>(n % 9)];
        input.n = n;
        input.environment = n < 20000 ? "default" : "compute";
        inputs.push_back(input);
    }
    db::RunSummaryRow summary;
    summary.deadline_s = 0.010;
    summary.inputs = 50000;
    summary.energy_j = 0.3;
    const RunReport report = report_on(test::adaptive_run(), summary, 0.1, inputs);
    const auto figures = figures_of(report, inputs);
    REQUIRE(figures.size() == 4);
    for (const Figure& figure : figures) {
        CHECK(figure.svg.size() < 80000);
        CHECK(figure.svg.find("nan") == std::string::npos);
    }
}

TEST_CASE("a run without energy has no energy plot, one without inputs none at all") {
    std::vector<db::RunInput> inputs = test::adaptive_inputs();
    for (db::RunInput& input : inputs) {
        input.energy_j.reset();
    }
    const RunReport report = report_on(test::adaptive_run(), {}, 0.1, inputs);
    CHECK(figures_of(report, inputs).size() == 3);
    CHECK(figures_of(report_on(test::adaptive_run(), {}, 0.1, {}), {}).empty());
}
