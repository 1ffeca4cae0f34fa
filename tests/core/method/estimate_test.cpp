#include "core/method/estimate.h"

#include <algorithm>
#include <cmath>
#include <random>

#include "tests/core/reference.h"
#include "tests/support/catch.h"

using namespace alert;

namespace {

struct Values {
    double probability, accuracy, latency_s, energy_j, energy_bound_j;
};

Values estimated(const Profile& profile, std::size_t configuration, const Belief& belief,
                 const InputGoal& goal) {
    const ProfileTable table(profile);
    Estimates estimates(table.size());
    estimate(table, belief, goal, estimates);
    const std::size_t slot = table.slot_of(configuration);
    return {estimates.deadline_probability()[slot], estimates.accuracy()[slot],
            estimates.latency_s()[slot], estimates.energy_j()[slot],
            estimates.energy_bound_j()[slot]};
}

Profile traditional(double latency_s, double power_w, double accuracy) {
    return {.models = {"model"},
            .settings = {"setting"},
            .fail_accuracy = 0.1,
            .configurations = {{.latency_s = latency_s, .power_w = power_w, .accuracy = accuracy}}};
}

struct Stage {
    double latency_s, accuracy;
};

Profile anytime(const std::vector<Stage>& stages) {
    Profile profile{.models = {"nested"}, .settings = {"setting"}, .fail_accuracy = 0.1};
    for (std::size_t k = 0; k < stages.size(); ++k) {
        profile.configurations.push_back({.stage = static_cast<int>(k) + 1,
                                          .latency_s = stages[k].latency_s,
                                          .power_w = 40,
                                          .accuracy = stages[k].accuracy});
    }
    return profile;
}

double phi(double z) {
    return std::erfc(-z / std::sqrt(2.0)) / 2;
}

// E8 by brute force: every set of stages that might end in time, how probable exactly that set
// is, and the answer it gives.
double accuracy_by_enumeration(const std::vector<Stage>& stages, const Belief& belief,
                               double deadline_s) {
    double accuracy = 0;
    for (unsigned set = 0; set < 1U << stages.size(); ++set) {
        double low = -HUGE_VAL, high = HUGE_VAL, answer = 0.1;  // slowdowns that give this set
        for (std::size_t k = 0; k < stages.size(); ++k) {
            const double most = deadline_s / stages[k].latency_s;
            if (set >> k & 1U) {
                high = std::min(high, most);
                answer = stages[k].accuracy;
            } else {
                low = std::max(low, most);
            }
        }
        const auto below = [&](double xi) { return phi((xi - belief.xi_mean) / belief.xi_std); };
        accuracy += answer * std::max(0.0, below(high) - below(low));
    }
    return accuracy;
}

}  // namespace

TEST_CASE("E6 and E7 have the values worked out by hand") {
    // z = (0.1 / 0.08 - 1) / 0.2 = 1.25, Phi = 0.894350
    const auto values = estimated(traditional(0.08, 40, 0.9), 0, {.xi_mean = 1, .xi_std = 0.2},
                                  {.deadline_s = 0.1});
    CHECK(values.probability == Approx(0.894350).margin(1e-6));
    CHECK(values.accuracy == Approx(0.815480).margin(1e-6));  // 0.9 Pr + 0.1 (1 - Pr)
    CHECK(values.latency_s == Approx(0.08));
}

TEST_CASE("E8 has the value worked out by hand") {
    // z = 7.5, 1.25 and 0: 0.6 (1 - 0.894350) + 0.8 (0.894350 - 0.5) + 0.9 * 0.5
    const auto profile = anytime({{0.04, 0.6}, {0.08, 0.8}, {0.1, 0.9}});
    const auto values = estimated(profile, 2, {.xi_mean = 1, .xi_std = 0.2}, {.deadline_s = 0.1});
    CHECK(values.accuracy == Approx(0.82887).margin(1e-6));
    CHECK(values.probability == Approx(1));  // of the first stage: some answer in time
}

