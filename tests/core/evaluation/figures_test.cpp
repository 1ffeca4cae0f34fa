#include "core/evaluation/figures.h"

#include <cmath>
#include <functional>

#include "tests/support/catch.h"

using namespace alert;

namespace {

constexpr double kFailAccuracy = 0.1;
constexpr Goal kDeadline{.deadline_s = 0.05};

using Change = std::function<void(CountedInput&, int)>;

// Inputs 0 to count - 1: right, in time, in 10 ms and with 1 J, but as `change` leaves them.
RunFigures figures_with(int count, const Goal& goal, const Change& change) {
    RunTally tally(kFailAccuracy);
    for (int n = 0; n < count; ++n) {
        CountedInput input{.met_deadline = true, .correct = true, .energy_j = 1, .latency_s = 0.01};
        change(input, n);
        tally.add(input);
    }
    return tally.figures(goal);
}

const auto kUnchanged = [](CountedInput&, int) {};

Goal with_accuracy(double accuracy) {
    return {.deadline_s = 0.05, .accuracy = accuracy};
}

}  // namespace

TEST_CASE("the figures of a run are means, shares and percentiles of its inputs") {
    // 3, 9, 1, 10, 5, ... ms and a hundred times the joules; the one of 10 ms never started, the
    // first two are wrong.
    const double latencies_ms[] = {3, 9, 1, 10, 5, 7, 2, 8, 4, 6};
    const auto figures = figures_with(10, {.energy_j = 0.75}, [&](CountedInput& input, int n) {
        input.energy_j = latencies_ms[n] / 10;
        input.latency_s = latencies_ms[n] / 1000;
        input.correct = n > 1;
        if (n == 3) {
            input.met_deadline = false;
            input.latency_s.reset();
        }
    });
    CHECK(figures.inputs == 10);
    CHECK(figures.deadline_misses == 1);
    CHECK(figures.accuracy.value() == Approx((7 + 0.1) / 10));
    // Squared deviations: seven of 0.29, two of 0.71, one of 0.61.
    const double squares = 7 * 0.29 * 0.29 + 2 * 0.71 * 0.71 + 0.61 * 0.61;
    CHECK(figures.accuracy_error.value() == Approx(std::sqrt(squares / 9 / 10)));
    CHECK(figures.energy_j.value() == Approx(0.55));
    CHECK(figures.energy_over.value() == Approx(0.3));
    CHECK(figures.latency_mean_s.value() == Approx(0.005));  // of 1 to 9 ms
    CHECK(figures.latency_p50_s == 0.005);
    CHECK(figures.latency_p95_s == 0.009);
    CHECK(figures.latency_p99_s == 0.009);
    CHECK_FALSE(figures.violated);
    CHECK_FALSE(figures.groups);
}

TEST_CASE("a run of no inputs has no figures and violates nothing") {
    const auto figures =
        figures_with(0, {.deadline_s = 0.05, .accuracy = 0.9, .energy_j = 1}, kUnchanged);
    CHECK(figures.inputs == 0);
    CHECK(figures.deadline_misses == 0);
    CHECK_FALSE(figures.accuracy);
    CHECK_FALSE(figures.accuracy_error);
    CHECK_FALSE(figures.energy_j);
    CHECK_FALSE(figures.energy_over);
    CHECK_FALSE(figures.latency_mean_s);
    CHECK_FALSE(figures.latency_p50_s);
    CHECK_FALSE(figures.violated);
}

TEST_CASE("latency percentiles are nearest-rank") {
    // 200 latencies, each once, in some order: ranks 100, 190 and 198.
    const auto many = figures_with(
        200, {}, [](CountedInput& input, int n) { input.latency_s = (n * 77) % 200 + 1; });
    CHECK(many.latency_p50_s == 100);
    CHECK(many.latency_p95_s == 190);
    CHECK(many.latency_p99_s == 198);
    const auto one = figures_with(1, {}, kUnchanged);
    CHECK(one.latency_p50_s == 0.01);
    CHECK(one.latency_p99_s == 0.01);
}

