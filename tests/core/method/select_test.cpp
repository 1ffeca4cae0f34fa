#include "core/method/select.h"

#include <algorithm>
#include <random>
#include <tuple>

#include "tests/core/reference.h"
#include "tests/support/catch.h"

using namespace alert;
using reference::Expected;

namespace {

constexpr double kMargin = 5e-6;  // of single precision against double

// E12 word by word, over what core/ estimated: every slot in turn, no arithmetic of its own but
// the tolerance that a goal met exactly needs.
Selection selected_by_hand(Estimates& estimates, const InputGoal& goal) {
    using Key = std::tuple<float, float, float>;  // less is better
    const std::size_t slots = estimates.score().size();
    const auto key_of = [&](std::size_t s) {
        const float cost = goal.objective == Objective::kMinimiseEnergy ? estimates.energy_j()[s]
                           : goal.objective == Objective::kMinimiseLatency
                               ? estimates.latency_s()[s]
                               : -estimates.accuracy()[s];
        return Key{cost, estimates.energy_j()[s], estimates.latency_s()[s]};
    };
    Selection selection{.slot = slots, .feasible = true};
    for (std::size_t s = 0; s < slots; ++s) {
        const bool keeps =
            estimates.deadline_probability()[s] >= goal.deadline_confidence - 1e-6 &&
            (!goal.accuracy || estimates.accuracy()[s] >= *goal.accuracy - 1e-4) &&
            (!goal.energy_j || estimates.energy_bound_j()[s] <= *goal.energy_j * (1 + 1e-6));
        if (keeps && (selection.slot == slots || key_of(s) < key_of(selection.slot))) {
            selection.slot = s;
        }
    }
    if (selection.slot < slots) {
        return selection;
    }
    selection = {.slot = 0, .feasible = false};
    const auto fallback_key = [&](std::size_t s) {
        float probability = estimates.deadline_probability()[s];
        if (goal.deadline_confidence > 0) {  // more than asked for is worth no more
            probability = std::min(probability, static_cast<float>(goal.deadline_confidence));
        }
        return std::tuple{-probability, -estimates.accuracy()[s], estimates.energy_j()[s],
                          estimates.latency_s()[s]};
    };
    for (std::size_t s = 1; s < slots; ++s) {
        if (fallback_key(s) < fallback_key(selection.slot)) {
            selection.slot = s;
        }
    }
    return selection;
}

double cost_of(const Expected& e, Objective objective) {
    return objective == Objective::kMinimiseEnergy    ? e.energy_j
           : objective == Objective::kMinimiseLatency ? e.latency_s
                                                      : -e.accuracy;
}

// Whether all constraints are kept when each is moved by `slack` in the configuration's favour.
bool keeps(const Expected& e, const InputGoal& goal, double slack) {
    return e.probability >= goal.deadline_confidence - slack &&
           (!goal.accuracy || e.accuracy >= *goal.accuracy - slack) &&
           (!goal.energy_j || e.energy_bound_j <= *goal.energy_j * (1 + slack));
}

// Holds a choice against the exact values of all configurations; what single precision cannot
// tell apart counts as equal.
void check_choice(const std::vector<Expected>& all, std::size_t chosen, bool feasible,
                  const InputGoal& goal) {
    if (feasible) {
        CHECK(keeps(all[chosen], goal, kMargin));
        for (const auto& other : all) {
            if (keeps(other, goal, -kMargin)) {
                const double best = cost_of(other, goal.objective);
                CHECK(cost_of(all[chosen], goal.objective) <=
                      best + kMargin * std::max(1.0, std::abs(best)));
            }
        }
        return;
    }
    const auto worth = [&](const Expected& e) {
        return goal.deadline_confidence > 0 ? std::min(e.probability, goal.deadline_confidence)
                                            : e.probability;
    };
    for (const auto& other : all) {
        CHECK_FALSE(keeps(other, goal, -kMargin));
        CHECK(worth(all[chosen]) >= worth(other) - kMargin);
    }
}

struct Trial {
    Profile profile;
    Selection selection;
    std::size_t configuration;