TEST_CASE("E8 agrees with an enumeration of the stages that end in time") {
    std::mt19937_64 random(11);
    std::uniform_real_distribution<> uniform;
    for (int trial = 0; trial < 500; ++trial) {
        std::vector<Stage> stages;
        double latency_s = 0;
        for (int k = 0; k < 1 + trial % 6; ++k) {
            latency_s += 0.01 + 0.05 * uniform(random);
            stages.push_back({latency_s, uniform(random)});  // later ones need not be better
        }
        const Belief belief{.xi_mean = 0.5 + 2 * uniform(random), .xi_std = 0.05 + uniform(random)};
        const double deadline_s = 0.3 * uniform(random);
        const auto values =
            estimated(anytime(stages), stages.size() - 1, belief, {.deadline_s = deadline_s});
        CHECK(values.accuracy ==
              Approx(accuracy_by_enumeration(stages, belief, deadline_s)).margin(3e-6));
    }
}

TEST_CASE("E9 has the values worked out by hand") {
    const auto profile = traditional(0.05, 40, 0.9);
    const Belief belief{.xi_mean = 1.2, .xi_std = 0.1, .idle_ratio = 0.25};
    SECTION("inference and the idle time") {  // 40 * 0.06 + 0.25 * 40 * 0.04
        CHECK(estimated(profile, 0, belief, {.period_s = 0.1}).energy_j == Approx(2.8));
    }
    SECTION("no idle time where inputs follow one another") {
        CHECK(estimated(profile, 0, belief, {.period_s = 0}).energy_j == Approx(2.4));
    }
    SECTION("no idle time where the inference overruns the period") {
        CHECK(estimated(profile, 0, belief, {.period_s = 0.05}).energy_j == Approx(2.4));
    }
}

TEST_CASE("without power, energy is the time of inference") {
    Profile profile = traditional(0.05, 40, 0.9);
    profile.configurations[0].power_w.reset();
    const Belief belief{.xi_mean = 1.2, .xi_std = 0.1, .idle_ratio = 0.25};
    CHECK(estimated(profile, 0, belief, {.period_s = 0.1}).energy_j == Approx(0.06));
}

TEST_CASE("an anytime model takes the time and energy of the last stage that fits") {
    const auto profile = anytime({{0.02, 0.6}, {0.05, 0.8}, {0.09, 0.9}});
    const Belief belief{.xi_mean = 1.2, .xi_std = 0.1, .idle_ratio = 0.25};
    const InputGoal goal{.deadline_s = 0.1, .period_s = 0.1};
    // Stage 3 would end at 108 ms: allowed to run to it, the model stops after stage 2.
    CHECK(estimated(profile, 2, belief, goal).latency_s == Approx(0.06));
    CHECK(estimated(profile, 2, belief, goal).energy_j == Approx(2.8));
    CHECK(estimated(profile, 1, belief, goal).energy_j == Approx(2.8));
    // Stopped at stage 1 on purpose: 40 * 0.024 + 0.25 * 40 * 0.076
    CHECK(estimated(profile, 0, belief, goal).energy_j == Approx(1.72));
}

TEST_CASE("a first stage that does not fit is run all the same") {
    const auto profile = anytime({{0.2, 0.6}, {0.5, 0.8}});
    const auto values = estimated(profile, 1, {.xi_mean = 1.2, .xi_std = 0.1}, {.deadline_s = 0.1});
    CHECK(values.latency_s == Approx(0.24));
    CHECK(values.accuracy == Approx(0.1));
}

TEST_CASE("E11 takes the slowdown that is exceeded with one percent probability") {
    // xi = 1.2 + 0.1 * 2.326348: 40 * 0.0716317 + 10 * 0.0283683
    const auto values = estimated(traditional(0.05, 40, 0.9), 0,
                                  {.xi_mean = 1.2, .xi_std = 0.1, .idle_ratio = 0.25},
                                  {.period_s = 0.1, .energy_confidence = 0.99});
    CHECK(values.energy_bound_j == Approx(3.148952));
    CHECK(values.energy_j == Approx(2.8));
}

