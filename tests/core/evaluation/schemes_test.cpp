#include "core/evaluation/schemes.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <string>

#include "alert/error.h"
#include "core/method/alert_scheme.h"
#include "core/method/idle_ratio_filter.h"
#include "core/method/slowdown_filter.h"
#include "tests/core/reference.h"
#include "tests/core/small_traces.h"
#include "tests/support/catch.h"

using namespace alert;
using Catch::Matchers::Contains;
using Places = std::vector<std::size_t>;

namespace {

// The small family with a slower traditional model, which is the faster one at low power, and with
// a second anytime model that ends up less accurate.
Profile wide() {
    Profile profile = small::family();
    profile.models.insert(profile.models.end(), {"exact", "shallow"});
    profile.configurations.insert(profile.configurations.end(), {{2, 0, 0, 0.018, 10, 0.95},
                                                                 {2, 1, 0, 0.016, 40, 0.95},
                                                                 {3, 0, 1, 0.008, 10, 0.5},
                                                                 {3, 0, 2, 0.016, 10, 0.6},
                                                                 {3, 1, 1, 0.004, 40, 0.5},
                                                                 {3, 1, 2, 0.008, 40, 0.6}});
    return profile;
}

Profile without(Profile profile, bool anytime) {
    std::erase_if(profile.configurations, [&](const auto& c) { return (c.stage > 0) == anytime; });
    return profile;
}

std::unique_ptr<Scheme> make(std::string_view scheme, const Profile& profile,
                             Estimator estimator = Estimator::kPaper) {
    return make_scheme(scheme, profile, estimator, {}, nullptr);
}

const InputGoal kDeadline{.deadline_s = 0.05, .period_s = 0.05, .deadline_confidence = 0.9};

// What runs see of a machine that is up to twice as slow as profiled; an anytime model is at times
// stopped after its first stage.
Outcome some_outcome(const Profile& profile, std::size_t chosen, std::mt19937_64& random) {
    std::uniform_real_distribution<> slowdown(0.8, 2), share(0, 1);
    Outcome outcome{.configuration = chosen};
    const auto& ran = profile.configurations[chosen];
    for (std::size_t c = 0; c < profile.configurations.size() && ran.stage > 1; ++c) {
        const auto& other = profile.configurations[c];
        if (other.model == ran.model && other.setting == ran.setting && other.stage == 1 &&
            share(random) < 0.3) {
            outcome.configuration = c;
        }
    }
    outcome.latency_s = slowdown(random) * profile.configurations[outcome.configuration].latency_s;
    if (share(random) < 0.8) {
        outcome.idle_power_w = 3;
    }
    return outcome;
}

// What a scheme must believe after the same outcomes, by the paper's filters.
struct Beliefs {
    SlowdownFilter slowdown;
    IdleRatioFilter idle_ratio;