    Trial(Profile p, const Belief& belief, const InputGoal& goal) : profile(std::move(p)) {
        const ProfileTable table(profile);
        Estimates estimates(table.size());
        estimate(table, belief, goal, estimates);
        selection = select(estimates, goal);
        configuration = table.configuration_of(selection.slot);
    }
};

ProfiledConfiguration model(std::size_t i, double latency_s, double power_w, double accuracy) {
    return {.model = i, .latency_s = latency_s, .power_w = power_w, .accuracy = accuracy};
}

Profile profile_of(std::vector<ProfiledConfiguration> configurations) {
    return {.models = {"a", "b", "c", "d"},
            .settings = {"one"},
            .fail_accuracy = 0.1,
            .configurations = std::move(configurations)};
}

const Belief kQuiet{.xi_mean = 1, .xi_std = 0.01, .idle_ratio = 0.2};

}  // namespace

TEST_CASE("the optimum of each objective is chosen") {
    const auto profile = profile_of({model(0, 0.01, 90, 0.7), model(1, 0.02, 20, 0.8),
                                     model(2, 0.05, 30, 0.9), model(3, 0.2, 40, 0.95)});
    InputGoal goal{.deadline_s = 0.1, .period_s = 0.1, .deadline_confidence = 0.9};
    SECTION("best accuracy within the deadline") {
        CHECK(Trial(profile, kQuiet, goal).configuration == 2);
    }
    SECTION("least energy within the deadline") {  // 20 * 0.02 + 4 * 0.08 = 0.72
        goal.objective = Objective::kMinimiseEnergy;
        CHECK(Trial(profile, kQuiet, goal).configuration == 1);
        goal.accuracy = 0.85;
        CHECK(Trial(profile, kQuiet, goal).configuration == 2);
    }
    SECTION("least latency that is accurate enough and within the budget") {
        goal.objective = Objective::kMinimiseLatency;
        goal.accuracy = 0.65;
        CHECK(Trial(profile, kQuiet, goal).configuration == 0);
        goal.energy_j = 1.0;  // 90 * 0.01 + 18 * 0.09 = 2.52 is too much
        CHECK(Trial(profile, kQuiet, goal).configuration == 1);
    }
}

TEST_CASE("a goal that is met exactly is met") {
    const auto profile = profile_of({model(0, 0.1, 10, 0.92), model(1, 0.05, 30, 0.91)});
    const InputGoal goal{
        .objective = Objective::kMinimiseEnergy, .accuracy = 0.92, .energy_j = 1.0};
    const Trial trial(profile, kQuiet, goal);
    CHECK(trial.selection.feasible);
    CHECK(trial.configuration == 0);
}

TEST_CASE("ties go to less energy, then to less latency") {
    SECTION("accuracy ties") {
        const auto profile = profile_of({model(0, 0.02, 50, 0.9), model(1, 0.03, 20, 0.9),
                                         model(2, 0.01, 80, 0.9), model(3, 0.01, 10, 0.8)});
        CHECK(Trial(profile, kQuiet, {}).configuration == 1);
    }
    SECTION("accuracy and energy tie") {
        const auto profile = profile_of({model(0, 0.04, 20, 0.9), model(1, 0.02, 40, 0.9),
                                         model(2, 0.08, 10, 0.9), model(3, 0.16, 5, 0.9)});
        CHECK(Trial(profile, kQuiet, {}).configuration == 1);
    }
}

