#include "core/method/goal.h"

#include <cmath>

#include "tests/support/catch.h"

using namespace alert;

namespace {

InputGoal adjusted_to(InputGoal goal, const InputTiming& timing, double decision_s) {
    adjust(goal, timing, decision_s);
    return goal;
}

InputGoal carried(const GoalWindow& window, InputGoal goal) {
    window.carry_on(goal);
    return goal;
}

InputGoal stated() {
    return {.objective = Objective::kMinimiseEnergy,
            .deadline_s = 0.1,
            .accuracy = 0.9,
            .period_s = 0.1};
}

}  // namespace

TEST_CASE("an input in time keeps its deadline and period, less the decision time") {
    const InputGoal goal = adjusted_to(
        stated(), {.now_s = 10, .deadline_at_s = 10.1, .next_arrival_at_s = 10.1}, 0.001);
    CHECK(*goal.deadline_s == Approx(0.099));
    CHECK(goal.period_s == Approx(0.1));
    CHECK(goal.objective == Objective::kMinimiseEnergy);
    CHECK_FALSE(goal.others_share);
    CHECK(*goal.accuracy == 0.9);
}

TEST_CASE("a late start shortens deadline and period") {
    const InputGoal goal = adjusted_to(
        stated(), {.now_s = 10.03, .deadline_at_s = 10.1, .next_arrival_at_s = 10.1}, 0.001);
    CHECK(*goal.deadline_s == Approx(0.069));
    CHECK(goal.period_s == Approx(0.07));
}

TEST_CASE("a start after the deadline leaves no time and no rest") {
    const InputGoal goal = adjusted_to(
        stated(), {.now_s = 10.13, .deadline_at_s = 10.1, .next_arrival_at_s = 10.1}, 0);
    CHECK(*goal.deadline_s == Approx(-0.03));
    CHECK(goal.period_s == 0);
}

TEST_CASE("inputs that share a deadline share what the earlier ones left") {
    // A sentence of four words, 400 ms; the first took 250 ms of them: 150 ms for three.
    const InputTiming second{
        .now_s = 5.25, .deadline_at_s = 5.4, .next_arrival_at_s = 5.3, .inputs_sharing = 3};
    CHECK(*adjusted_to(stated(), second, 0.002).deadline_s == Approx(0.048));
    // The first took 40 ms: 360 ms for three, more than its own share was.
    const InputTiming early{
        .now_s = 5.04, .deadline_at_s = 5.4, .next_arrival_at_s = 5.1, .inputs_sharing = 3};
    const InputGoal goal = adjusted_to(stated(), early, 0.002);
    CHECK(*goal.deadline_s == Approx(0.118));
    CHECK(goal.period_s == Approx(0.06));
    CHECK(goal.others_share);
}

TEST_CASE("without a deadline only the period is adjusted") {
    InputGoal goal = stated();
    goal.deadline_s.reset();
    goal = adjusted_to(goal, {.now_s = 10.04, .next_arrival_at_s = 10.1}, 0.001);
    CHECK_FALSE(goal.deadline_s);
    CHECK(goal.period_s == Approx(0.06));
}

TEST_CASE("the worst time is remembered and slowly forgotten") {
    WorstTime time;
    CHECK(time.worst_s() == 0);
    time.observe(1e-3);
    CHECK(time.worst_s() == 1e-3);
    time.observe(2e-6);
    CHECK(time.worst_s() == Approx(0.99e-3));
    for (int i = 0; i < 68; ++i) {
        time.observe(2e-6);
    }
    CHECK(time.worst_s() < 0.5e-3);  // 0.99^69 = 0.49984
    CHECK(time.worst_s() > 0.499e-3);
    for (int i = 0; i < 1000; ++i) {
        time.observe(2e-6);
    }
    CHECK(time.worst_s() == 2e-6);
}

TEST_CASE("a window of one input gives every input the stated goal") {
    GoalWindow window(1, 0.95);
    InputGoal goal = stated();
    goal.energy_j = 5;
    window.observe_accuracy(goal.accuracy, 0.1);
    window.observe_energy(goal.energy_j, 50.0);
    CHECK(*carried(window, goal).accuracy == 0.9);
    CHECK(*carried(window, goal).energy_j == 5);
}

TEST_CASE("accuracy that earlier inputs fell short of is asked of the next ones") {
    GoalWindow window(20, 0.99);
    CHECK(*carried(window, stated()).accuracy == 0.9);
    window.observe_accuracy(stated().accuracy, 0.8);
    CHECK(*carried(window, stated()).accuracy == Approx(0.905));  // 0.9 + 0.1 / 20
    window.observe_accuracy(stated().accuracy, 0.7);
    CHECK(*carried(window, stated()).accuracy == Approx(0.915));
    window.observe_accuracy(stated().accuracy, 1.0);
    CHECK(*carried(window, stated()).accuracy == Approx(0.91));
}

TEST_CASE("the accuracy goal carried on never exceeds what a configuration reaches") {
    GoalWindow window(20, 0.93);
    for (int i = 0; i < 5; ++i) {
        window.observe_accuracy(stated().accuracy, 0.1);
    }
    CHECK(*carried(window, stated()).accuracy == 0.93);
}

