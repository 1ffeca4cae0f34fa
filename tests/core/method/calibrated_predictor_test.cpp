#include <array>
#include <cmath>
#include <vector>

#include "core/method/predictor.h"
#include "core/method/slowdown_distribution.h"
#include "tests/core/method/slowdowns.h"
#include "tests/support/catch.h"

using namespace alert;

TEST_CASE("the budget is held against the stage at which the calibrated estimate ends, too") {
    // Beside a co-runner the second stage fits one time in four: it is tried, and not stopped.
    const Profile profile{.models = {"nested"},
                          .settings = {"only"},
                          .fail_accuracy = 0.1,
                          .configurations = {{0, 0, 1, 0.010, 10, 0.5}, {0, 0, 2, 0.040, 10, 0.8}}};
    Predictor predictor(profile, Estimator::kCalibrated);
    for (int n = 0; n < 400; ++n) {
        const double second_s = n % 4 == 0 ? 0.04 : 0.08;
        predictor.observe({.configuration = 1,
                           .latency_s = second_s,
                           .idle_power_w = {},
                           .stages_s = std::array{0.01, second_s}});
    }
    const InputGoal goal{.deadline_s = 0.06, .period_s = 0.06};
    Estimates& estimates = predictor.estimate(goal);
    const std::size_t slot = predictor.table().slot_of(1);
    CHECK(estimates.latency_s()[slot] == Approx(0.07).epsilon(0.05));
    CHECK(estimates.energy_bound_j()[slot] == estimates.energy_j()[slot]);
    predictor.estimate({.deadline_s = 0.06, .period_s = 0.06, .energy_confidence = 0.9});
    CHECK(estimates.energy_bound_j()[slot] == Approx(0.8).epsilon(0.05));
}

TEST_CASE("the calibrated estimates of a profile are what its distribution says") {
    const Profile profile{.models = {"a", "b", "c", "d"},
                          .settings = {"only"},
                          .fail_accuracy = 0.1,
                          .configurations = {{0, 0, 0, 0.0015, 10, 0.5},
                                             {1, 0, 0, 0.004, 10, 0.6},
                                             {2, 0, 0, 0.011, 10, 0.7},
                                             {3, 0, 0, 0.03, 10, 0.8}}};
    Random random(98);
    Predictor predictor(profile, Estimator::kCalibrated);
    SlowdownDistribution distribution(0.0015, 0.03);
    for (int n = 0; n < 400; ++n) {
        const InputGoal goal{
            .deadline_s = std::exp(uniform(random, std::log(0.001), std::log(0.06))),
            .energy_confidence = 0.9};
        Estimates& estimates = predictor.estimate(goal);
        for (std::size_t c = 0; c < 4; ++c) {
            const auto& configuration = profile.configurations[c];
            const std::size_t slot = predictor.table().slot_of(c);
            const std::size_t k = distribution.octave_of(configuration.latency_s);
            const double p =
                distribution.probability(k, *goal.deadline_s / configuration.latency_s);
            CHECK(estimates.deadline_probability()[slot] == Approx(p).margin(1e-4));
            CHECK(estimates.accuracy()[slot] ==
                  Approx(0.1 + (configuration.accuracy - 0.1) * p).margin(1e-4));
            const double mean_s = distribution.mean(k) * configuration.latency_s;
            CHECK(estimates.latency_s()[slot] == Approx(mean_s).epsilon(1e-5));
            CHECK(estimates.energy_j()[slot] == Approx(10 * mean_s).epsilon(1e-5));
            CHECK(
                estimates.energy_bound_j()[slot] ==
                Approx(10 * distribution.quantile(k, 0.9) * configuration.latency_s).epsilon(1e-5));
            const Decision decision = predictor.describe(slot);
            CHECK(decision.xi_mean == Approx(distribution.mean(k)));
            CHECK(decision.xi_std == Approx(distribution.std(k)));
        }
        const auto ran = static_cast<std::size_t>(n % 4);
        const double slowdown = std::exp(normal(random, 0.2, 0.3));
        const double profiled_s = profile.configurations[ran].latency_s;
        predictor.observe({.configuration = ran, .latency_s = slowdown * profiled_s});
        distribution.observe(distribution.octave_of(profiled_s), slowdown);
    }
}

TEST_CASE("a stage that ended too late is learnt from, not the one that answered before it") {
    const Profile profile{.models = {"nested"},
                          .settings = {"only"},
                          .configurations = {{0, 0, 1, 0.01, 10, 0.5}, {0, 0, 2, 0.015, 10, 0.7}}};
    Predictor predictor(profile, Estimator::kCalibrated);
    for (int n = 0; n < 50; ++n) {
        const std::array stages_s{0.01, 0.03};
        predictor.observe({.configuration = 0, .latency_s = 0.01, .stages_s = stages_s});
    }
    predictor.estimate({.deadline_s = 0.017});
    CHECK(predictor.describe(0).xi_mean == Approx(2).epsilon(0.1));
    CHECK(predictor.describe(0).deadline_probability < 0.2);
    predictor.estimate({.deadline_s = 0.023});
    CHECK(predictor.describe(0).deadline_probability > 0.8);
}

TEST_CASE("every stage that was run is learnt from, each by its own slowdown") {
    const Profile profile{
        .models = {"nested", "plain"},
        .settings = {"only"},
        .configurations = {
            {0, 0, 1, 0.001, 10, 0.5}, {0, 0, 2, 0.016, 10, 0.7}, {1, 0, 0, 0.002, 10, 0.6}}};
    Predictor predictor(profile, Estimator::kCalibrated);
    for (int n = 0; n < 200; ++n) {  // the first stage takes 1 ms or 3 in turn, the second 20
        const std::array stages_s{n % 2 == 0 ? 0.001 : 0.003, 0.02};
        predictor.observe({.configuration = 1, .latency_s = 0.02, .stages_s = stages_s});
    }
    predictor.estimate({.deadline_s = 0.002});
    const auto first = predictor.table().slot_of(0), second = predictor.table().slot_of(1);
    CHECK(predictor.describe(first).deadline_probability == Approx(0.5).margin(0.03));
    CHECK(predictor.describe(first).xi_mean == Approx(2).epsilon(0.03));
    CHECK(predictor.describe(second).xi_mean == Approx(1.25).epsilon(0.03));
    // What is one octave from the first stage and three from the second goes by both.
    const auto plain = predictor.table().slot_of(2);
    const double expected = (0.5 * 2 + 0.125 * 1.25) / (0.5 + 0.125);
    CHECK(predictor.describe(plain).xi_mean == Approx(expected).epsilon(0.03));
}
