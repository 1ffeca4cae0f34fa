#include "core/method/goal.h"

#include <algorithm>

namespace alert {

namespace {
// An outlier loses half its weight in about 70 inputs.
constexpr double kForgetting = 0.99;
// D_Q is clamped to +-2, D_E to no more than 2 budgets (E13): what was left long ago is gone. What
// was overdrawn is paid back in full.
constexpr double kDebtLimit = 2;
constexpr double kMostBudget = 3;
}  // namespace

void WorstTime::observe(double took_s) {
    worst_s_ = std::max(took_s, kForgetting * worst_s_);
}

void adjust(Goal& goal, const InputTiming& timing, double decision_s) {
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

void GoalWindow::carry_on(Goal& goal) const {
    if (inputs_ <= 1) {
        return;
    }
    if (goal.accuracy) {  // E13: Q_n
        goal.stated_accuracy = goal.accuracy;
        goal.accuracy = std::min(best_accuracy_, *goal.accuracy + accuracy_debt_ / inputs_);
    }
    if (goal.energy_j) {  // E13: E_n
        goal.stated_energy_j = goal.energy_j;
        goal.energy_j = std::clamp(*goal.energy_j + energy_credit_j_ / inputs_,
                                   kLeastBudget * *goal.energy_j, kMostBudget * *goal.energy_j);
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