TEST_CASE("no feasible configuration: deadline first, then accuracy, then energy") {
    InputGoal goal{.objective = Objective::kMinimiseEnergy,
                   .deadline_s = 0.1,
                   .accuracy = 0.99,
                   .period_s = 0.1};
    SECTION("of those in time the most accurate") {
        const auto profile =
            profile_of({model(0, 0.01, 10, 0.7), model(1, 0.05, 90, 0.9), model(2, 0.2, 10, 0.98)});
        const Trial trial(profile, kQuiet, goal);
        CHECK_FALSE(trial.selection.feasible);
        CHECK(trial.configuration == 1);
    }
    SECTION("of equally accurate ones the least energy") {
        const auto profile = profile_of({model(0, 0.01, 90, 0.9), model(1, 0.05, 20, 0.9)});
        CHECK(Trial(profile, kQuiet, goal).configuration == 1);  // 1.2 J against 2.52 J
    }
    SECTION("nothing in time: the highest probability, whatever it costs") {
        goal.deadline_s = 0.01;
        const auto profile = profile_of({model(0, 0.012, 90, 0.5), model(1, 0.02, 10, 0.9)});
        CHECK(Trial(profile, {.xi_mean = 1, .xi_std = 0.2}, goal).configuration == 0);
    }
}

TEST_CASE("where none can be in time the quickest leaves most to those that share the deadline") {
    const auto profile = profile_of({model(0, 0.012, 90, 0.5), model(1, 0.02, 10, 0.9)});
    InputGoal goal{.objective = Objective::kMinimiseEnergy, .deadline_s = 0.001, .accuracy = 0.8};
    CHECK(Trial(profile, kQuiet, goal).configuration == 1);  // 0.2 J against 1.08 J
    goal.others_share = true;
    const Trial trial(profile, kQuiet, goal);
    CHECK_FALSE(trial.selection.feasible);
    CHECK(trial.configuration == 0);
    goal.deadline_s = 0.03;  // both can: deadline, then accuracy
    goal.accuracy = 0.99;
    CHECK(Trial(profile, kQuiet, goal).configuration == 1);
}

TEST_CASE("a debt that nothing can pay at once is paid as fast as the goals allow") {
    // 0.4, 0.8, 2 and 3 J with nothing for rest.
    const auto profile = profile_of({model(0, 0.01, 40, 0.6), model(1, 0.02, 40, 0.8),
                                     model(2, 0.05, 40, 0.9), model(3, 0.06, 50, 0.95)});
    InputGoal goal{.deadline_s = 0.1, .energy_j = 0.3, .stated_energy_j = 2.2};
    SECTION("of energy: with the least, instead of the best accuracy") {
        CHECK(Trial(profile, kQuiet, goal).configuration == 0);
        goal.accuracy = goal.stated_accuracy = 0.7;
        CHECK(Trial(profile, kQuiet, goal).configuration == 1);
        CHECK(Trial(profile, kQuiet, goal).selection.feasible);
    }
    SECTION("of accuracy: with the best within the budget") {
        goal.objective = Objective::kMinimiseLatency;
        goal.deadline_s.reset();
        goal.energy_j = 2.2;
        goal.accuracy = 0.92;
        goal.stated_accuracy = 0.7;
        CHECK(Trial(profile, kQuiet, goal).configuration == 2);
    }
    SECTION("goals that cannot be kept as stated: deadline, accuracy, energy") {
        goal.stated_energy_j = 0.35;
        const Trial trial(profile, kQuiet, goal);
        CHECK_FALSE(trial.selection.feasible);
        CHECK(trial.configuration == 3);
    }
}

TEST_CASE("a probability beyond the one asked for does not outweigh accuracy") {
    // Deadline probabilities of 1 and 0.977, both above 0.9; the budget is out of reach.
    const auto profile = profile_of({model(0, 0.01, 40, 0.6), model(1, 0.0714, 40, 0.9)});
    const InputGoal goal{.deadline_s = 0.1, .energy_j = 0.001, .deadline_confidence = 0.9};
    const Trial trial(profile, {.xi_mean = 1, .xi_std = 0.2, .idle_ratio = 0.2}, goal);
    CHECK_FALSE(trial.selection.feasible);
    CHECK(trial.configuration == 1);
}

