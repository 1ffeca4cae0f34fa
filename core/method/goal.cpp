#include "core/method/goal.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "alert/error.h"

namespace alert {

namespace {
// An outlier loses half its weight in about 70 inputs.
constexpr double kForgetting = 0.99;
// D_Q is clamped to +-2, D_E to at most 2 budgets (E13): old savings expire. Energy that was
// overdrawn is paid back in full.
constexpr double kDebtLimit = 2;
constexpr double kMostBudget = 3;
// A budget that is saved and kept (E13): what a single input may overdraw, also the last one.
constexpr double kReserve = 1;

void refuse(const char* what, double value, const char* remedy) {
    throw RequestError("the goal's " + std::string(what) + " is " + std::to_string(value) + ": " +
                       remedy);
}

void check(const Goal& stated) {
    if (!stated.deadline_s && !stated.accuracy && !stated.energy_j) {
        throw RequestError(
            "the goal has no constraint: give at least one of deadline_s, accuracy and energy_j");
    }
    if (!stated.deadline_s && !stated.period_s) {
        throw RequestError(
            "the goal has neither deadline_s nor period_s, so it is not known when inputs arrive; "
            "give period_s, 0 if one follows the other");
    }
    // A comparison with NaN is false.
    const auto positive = [](double value) { return value > 0 && std::isfinite(value); };
    if (stated.deadline_s && !positive(*stated.deadline_s)) {
        refuse("deadline_s", *stated.deadline_s, "give seconds above 0");
    }
    if (stated.energy_j && !positive(*stated.energy_j)) {
        refuse("energy_j", *stated.energy_j, "give joules above 0");
    }
    if (stated.accuracy && !(*stated.accuracy >= 0 && *stated.accuracy <= 1)) {
        refuse("accuracy", *stated.accuracy, "give a share from 0 to 1");
    }
    if (stated.period_s && *stated.period_s != 0 && !positive(*stated.period_s)) {
        refuse("period_s", *stated.period_s, "give seconds, or 0 if inputs follow one another");
    }
    if (stated.confidence && !(*stated.confidence >= 0 && *stated.confidence < 1)) {
        refuse("confidence", *stated.confidence, "give a probability from 0 to below 1");
    }
}
}  // namespace

Objective objective_of(const Goal& goal) {
    if (goal.objective) {
        return *goal.objective;
    }
    if (!goal.accuracy) {
        return Objective::kMaximiseAccuracy;
    }
    return goal.energy_j && !goal.deadline_s ? Objective::kMinimiseLatency
                                             : Objective::kMinimiseEnergy;
}

InputGoal input_goal(const Goal& stated) {
    check(stated);
    InputGoal goal{.objective = objective_of(stated),
                   .deadline_s = stated.deadline_s,
                   .accuracy = stated.accuracy,
                   .energy_j = stated.energy_j,
                   .period_s = stated.period_s ? *stated.period_s : *stated.deadline_s,
                   .deadline_confidence = stated.confidence.value_or(kDeadlineConfidence)};
    if (stated.confidence && *stated.confidence > 0) {
        goal.energy_confidence = stated.confidence;
    }
    return goal;
}

void require_power(std::optional<double> energy_goal_j, bool has_power) {
    if (energy_goal_j && !has_power) {
        throw RequestError(
            "the goal has energy_j, but the profile has no power: give power_w of every "
            "configuration, "
            "or leave energy_j out");
    }
}

void WorstTime::observe(double took_s) {
    worst_s_ = std::max(took_s, kForgetting * worst_s_);
}

void adjust(InputGoal& goal, const InputTiming& timing, double decision_s) {
    if (goal.deadline_s) {
        *goal.deadline_s =
            (timing.deadline_at_s - timing.now_s) / timing.inputs_sharing - decision_s;
    }
    goal.interval_s = goal.period_s;
    goal.period_s = std::max(0.0, timing.next_arrival_at_s - timing.now_s);
    goal.others_share = timing.inputs_sharing > 1;
}

GoalWindow::GoalWindow(int inputs, double best_accuracy)
    : inputs_(inputs), best_accuracy_(best_accuracy) {}

void GoalWindow::carry_on(InputGoal& goal) const {
    if (inputs_ <= 1) {
        return;
    }
    if (goal.accuracy) {  // E13: Q_n
        goal.stated_accuracy = goal.accuracy;
        goal.accuracy = std::min(best_accuracy_, *goal.accuracy + accuracy_debt_ / inputs_);
    }
    if (goal.energy_j) {  // E13: E_n
        const double stated_j = *goal.energy_j, reserve_j = kReserve * stated_j;
        goal.stated_energy_j = stated_j;
        goal.energy_j = std::clamp(stated_j + (energy_credit_j_ - reserve_j) / inputs_,
                                   kLeastBudget * stated_j, kMostBudget * stated_j);
    }
}

void GoalWindow::observe_accuracy(std::optional<double> stated, double delivered) {
    if (stated) {
        accuracy_debt_ = std::clamp(accuracy_debt_ + *stated - delivered, -kDebtLimit, kDebtLimit);
    }
}

void GoalWindow::observe_energy(std::optional<double> stated_j, double energy_j) {
    if (stated_j) {
        energy_credit_j_ = std::clamp(energy_credit_j_ + *stated_j - energy_j, -inputs_ * *stated_j,
                                      kDebtLimit * *stated_j);
    }
}

}  // namespace alert