TEST_CASE("old accuracy debts and credits are bounded") {
    GoalWindow behind(20, 2);
    GoalWindow ahead(20, 2);
    for (int i = 0; i < 100; ++i) {
        behind.observe_accuracy(stated().accuracy, 0.1);
        ahead.observe_accuracy(stated().accuracy, 1.0);
    }
    CHECK(*carried(behind, stated()).accuracy == Approx(1.0));  // 0.9 + 2 / 20
    CHECK(*carried(ahead, stated()).accuracy == Approx(0.8));
}

TEST_CASE("energy that earlier inputs left is added to the next budget") {
    GoalWindow window(20, 0.95);
    InputGoal goal{.energy_j = 10};
    window.observe_accuracy(goal.accuracy, 0.9);
    window.observe_energy(goal.energy_j, 8.0);
    CHECK(*carried(window, goal).energy_j == Approx(9.6));  // 10 + (2 - 10) / 20: one is kept
    window.observe_accuracy(goal.accuracy, 0.9);
    window.observe_energy(goal.energy_j, 15.0);
    CHECK(*carried(window, goal).energy_j == Approx(9.35));
    CHECK_FALSE(carried(window, goal).accuracy);
}

TEST_CASE("the energy budget of one input stays within its bounds") {
    InputGoal goal{.energy_j = 10};
    GoalWindow spent(20, 0.95);
    GoalWindow saved(2, 0.95);
    for (int i = 0; i < 100; ++i) {
        spent.observe_accuracy(goal.accuracy, 0.9);
        spent.observe_energy(goal.energy_j, 40.0);
        saved.observe_accuracy(goal.accuracy, 0.9);
        saved.observe_energy(goal.energy_j, 0.0);
    }
    CHECK(*carried(spent, goal).energy_j == Approx(3));   // not below 0.3 E_goal
    CHECK(*carried(saved, goal).energy_j == Approx(15));  // two budgets but one, over two inputs
}

TEST_CASE(
    "what was overdrawn is paid back in full, what was left is forgotten beyond two budgets") {
    const InputGoal goal{.energy_j = 10};
    GoalWindow window(20, 0.95);
    for (int i = 0; i < 5; ++i) {
        window.observe_accuracy(goal.accuracy, 0.9);
        window.observe_energy(goal.energy_j, 20.0);
    }
    CHECK(*carried(window, goal).energy_j == Approx(7));  // 10 - (50 + 10) / 20
    for (int i = 0; i < 5; ++i) {
        window.observe_accuracy(goal.accuracy, 0.9);
        window.observe_energy(goal.energy_j, 0.0);
    }
    CHECK(*carried(window, goal).energy_j == Approx(9.5));  // nothing owed, nothing kept yet
    for (int i = 0; i < 5; ++i) {
        window.observe_accuracy(goal.accuracy, 0.9);
        window.observe_energy(goal.energy_j, 0.0);
    }
    CHECK(*carried(window, goal).energy_j == Approx(10.5));  // 10 + (2 - 1) * 10 / 20
}

TEST_CASE("budgets that differ from input to input are carried on in joules") {
    GoalWindow window(20, 0.95);
    window.observe_energy(30.0, 20.0);
    window.observe_energy(5.0, 11.0);
    CHECK(*carried(window, InputGoal{.energy_j = 8}).energy_j ==
          Approx(7.8));  // 8 + (10 - 6 - 8) / 20
}

TEST_CASE("what was stated is told beside what is carried on") {
    GoalWindow window(20, 0.95);
    InputGoal goal = stated();
    goal.energy_j = 10;
    window.observe_accuracy(goal.accuracy, 0.8);
    window.observe_energy(goal.energy_j, 12.0);
    CHECK(*carried(window, goal).stated_accuracy == 0.9);
    CHECK(*carried(window, goal).stated_energy_j == 10);
    CHECK_FALSE(carried(GoalWindow(1, 0.95), goal).stated_accuracy);
    CHECK_FALSE(carried(GoalWindow(1, 0.95), goal).stated_energy_j);
}

TEST_CASE("an input of unknown energy changes no budget") {
    GoalWindow window(20, 0.95);
    const InputGoal goal{.energy_j = 10};
    window.observe_accuracy(goal.accuracy, 0.9);
    CHECK(*carried(window, goal).energy_j == Approx(9.5));  // as at the start
}

TEST_CASE("a run whose inputs follow their budgets ends with a budget in hand") {
    // Each spends up to 30 % more or less than its budget, in turn; the last one more.
    GoalWindow window(20, 0.95);
    const InputGoal goal{.energy_j = 10};
    double spent_j = 0;
    for (int n = 0; n < 301; ++n) {
        const double energy_j = *carried(window, goal).energy_j * (n % 2 == 0 ? 1.3 : 0.7);
        window.observe_energy(goal.energy_j, energy_j);
        spent_j += energy_j;
    }
    CHECK(spent_j < 301 * 10.0);
    CHECK(spent_j > 299 * 10.0);
}