    Belief now() const { return {slowdown.mean(), slowdown.std(), idle_ratio.ratio()}; }
    void observe(const Profile& profile, const Outcome& outcome) {
        const auto& ran = profile.configurations[outcome.configuration];
        slowdown.observe(outcome.latency_s / ran.latency_s);
        if (outcome.idle_power_w && ran.power_w) {
            idle_ratio.observe(*outcome.idle_power_w / *ran.power_w);
        }
    }
};

double cost_of(const reference::Expected& expected, Objective objective) {
    return objective == Objective::kMinimiseEnergy    ? expected.energy_j
           : objective == Objective::kMinimiseLatency ? expected.latency_s
                                                      : -expected.accuracy;
}

// Whether all constraints are kept with `slack` to spare.
bool keeps(const reference::Expected& expected, const InputGoal& goal, double slack) {
    return expected.probability >= goal.deadline_confidence + slack &&
           (!goal.accuracy || expected.accuracy >= *goal.accuracy + slack) &&
           (!goal.energy_j || expected.energy_bound_j <= *goal.energy_j * (1 - slack));
}

// Holds a decision against every configuration that could have been taken instead; false where
// rounding alone decides what is feasible.
bool check_best(const Decision& decision, const Profile& profile, const Places& allowed,
                const Belief& belief, const InputGoal& goal) {
    REQUIRE(std::count(allowed.begin(), allowed.end(), decision.configuration) == 1);
    double least = std::numeric_limits<double>::infinity();
    for (const std::size_t c : allowed) {
        const auto expected = reference::expected_of(profile, c, belief, goal);
        if (keeps(expected, goal, 2e-5) != keeps(expected, goal, -2e-5)) {
            return false;
        }
        if (keeps(expected, goal, 0)) {
            least = std::min(least, cost_of(expected, goal.objective));
        }
    }
    const auto taken = reference::expected_of(profile, decision.configuration, belief, goal);
    CHECK(decision.feasible == std::isfinite(least));
    CHECK(decision.feasible == keeps(taken, goal, 0));
    if (decision.feasible) {
        CHECK(cost_of(taken, goal.objective) == Approx(least).epsilon(1e-5).margin(1e-6));
    }
    return true;
}

// The least power of `choices` that keeps the deadline; where none does the best chance. None
// where every chance is too small to compare in single precision.
std::optional<std::size_t> least_power(const Profile& profile, const Places& choices,
                                       const Belief& belief, InputGoal goal) {
    goal.deadline_s = goal.deadline_s.value_or(goal.period_s);
    std::optional<std::size_t> best;
    std::pair<double, double> best_rank;
    double highest = 0;
    for (const std::size_t c : choices) {
        const double p = reference::expected_of(profile, c, belief, goal).probability;
        const auto rank = p >= goal.deadline_confidence
                              ? std::pair(0.0, *profile.configurations[c].power_w)
                              : std::pair(1.0, -p);
        highest = std::max(highest, p);
        if (!best || rank < best_rank) {
            best = c;
            best_rank = rank;
        }
    }
    return highest > 1e-4 ? best : std::nullopt;
}

}  // namespace