TEST_CASE("exactly one in ten missed deadlines is still kept, one more is violated") {
    const auto missed = [](int misses) {
        return figures_with(30, kDeadline,
                            [=](CountedInput& input, int n) { input.met_deadline = n >= misses; });
    };
    CHECK(missed(3).deadline_misses == 3);
    CHECK_FALSE(missed(3).violated);
    CHECK(deadline_kept(missed(3), kDeadline, 0.1) == true);
    CHECK(missed(4).violated);
    CHECK(deadline_kept(missed(4), kDeadline, 0.1) == false);
    CHECK_FALSE(deadline_kept(missed(4), {}, 0.1));  // no such goal
}

TEST_CASE("the deadline is judged by the limit that was given, and by one in a hundred") {
    const auto missed = [](int misses, int inputs, double miss_limit) {
        RunTally tally(kFailAccuracy);
        for (int n = 0; n < inputs; ++n) {
            tally.add({.met_deadline = n >= misses});
        }
        return tally.figures(kDeadline, miss_limit);
    };
    // 0.29 * 100 is a little less than 29.
    CHECK_FALSE(missed(29, 100, 0.29).violated);
    CHECK(missed(30, 100, 0.29).violated);
    CHECK_FALSE(missed(2, 200, 0.1).violated_strict);
    CHECK(missed(3, 200, 0.1).violated_strict);
    CHECK_FALSE(missed(3, 200, 0.1).violated);
    CHECK_FALSE(missed(0, 200, 0).violated);
    CHECK(missed(1, 200, 0).violated);
    CHECK_FALSE(missed(200, 200, 1).violated);
}

TEST_CASE("figures are judged anew by another limit, with what else was violated") {
    RunFigures figures{.inputs = 100, .deadline_misses = 5, .energy_j = 2};
    judge(figures, kDeadline, 0.1);
    CHECK_FALSE(figures.violated);
    CHECK(figures.violated_strict);
    judge(figures, kDeadline, 0.04);
    CHECK(figures.violated);
    judge(figures, {.deadline_s = 0.05, .energy_j = 1}, 0.1);
    CHECK(figures.violated);
    figures.deadline_misses = 0;
    judge(figures, {.deadline_s = 0.05, .energy_j = 1}, 0.1);
    CHECK(figures.violated_strict);
}

TEST_CASE("mean energy at its goal is kept, above it is violated") {
    const Goal goal{.energy_j = 0.1};
    // Seven sevenths of 0.1 add up to a little more than 0.1.
    const auto equal =
        figures_with(7, goal, [](CountedInput& input, int) { input.energy_j = 0.1; });
    CHECK_FALSE(equal.violated);
    CHECK(equal.energy_over == 0);
    const auto above = figures_with(
        4, goal, [](CountedInput& input, int n) { input.energy_j = n == 0 ? 0.2 : 0.09; });
    CHECK(above.energy_j.value() == Approx(0.1175));
    CHECK(above.energy_over == 0.25);
    CHECK(above.violated);
    const auto once = figures_with(
        4, goal, [](CountedInput& input, int n) { input.energy_j = n == 0 ? 0.2 : 0.05; });
    CHECK(once.energy_over == 0.25);
    CHECK_FALSE(once.violated);
}

TEST_CASE("energy that was not measured is not judged, and nothing is above no goal") {
    const auto unmeasured = figures_with(4, {.energy_j = 0.1},
                                         [](CountedInput& input, int) { input.energy_j.reset(); });
    CHECK_FALSE(unmeasured.energy_j);
    CHECK_FALSE(unmeasured.energy_over);
    CHECK_FALSE(unmeasured.violated);
    const auto aimless = figures_with(4, {}, kUnchanged);
    CHECK(aimless.energy_j == 1);
    CHECK_FALSE(aimless.energy_over);
}

