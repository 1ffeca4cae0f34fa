#include "core/evaluation/grid.h"

#include <algorithm>

#include "alert/error.h"
#include "tests/support/catch.h"

using namespace alert;

namespace {

// At rest 2 W. A traditional model of 8 ms and an anytime one of 2 and 10 ms under 20 W; three
// times as long under 5 W.
Profile family() {
    Profile profile{.models = {"large", "nested"}, .settings = {"5W", "20W"}, .fail_accuracy = 0.1};
    for (const std::size_t setting : {std::size_t{0}, std::size_t{1}}) {
        const double stretch = setting == 0 ? 3 : 1;
        const double power_w = setting == 0 ? 5 : 20;
        const auto add = [&](std::size_t model, int stage, double latency_s, double accuracy) {
            profile.configurations.push_back({.model = model,
                                              .setting = setting,
                                              .stage = stage,
                                              .latency_s = latency_s * stretch,
                                              .power_w = power_w,
                                              .accuracy = accuracy});
        };
        add(0, 0, 0.008, 0.9);
        add(1, 1, 0.002, 0.6);
        add(1, 2, 0.010, 0.85);
    }
    return profile;
}

std::vector<Goal> goals_of(const std::vector<Workload>& grid, Objective objective) {
    std::vector<Goal> goals;
    for (const Workload& workload : grid) {
        if (workload.goal.objective == objective) {
            goals.push_back(workload.goal);
        }
    }
    return goals;
}

}  // namespace

TEST_CASE("the paper's grid has 36 settings for each objective") {
    const auto grid = paper_grid(family(), 2, 500, 7);
    CHECK(grid.size() == 108);
    for (const Objective objective :
         {Objective::kMinimiseEnergy, Objective::kMaximiseAccuracy, Objective::kMinimiseLatency}) {
        CHECK(goals_of(grid, objective).size() == 36);
    }
    CHECK(std::all_of(grid.begin(), grid.end(), [](const Workload& w) {
        return w.inputs == 500 && w.window == 7 && w.period_s == w.goal.period_s;
    }));
}

TEST_CASE("deadlines go from 0.4 to 2 times the latency of the largest anytime model") {
    for (const Objective objective : {Objective::kMinimiseEnergy, Objective::kMaximiseAccuracy}) {
        const auto goals = goals_of(paper_grid(family(), 2, 500, 20), objective);
        const double deadlines_ms[] = {4, 7.2, 10.4, 13.6, 16.8, 20};
        for (std::size_t i = 0; i < goals.size(); ++i) {
            CHECK(*goals[i].deadline_s * 1e3 == Approx(deadlines_ms[i / 6]));
            CHECK(goals[i].period_s == *goals[i].deadline_s);
        }
    }
}

TEST_CASE("without an anytime model deadlines follow the slowest traditional one") {
    Profile profile = family();
    std::erase_if(profile.configurations, [](const auto& c) { return c.stage > 0; });
    CHECK(grid_ranges(profile).reference_s == Approx(0.008));
}

TEST_CASE("accuracies span what the outputs reach, both ends included") {
    const auto goals = goals_of(paper_grid(family(), 2, 500, 20), Objective::kMinimiseEnergy);
    const double accuracies[] = {0.60, 0.66, 0.72, 0.78, 0.84, 0.90};
    for (std::size_t i = 0; i < goals.size(); ++i) {
        CHECK(*goals[i].accuracy == Approx(accuracies[i % 6]));
        CHECK_FALSE(goals[i].energy_j);
    }
}

TEST_CASE("energies lie between the cheapest period and the highest power all along") {
    // 20 ms: the first stage takes 5 W for 6 ms, then 2 W for 14 ms: 58 mJ; under 20 W it would
    // take 2 ms and 76 mJ in all. At most 20 W for 20 ms.
    const EnergyRange long_period = energy_range(family(), 2, 0.020);
    CHECK(long_period.low_j == Approx(0.058));
    CHECK(long_period.high_j == Approx(0.400));
    // 4 ms: under 5 W nothing fits; 20 W for 2 ms, then 2 W.
    CHECK(energy_range(family(), 2, 0.004).low_j == Approx(0.044));
    // 1 ms: nothing fits, so the period is the inference.
    CHECK(energy_range(family(), 2, 0.001).low_j == Approx(0.040));

    const auto goals = goals_of(paper_grid(family(), 2, 500, 20), Objective::kMaximiseAccuracy);
    const double last_mj[] = {115, 172, 229, 286, 343, 400};  // the deadline of 20 ms
    for (std::size_t i = 0; i < 6; ++i) {
        CHECK(*goals[30 + i].energy_j * 1e3 == Approx(last_mj[i]));
    }
}

TEST_CASE("the least latency is asked for without a deadline, in periods of twice the largest") {
    const auto goals = goals_of(paper_grid(family(), 2, 500, 20), Objective::kMinimiseLatency);
    for (std::size_t i = 0; i < goals.size(); ++i) {
        CHECK_FALSE(goals[i].deadline_s);
        CHECK(goals[i].period_s == Approx(0.020));
        CHECK(*goals[i].accuracy == Approx(0.6 + 0.06 * static_cast<double>(i / 6)));
        CHECK(*goals[i].energy_j == Approx(0.115 + 0.057 * static_cast<double>(i % 6)));
    }
}

TEST_CASE("the paper's grid is refused without power") {
    Profile profile = family();
    profile.configurations.front().power_w.reset();
    CHECK_THROWS_AS(paper_grid(profile, 2, 500, 20), RequestError);
    CHECK_THROWS_AS(paper_grid(Profile{}, 2, 500, 20), RequestError);
}
