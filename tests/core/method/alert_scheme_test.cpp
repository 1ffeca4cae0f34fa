#include "core/method/alert_scheme.h"

#include <cmath>
#include <random>

#include "alert/error.h"
#include "alert/input_cycle.h"
#include "core/evaluation/baselines.h"
#include "core/method/normal.h"
#include "tests/support/catch.h"

using namespace alert;

namespace {

// Four traditional models and an anytime one of four stages, at full speed and at half.
Profile family() {
    Profile profile{.models = {"tiny", "small", "medium", "large", "nested"},
                    .settings = {"40W", "20W"},
                    .fail_accuracy = 0.1};
    const double latency_s[] = {0.005, 0.015, 0.04, 0.08};
    const double accuracy[] = {0.7, 0.8, 0.9, 0.95};
    for (std::size_t j = 0; j < 2; ++j) {
        const double stretch = j == 0 ? 1 : 2;
        const double power_w = j == 0 ? 40 : 20;
        for (std::size_t i = 0; i < 4; ++i) {
            profile.configurations.push_back({.model = i,
                                              .setting = j,
                                              .latency_s = stretch * latency_s[i],
                                              .power_w = power_w,
                                              .accuracy = accuracy[i]});
            profile.configurations.push_back({.model = 4,
                                              .setting = j,
                                              .stage = static_cast<int>(i) + 1,
                                              .latency_s = stretch * 1.2 * latency_s[i],
                                              .power_w = power_w,
                                              .accuracy = accuracy[i] - 0.01});
        }
    }
    return profile;
}

Profile only(const Profile& profile, bool is_anytime) {
    Profile part = profile;
    std::erase_if(part.configurations, [&](const auto& c) { return (c.stage > 0) != is_anytime; });
    return part;
}

const Goal kStated{.deadline_s = 0.1, .period_s = 0.1};
const InputGoal kDeadline{.deadline_s = 0.1, .period_s = 0.1, .deadline_confidence = 0.9};

// Input n, on a machine that is `slowdown` times slower than it was when it was profiled.
InputResult run_on_machine(InputCycle& cycle, const Profile& profile, int n, double slowdown) {
    const double arrival_s = 0.1 * n;
    cycle.arrived({.at_s = arrival_s}, arrival_s);
    cycle.ready(arrival_s);
    while (cycle.stage_ended(slowdown * profile.configurations[cycle.running()].latency_s).go_on) {
    }
    const auto& ran = profile.configurations[cycle.result().configuration];
    cycle.closed(arrival_s + 0.1, 0.15 * *ran.power_w);
    return cycle.result();
}

}  // namespace

TEST_CASE("a decision states what it was made with") {
    const Profile profile = family();
    AlertScheme controller(profile, Estimator::kPaper);
    const Decision first = controller.next(kDeadline);
    CHECK(first.xi_mean == 1);
    CHECK(first.xi_std == 0.1);
    CHECK(first.idle_ratio == 0.3);
    CHECK(first.feasible);
    // The large model at full speed: z = (0.1 / 0.08 - 1) / 0.1 = 2.5
    CHECK(profile.configurations[first.configuration].model == 3);
    CHECK(profile.configurations[first.configuration].setting == 0);
    CHECK(first.deadline_probability == Approx(0.993790).margin(1e-5));
    CHECK(first.accuracy == Approx(0.1 + 0.85 * 0.993790).margin(1e-5));
    REQUIRE(first.energy_j);
    CHECK(*first.energy_j == Approx(40 * 0.08 + 0.3 * 40 * 0.02));
}

TEST_CASE("what is observed is what the next decision is made with") {
    const Profile profile = family();
    AlertScheme controller(profile, Estimator::kPaper);
    const Decision first = controller.next(kDeadline);
    const auto& ran = profile.configurations[first.configuration];
    controller.observe({.configuration = first.configuration,
                        .latency_s = 1.5 * ran.latency_s,
                        .idle_power_w = 0.2 * *ran.power_w});
    const Decision second = controller.next(kDeadline);
    CHECK(second.xi_mean == Approx(1 + 0.5 * 150.0 / 151));
    CHECK(second.xi_std == Approx(0.15));
    CHECK(second.idle_ratio == Approx(0.3 - 0.1 * 101 / 111));
}

TEST_CASE("the slowdown is taken from the stage that answered") {
    const Profile profile = only(family(), true);
    AlertScheme controller(profile, Estimator::kPaper);
    controller.observe({.configuration = 1, .latency_s = profile.configurations[1].latency_s});
    CHECK(controller.next(kDeadline).xi_mean == Approx(1));
}