TEST_CASE("each scheme chooses among its own configurations") {
    const Profile profile = wide();
    const Places all{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
    const std::map<std::string_view, Places> expected{
        {"alert", all},
        {"alert-star", all},
        {"oracle", all},
        {"oracle-timely", all},
        {"oracle-causal", all},
        {"oracle-static", all},
        {"alert-trad", {0, 1, 6, 7}},
        {"alert-any", {2, 3, 4, 5, 8, 9, 10, 11}},
        {"app-only", {small::kNested2High}},                  // the better one's last stage
        {"sys-only", {small::kQuickLow, small::kQuickHigh}},  // the fastest at full power
        {"no-coord", {small::kNested2Low, small::kNested2High}}};
    REQUIRE(scheme_names().size() == expected.size());
    for (const std::string_view scheme : scheme_names()) {
        INFO(scheme);
        CHECK(configurations_for(scheme, profile) == expected.at(scheme));
    }
}

TEST_CASE("a fixed configuration is named by model, stage and setting") {
    const Profile profile = wide();
    CHECK(configurations_for("fixed:quick@low", profile) == Places{small::kQuickLow});
    CHECK(configurations_for("fixed:nested/1@high", profile) == Places{small::kNested1High});
    CHECK(configurations_for("fixed:nested@high", profile) == Places{small::kNested2High});
    const auto scheme = make("fixed:nested/1@low", profile);
    for (const double deadline_s : {0.001, 0.05, 1.0}) {
        CHECK(scheme->next({.deadline_s = deadline_s}).configuration == small::kNested1Low);
    }
}

TEST_CASE("a scheme that does not exist is refused with the names of those that do") {
    CHECK_THROWS_AS(make("alrt", wide()), RequestError);
    CHECK_THROWS_WITH(make("alrt", wide()), Contains("alrt") && Contains("alert-trad") &&
                                                Contains("no-coord") && Contains("fixed:"));
    CHECK_THROWS_AS(make("oracle-best", wide()), RequestError);
}

TEST_CASE("a fixed configuration that does not exist is refused with those that do") {
    for (const auto* scheme : {"fixed:slow@low", "fixed:nested/3@low", "fixed:quick@12W"}) {
        CHECK_THROWS_AS(make(scheme, wide()), RequestError);
        CHECK_THROWS_WITH(make(scheme, wide()), Contains(scheme) &&
                                                    Contains("quick, nested, exact, shallow") &&
                                                    Contains("low, high"));
    }
    CHECK_THROWS_AS(make("fixed:quick", wide()), RequestError);
    CHECK_THROWS_WITH(make("fixed:quick", wide()), Contains("no setting"));
}

TEST_CASE("a scheme that needs a kind of model the profile lacks is refused") {
    const Profile no_anytime = without(wide(), true), no_traditional = without(wide(), false);
    for (const auto* scheme : {"alert-any", "app-only", "no-coord"}) {
        CHECK_THROWS_AS(make(scheme, no_anytime), RequestError);
        CHECK_THROWS_WITH(make(scheme, no_anytime), Contains(scheme) && Contains("no anytime"));
    }
    for (const auto* scheme : {"alert-trad", "sys-only", "no-coord"}) {
        CHECK_THROWS_AS(make(scheme, no_traditional), RequestError);
        CHECK_THROWS_WITH(make(scheme, no_traditional),
                          Contains(scheme) && Contains("no traditional"));
    }
}

TEST_CASE("an oracle without a trace is refused, other schemes need none") {
    for (const std::string_view scheme : scheme_names()) {
        INFO(scheme);
        const bool oracle = scheme.substr(0, 6) == "oracle";
        CHECK(needs_trace(scheme) == oracle);
        if (oracle) {
            CHECK_THROWS_AS(make(scheme, wide()), RequestError);
            CHECK_THROWS_WITH(make(scheme, wide()),
                              Contains(std::string(scheme)) && Contains("trace"));
        } else {
            CHECK(make(scheme, wide()) != nullptr);
        }
    }
}

TEST_CASE("an estimator is known by its name") {
    CHECK(estimator_named("paper") == Estimator::kPaper);
    CHECK(estimator_named("calibrated") == Estimator::kCalibrated);
    CHECK_THROWS_AS(estimator_named("best"), RequestError);
    CHECK_THROWS_WITH(estimator_named("best"), Contains("best") && Contains("paper"));
}

TEST_CASE("app-only runs the anytime model under full power, whatever is asked") {
    const auto scheme = make("app-only", wide());
    std::mt19937_64 random(71);
    for (int n = 0; n < 50; ++n) {
        const auto decision = scheme->next(reference::random_goal(random, true));
        CHECK(decision.configuration == small::kNested2High);
        scheme->observe(some_outcome(wide(), decision.configuration, random));
    }
}

TEST_CASE("sys-only takes the least power that its fastest model meets the deadline with") {
    // Pr of 20 ms is Phi((T / 20 ms - 1) / 0.1): 0.9 where T = 22.56 ms.
    const auto scheme = make("sys-only", small::family());
    InputGoal goal = kDeadline;
    goal.deadline_s = 0.0226;
    CHECK(scheme->next(goal).configuration == small::kQuickLow);
    goal.accuracy = 0.9;  // the network is not its to choose
    goal.energy_j = 0.01;
    CHECK(scheme->next(goal).configuration == small::kQuickLow);
    CHECK(scheme->next(goal).feasible);
    goal.deadline_s = 0.0225;
    CHECK(scheme->next(goal).configuration == small::kQuickHigh);
    goal.deadline_s = 0.005;
    CHECK(scheme->next(goal).configuration == small::kQuickHigh);
    CHECK_FALSE(scheme->next(goal).feasible);
    // Without a deadline the period is what must be kept.
    goal.deadline_s.reset();
    goal.period_s = 0.0225;
    CHECK(scheme->next(goal).configuration == small::kQuickHigh);
    goal.period_s = 0.0226;
    CHECK(scheme->next(goal).configuration == small::kQuickLow);
}

TEST_CASE("sys-only chooses as a Kalman filter on its network's latency says") {
    std::mt19937_64 random(72);
    const Places choices{small::kQuickLow, small::kQuickHigh};
    std::size_t low = 0;
    for (int trial = 0; trial < 100; ++trial) {
        const auto scheme = make("sys-only", wide());
        Beliefs beliefs;
        for (int n = 0; n < 20; ++n) {
            InputGoal goal = kDeadline;
            goal.deadline_s = std::uniform_real_distribution<>(0.01, 0.06)(random);
            const auto decision = scheme->next(goal);
            const auto expected = least_power(wide(), choices, beliefs.now(), goal);
            CHECK(decision.configuration == expected.value_or(decision.configuration));
            low += decision.configuration == small::kQuickLow ? 1 : 0;
            const auto outcome = some_outcome(wide(), decision.configuration, random);
            scheme->observe(outcome);
            beliefs.observe(wide(), outcome);
        }
    }
    CHECK(low > 400);
    CHECK(low < 1600);
}

TEST_CASE("no-coord sets the power as if the fastest model had run the anytime model's time") {
    std::mt19937_64 random(73);
    const Profile profile = wide();
    std::size_t low = 0;
    for (int trial = 0; trial < 100; ++trial) {
        const auto scheme = make("no-coord", profile);
        Beliefs beliefs;  // of the power side
        for (int n = 0; n < 20; ++n) {
            InputGoal goal = kDeadline;
            goal.deadline_s = std::uniform_real_distribution<>(0.04, 0.2)(random);
            const auto decision = scheme->next(goal);
            const bool at_low = decision.configuration == small::kNested2Low;
            CHECK((at_low || decision.configuration == small::kNested2High));
            const std::size_t power = at_low ? small::kQuickLow : small::kQuickHigh;
            const auto expected =
                least_power(profile, {small::kQuickLow, small::kQuickHigh}, beliefs.now(), goal);
            CHECK(power == expected.value_or(power));
            low += at_low ? 1 : 0;
            Outcome outcome = some_outcome(profile, decision.configuration, random);
            scheme->observe(outcome);
            outcome.configuration = power;
            beliefs.observe(profile, outcome);
        }
    }
    CHECK(low > 400);
    CHECK(low < 1600);
}

TEST_CASE("no-coord's anytime side knows its own slowdown") {
    const auto scheme = make("no-coord", small::family());
    for (int n = 0; n < 20; ++n) {  // just as profiled, three times what the power side expects
        const auto decision = scheme->next(kDeadline);
        scheme->observe(
            {.configuration = decision.configuration,
             .latency_s = small::family().configurations[decision.configuration].latency_s});
    }
    CHECK(scheme->next(kDeadline).xi_mean == Approx(1).margin(0.01));
}

TEST_CASE("ALERT and its variants take the best of what they may choose") {
    struct Variant {
        const char* scheme;
        bool traditional, anytime, mean_only;
    };
    for (const auto& [scheme_name, traditional, anytime, mean_only] :
         {Variant{"alert", true, true, false}, Variant{"alert-trad", true, false, false},
          Variant{"alert-any", false, true, false}, Variant{"alert-star", true, true, true}}) {
        INFO(scheme_name);
        std::mt19937_64 random(74);
        int compared = 0, runs = 0;
        while (runs < 40) {
            const Profile profile = reference::random_profile(random, true, false);
            Places allowed;
            for (std::size_t c = 0; c < profile.configurations.size(); ++c) {
                if (profile.configurations[c].stage > 0 ? anytime : traditional) {
                    allowed.push_back(c);
                }
            }
            if (allowed.empty()) {
                continue;
            }
            ++runs;
            const auto scheme = make(scheme_name, profile);
            Beliefs beliefs;
            for (int n = 0; n < 20; ++n) {
                const InputGoal goal = reference::random_goal(random, true);
                const auto decision = scheme->next(goal);
                Belief belief = beliefs.now();
                belief.xi_std = mean_only ? 1e-6 : belief.xi_std;
                compared += check_best(decision, profile, allowed, belief, goal) ? 1 : 0;
                CHECK(decision.xi_mean == Approx(belief.xi_mean));
                CHECK(decision.xi_std == Approx(mean_only ? 0 : belief.xi_std));
                const auto outcome = some_outcome(profile, decision.configuration, random);
                scheme->observe(outcome);
                beliefs.observe(profile, outcome);
            }
        }
        CHECK(compared > 700);  // of 800
    }
}