TEST_CASE("a missed input counts the accuracy of no answer, whatever it answered") {
    const auto figures = figures_with(20, kDeadline, [](CountedInput& input, int n) {
        input.correct = n >= 5;
        input.met_deadline = n >= 2 && n != 19;  // the last one is right, and late
    });
    CHECK(figures.accuracy.value() == Approx((14 + 3 * 0.1) / 20));
}

TEST_CASE("accuracy is over the inputs with a label; without any it is not judged") {
    const auto some = figures_with(10, {}, [](CountedInput& input, int n) {
        input.correct = n % 2 == 0 ? std::optional(n < 6) : std::nullopt;
    });
    CHECK(some.accuracy == 0.6);  // of 0, 2, 4, 6, 8
    const auto none = figures_with(10, with_accuracy(0.9),
                                   [](CountedInput& input, int) { input.correct.reset(); });
    CHECK_FALSE(none.accuracy);
    CHECK_FALSE(none.violated);
}

TEST_CASE("accuracy short of its goal by more than its standard error is violated") {
    // 80 of 100 right: the standard error is sqrt(0.8 * 0.2 / 99) = 0.0402.
    const auto violated = [](double goal) {
        return figures_with(100, with_accuracy(goal),
                            [](CountedInput& input, int n) { input.correct = n % 5 != 0; })
            .violated;
    };
    CHECK_FALSE(violated(0.5));
    CHECK_FALSE(violated(0.80));
    CHECK_FALSE(violated(0.8401));
    CHECK(violated(0.8403));
    CHECK(violated(0.95));
}

TEST_CASE("the standard error counts missed inputs at the accuracy of no answer") {
    // 18 right, 1 wrong, 1 missed: mean 18.1 / 20 = 0.905, squares 18.01,
    // s^2 = (18.01 - 20 * 0.819025) / 19 = 0.0857632, standard error 0.0654841.
    const auto violated = [](double goal) {
        return figures_with(20, with_accuracy(goal),
                            [](CountedInput& input, int n) {
                                input.correct = n > 1;
                                input.met_deadline = n != 0;
                            })
            .violated;
    };
    CHECK_FALSE(violated(0.905 + 0.06548));
    CHECK(violated(0.905 + 0.06549));
}

TEST_CASE("inputs that are all wrong have no spread to excuse them") {
    const auto wrong = [](CountedInput& input, int) { input.correct = false; };
    CHECK(figures_with(10, with_accuracy(0.2), wrong).violated);
}

TEST_CASE("a single input has no standard error and is not held to an accuracy") {
    const auto figures = figures_with(1, with_accuracy(0.9),
                                      [](CountedInput& input, int) { input.correct = false; });
    CHECK(figures.accuracy == 0);
    CHECK_FALSE(figures.accuracy_error);
    CHECK_FALSE(figures.violated);
    CHECK_FALSE(accuracy_kept(figures, with_accuracy(0.9)));
}

TEST_CASE("groups are counted, and those of which an input missed the deadline") {
    // Groups of three; inputs 1, 2 and 7 are late: those of the first and the third group.
    const auto figures = figures_with(12, kDeadline, [](CountedInput& input, int n) {
        input.group = n / 3;
        input.met_deadline = n != 1 && n != 2 && n != 7;
    });
    CHECK(figures.groups == 4);
    CHECK(figures.groups_late == 2);
    const auto kept =
        figures_with(4, kDeadline, [](CountedInput& input, int n) { input.group = n / 2; });
    CHECK(kept.groups == 2);
    CHECK(kept.groups_late == 0);
}

TEST_CASE("a spread of times is their mean, percentiles and greatest") {
    const auto spread = spread_of({0.003, 0.001, 0.002, 0.010}).value();
    CHECK(spread.mean_s == Approx(0.004));
    CHECK(spread.p50_s == 0.002);
    CHECK(spread.p95_s == 0.010);
    CHECK(spread.max_s == 0.010);
    CHECK_FALSE(spread_of({}));
}