TEST_CASE("a threshold on the deadline probability rules configurations out") {
    // z = 0.5: Pr = 0.691
    const auto profile = profile_of({model(0, 0.05, 40, 0.7), model(1, 0.1 / 1.1, 40, 0.95)});
    const Belief belief{.xi_mean = 1, .xi_std = 0.2};
    InputGoal goal{.deadline_s = 0.1, .deadline_confidence = 0.69};
    CHECK(Trial(profile, belief, goal).configuration == 0);  // 0.95 * 0.69 + 0.1 * 0.31 = 0.688
    goal.accuracy = 0.6;
    goal.objective = Objective::kMinimiseLatency;
    CHECK(Trial(profile, belief, goal).configuration == 0);
    const auto slower_only = profile_of({model(1, 0.1 / 1.1, 40, 0.95)});
    CHECK(Trial(slower_only, belief, goal).selection.feasible);
    goal.deadline_confidence = 0.7;
    CHECK_FALSE(Trial(slower_only, belief, goal).selection.feasible);
}

TEST_CASE("an energy confidence holds the budget against a bad draw, not the mean") {
    const auto profile = profile_of({model(0, 0.05, 40, 0.9), model(1, 0.02, 40, 0.7)});
    const Belief belief{.xi_mean = 1, .xi_std = 0.2, .idle_ratio = 0.25};
    InputGoal goal{.energy_j = 2.2};
    CHECK(Trial(profile, belief, goal).configuration == 0);  // 2 J
    goal.energy_confidence = 0.99;                           // 2 J * 1.465
    CHECK(Trial(profile, belief, goal).configuration == 1);
}

TEST_CASE("of thousands of random profiles the choice is the one a brute-force search makes") {
    std::mt19937_64 random(17);
    int feasible = 0, trials = 12000;
    for (int t = 0; t < trials; ++t) {
        const bool has_power = t % 5 != 0;
        const Profile profile = reference::random_profile(random, has_power, t % 2 == 0);
        const Belief belief = reference::random_belief(random);
        const InputGoal goal = reference::random_goal(random, has_power);
        const ProfileTable table(profile);
        Estimates estimates(table.size());
        estimate(table, belief, goal, estimates);
        const Selection chosen = select(estimates, goal);
        const Selection by_hand = selected_by_hand(estimates, goal);
        REQUIRE(chosen.feasible == by_hand.feasible);
        // Slots that tie in everything are equally good.
        CHECK(estimates.deadline_probability()[chosen.slot] >=
              std::min<double>(estimates.deadline_probability()[by_hand.slot],
                               goal.deadline_confidence > 0 ? goal.deadline_confidence : 1) -
                  1e-6);
        CHECK(estimates.accuracy()[chosen.slot] == estimates.accuracy()[by_hand.slot]);
        CHECK(estimates.energy_j()[chosen.slot] == estimates.energy_j()[by_hand.slot]);
        CHECK(estimates.latency_s()[chosen.slot] == estimates.latency_s()[by_hand.slot]);
        feasible += chosen.feasible;
    }
    CHECK(feasible > trials / 5);  // both branches were seen
    CHECK(feasible < trials * 4 / 5);
}

TEST_CASE("of thousands of random profiles no configuration is exactly better than the choice") {
    std::mt19937_64 random(23);
    for (int t = 0; t < 4000; ++t) {
        const bool has_power = t % 5 != 0;
        const Belief belief = reference::random_belief(random);
        const InputGoal goal = reference::random_goal(random, has_power);
        const Trial trial(reference::random_profile(random, has_power, t % 3 == 0), belief, goal);
        std::vector<Expected> all;
        for (std::size_t c = 0; c < trial.profile.configurations.size(); ++c) {
            all.push_back(reference::expected_of(trial.profile, c, belief, goal));
        }
        check_choice(all, trial.configuration, trial.selection.feasible, goal);
    }
}