TEST_CASE("without an energy confidence the budget is held against the mean") {
    const auto values =
        estimated(traditional(0.05, 40, 0.9), 0,
                  {.xi_mean = 1.2, .xi_std = 0.1, .idle_ratio = 0.25}, {.period_s = 0.1});
    CHECK(values.energy_bound_j == values.energy_j);
}

TEST_CASE("without a deadline every answer is in time") {
    const auto values = estimated(anytime({{1, 0.6}, {3000, 0.8}}), 1,
                                  {.xi_mean = 1.2, .xi_std = 0}, {.period_s = 0.1});
    CHECK(values.probability == 1);
    CHECK(values.accuracy == Approx(0.8));
    CHECK(values.latency_s == Approx(3600));
}

TEST_CASE("after the deadline nothing is in time") {
    for (const double deadline_s : {0.0, -0.02, -1000.0}) {
        const auto values = estimated(traditional(0.001, 40, 0.9), 0, {.xi_mean = 1, .xi_std = 0.1},
                                      {.deadline_s = deadline_s});
        CHECK(values.probability == Approx(0).margin(1e-6));
        CHECK(values.accuracy == Approx(0.1));
    }
}

TEST_CASE("a certain slowdown makes a deadline kept or missed") {
    const auto profile = traditional(0.05, 40, 0.9);
    const Belief belief{.xi_mean = 1.2, .xi_std = 0};
    CHECK(estimated(profile, 0, belief, {.deadline_s = 0.0601}).probability == 1);
    CHECK(estimated(profile, 0, belief, {.deadline_s = 0.0599}).probability ==
          Approx(0).margin(1e-12));
}

TEST_CASE("every estimate of random profiles agrees with the equations in double precision") {
    std::mt19937_64 random(5);
    double probability_error = 0, accuracy_error = 0, relative_error = 0;
    for (int trial = 0; trial < 3000; ++trial) {
        const bool has_power = trial % 4 != 0;
        const Profile profile = reference::random_profile(random, has_power, false);
        const Belief belief = reference::random_belief(random);
        const InputGoal goal = reference::random_goal(random, has_power);
        const ProfileTable table(profile);
        Estimates estimates(table.size());
        estimate(table, belief, goal, estimates);
        for (std::size_t c = 0; c < profile.configurations.size(); ++c) {
            const auto expected = reference::expected_of(profile, c, belief, goal);
            const std::size_t s = table.slot_of(c);
            const auto relative = [](double actual, double exact) {
                return std::abs(actual - exact) / (1e-9 + std::abs(exact));
            };
            probability_error =
                std::max(probability_error,
                         std::abs(estimates.deadline_probability()[s] - expected.probability));
            accuracy_error =
                std::max(accuracy_error, std::abs(estimates.accuracy()[s] - expected.accuracy));
            relative_error =
                std::max({relative_error, relative(estimates.latency_s()[s], expected.latency_s),
                          relative(estimates.energy_j()[s], expected.energy_j),
                          relative(estimates.energy_bound_j()[s], expected.energy_bound_j)});
        }
    }
    CHECK(probability_error < 2e-6);
    CHECK(accuracy_error < 2e-6);
    CHECK(relative_error < 1e-6);
}

TEST_CASE("a chain or table of any length is scored to its end") {
    for (std::size_t stages = 1; stages <= 70; ++stages) {
        std::vector<Stage> chain;
        for (std::size_t k = 1; k <= stages; ++k) {
            chain.push_back({0.001 * static_cast<double>(k), 0.01 * static_cast<double>(k)});
        }
        const auto profile = anytime(chain);
        const Belief belief{.xi_mean = 1, .xi_std = 0.1};
        const auto values = estimated(profile, stages - 1, belief, {.deadline_s = 0.04});
        const auto expected =
            reference::expected_of(profile, stages - 1, belief, {.deadline_s = 0.04});
        CHECK(values.accuracy == Approx(expected.accuracy).margin(3e-6));
    }
}
