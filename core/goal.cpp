#include "core/goal.h"

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

Goal adjusted_to(const Goal& stated, const InputTiming& timing, double decision_s) {
    Goal goal = stated;
    if (stated.deadline_s) {
        goal.deadline_s =
            (timing.deadline_at_s - timing.now_s) / timing.inputs_sharing - decision_s;
    }
    goal.period_s = std::max(0.0, timing.next_arrival_at_s - timing.now_s);
    goal.interval_s = stated.period_s;
    goal.others_share = timing.inputs_sharing > 1;
    return goal;
}

GoalWindow::GoalWindow(int inputs, double best_accuracy)
    : inputs_(inputs), best_accuracy_(best_accuracy) {}

Goal GoalWindow::carried(const Goal& stated) const {
    if (inputs_ <= 1) {
        return stated;
    }
    Goal goal = stated;
    if (stated.accuracy) {  // E13: Q_n
        goal.stated_accuracy = stated.accuracy;
        goal.accuracy = std::min(best_accuracy_, *stated.accuracy + accuracy_debt_ / inputs_);
    }
    if (stated.energy_j) {  // E13: E_n
        goal.stated_energy_j = stated.energy_j;
        goal.energy_j = std::clamp(*stated.energy_j + energy_credit_j_ / inputs_,
                                   kLeastBudget * *stated.energy_j, kMostBudget * *stated.energy_j);
    }
    return goal;
}

void GoalWindow::observe_accuracy(const Goal& stated, double delivered) {
    if (stated.accuracy) {
        accuracy_debt_ =
            std::clamp(accuracy_debt_ + *stated.accuracy - delivered, -kDebtLimit, kDebtLimit);
    }
}

void GoalWindow::observe_energy(const Goal& stated, double energy_j) {
    if (stated.energy_j) {
        energy_credit_j_ = std::clamp(energy_credit_j_ + *stated.energy_j - energy_j,
                                      -inputs_ * *stated.energy_j, kDebtLimit * *stated.energy_j);
    }
}

}  // namespace alert