TEST_CASE("rehearsing changes nothing") {
    const Profile profile = family();
    const auto estimator = GENERATE(Estimator::kPaper, Estimator::kCalibrated);
    AlertScheme controller(profile, estimator), rehearsing(profile, estimator);
    for (int n = 0; n < 50; ++n) {
        InputGoal other = kDeadline;
        other.deadline_s = 0.02 + 0.002 * n;
        rehearsing.rehearse(other);
        const Decision decision = controller.next(kDeadline);
        const Decision same = rehearsing.next(kDeadline);
        CHECK(same.configuration == decision.configuration);
        CHECK(same.deadline_probability == decision.deadline_probability);
        CHECK(same.accuracy == decision.accuracy);
        CHECK(same.xi_mean == decision.xi_mean);
        const double xi = 1 + 0.05 * (n % 7) + (n > 30 ? 1 : 0);
        const auto& ran = profile.configurations[decision.configuration];
        for (AlertScheme* const told : {&controller, &rehearsing}) {
            told->observe({.configuration = decision.configuration,
                           .latency_s = xi * ran.latency_s,
                           .idle_power_w = 9});
        }
    }
}

TEST_CASE("an outcome without idle power leaves the idle ratio as it was") {
    const Profile profile = family();
    AlertScheme controller(profile, Estimator::kPaper);
    controller.observe({.configuration = 0, .latency_s = 0.005});
    CHECK(controller.next(kDeadline).idle_ratio == 0.3);
}

TEST_CASE("the deadline is kept again within few inputs of a machine that halves its speed") {
    const bool traditional = GENERATE(true, false);
    const bool both = GENERATE(true, false);
    const Profile profile = both ? family() : only(family(), !traditional);
    AlertScheme controller(profile, Estimator::kPaper);
    InputCycle cycle(profile, controller, {.goal = kStated});
    std::mt19937_64 random(31);
    std::normal_distribution<> noise(0, 0.02);
    int late_before = 0, late_after = 0;
    double accuracy_before = 0, accuracy_after = 0;
    for (int n = 0; n < 400; ++n) {
        const bool slow = n >= 200;
        const InputResult ran =
            run_on_machine(cycle, profile, n, (slow ? 2 : 1) * std::exp(noise(random)));
        if (n != 200 && n != 201) {  // the change itself may cost two
            (slow ? late_after : late_before) += !ran.met_deadline;
        }
        (slow ? accuracy_after : accuracy_before) +=
            profile.configurations[ran.configuration].accuracy / 200;
    }
    CHECK(late_before == 0);
    CHECK(late_after == 0);
    CHECK(accuracy_before > 0.88);  // not by giving up: 40 ms still fit at half the speed
    CHECK(accuracy_after > 0.78);
    CHECK(accuracy_after < accuracy_before);
}

TEST_CASE("when the machine is fast again the better models come back") {
    const Profile profile = family();
    AlertScheme controller(profile, Estimator::kPaper);
    InputCycle cycle(profile, controller, {.goal = kStated});
    InputResult ran;
    for (int n = 0; n < 300; ++n) {
        ran = run_on_machine(cycle, profile, n, n >= 100 && n < 200 ? 2 : 1);
    }
    CHECK(profile.configurations[ran.decision.configuration].accuracy >= 0.94);
}

TEST_CASE("an energy goal is refused where the profile has no power") {
    Profile profile = family();
    for (auto& configuration : profile.configurations) {
        configuration.power_w.reset();
    }
    AlertScheme controller(profile, Estimator::kPaper);
    const Decision decision = controller.next(kDeadline);
    CHECK_FALSE(decision.energy_j);
    CHECK_THROWS_AS(controller.next({.energy_j = 1}), RequestError);
}

TEST_CASE("without power the least time of inference stands for the least energy") {
    Profile profile = family();
    for (auto& configuration : profile.configurations) {
        configuration.power_w.reset();
    }
    AlertScheme controller(profile, Estimator::kPaper);
    const Decision decision = controller.next(
        {.objective = Objective::kMinimiseEnergy, .deadline_s = 0.1, .accuracy = 0.85});
    const auto& chosen = profile.configurations[decision.configuration];
    CHECK(chosen.model == 2);
    CHECK(chosen.setting == 0);
}

TEST_CASE("a decision that cannot keep the goal says so") {
    AlertScheme controller(family(), Estimator::kPaper);
    InputGoal goal = kDeadline;
    goal.accuracy = 0.99;
    CHECK_FALSE(controller.next(goal).feasible);
}

TEST_CASE("the fixed scheme always runs its configuration, and learns as the controller does") {
    const Profile profile = family();
    FixedScheme fixed(profile, 5, Estimator::kPaper);
    AlertScheme controller(profile, Estimator::kPaper);
    for (int n = 0; n < 20; ++n) {
        const Decision decision = fixed.next(kDeadline);
        CHECK(decision.configuration == 5);
        CHECK(decision.xi_mean == controller.next(kDeadline).xi_mean);
        const double z = (0.1 / profile.configurations[5].latency_s - decision.xi_mean);
        if (profile.configurations[5].stage == 0) {
            CHECK(decision.deadline_probability ==
                  Approx(normal_cdf(z / decision.xi_std)).margin(2e-6));
        }
        const Outcome outcome{.configuration = 5,
                              .latency_s = (1 + 0.1 * n) * profile.configurations[5].latency_s,
                              .idle_power_w = 5};
        fixed.observe(outcome);
        controller.observe(outcome);
    }
}
