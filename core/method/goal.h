#pragma once

#include <optional>

#include "alert/goal.h"

namespace alert {

/// An input is granted at least this share of the stated energy goal (E13), however much earlier
/// inputs have overdrawn.
inline constexpr double kLeastBudget = 0.3;

/// The goal of one input at the time of its decision, as passed to schemes. A constraint that was
/// not given is empty.
struct InputGoal {
    Objective objective = Objective::kMaximiseAccuracy;
    std::optional<double> deadline_s;  ///< T_goal, from the start of this input
    std::optional<double> accuracy;    ///< Q_goal
    std::optional<double> energy_j;    ///< E_goal, idle time of the period included
    /// T_period: time from the start of this input to the next arrival; 0 when inputs follow
    /// one another without idle time.
    double period_s = 0;
    /// Time between arrivals, in which an overrun is counted (E17); 0: no input waits for this one.
    double interval_s = 0;
    /// Whether later inputs have what this one leaves of a shared deadline.
    bool others_share = false;
    /// Pr_th of E10: a configuration is feasible only with at least this deadline probability.
    double deadline_confidence = 0;
    /// Pr_th of E11: the energy budget holds with this probability; empty: it holds on average.
    std::optional<double> energy_confidence;
    /// `accuracy` and `energy_j` before carrying over what earlier inputs saved or overdrew (E13);
    /// empty if nothing is carried over.
    std::optional<double> stated_accuracy, stated_energy_j;
};

/// The goal of an input that starts when it arrives and carries nothing over, as it follows from
/// the stated goal. Throws RequestError if that has no constraint, a value is out of range, or it
/// is not known when inputs arrive.
InputGoal input_goal(const Goal& stated);

/// Throws RequestError for an energy goal if the profile has no power.
void require_power(std::optional<double> energy_goal_j, bool has_power);

/// The worst-case time of a part of the loop, above all of the decision (step 2): a maximum that
/// decays slowly, so that one preempted decision does not shorten every later deadline.
class WorstTime {
   public:
    void observe(double took_s);
    double worst_s() const { return worst_s_; }

   private:
    double worst_s_ = 0;
};

/// The timing of an input when its decision is taken; all times in seconds on one clock.
struct InputTiming {
    double now_s = 0;
    double deadline_at_s = 0;      ///< when the (shared) deadline of this input passes
    double next_arrival_at_s = 0;  ///< when the next input is due
    int inputs_sharing = 1;        ///< inputs left that share the deadline, this one included
};

/// Step 2: turns a stated goal into that of the input that starts now. Subtracts the decision time,
/// what earlier inputs have used of a shared deadline, and the delay of a late start.
void adjust(InputGoal& goal, const InputTiming& timing, double decision_s);

/// Goals that hold on average (E13): carries over what earlier inputs saved or overdrew.
class GoalWindow {
   public:
    /// `inputs` is W; with 1 every input has the stated goal (as in the paper). `best_accuracy` is
    /// q_max, the accuracy of the best configuration.
    GoalWindow(int inputs, double best_accuracy);

    /// Turns a stated goal into that of the next input.
    void carry_on(InputGoal& goal) const;
    void observe_accuracy(std::optional<double> stated, double delivered);
    /// Separate, as a slowly updated meter shows the energy of an input some inputs later.
    void observe_energy(std::optional<double> stated_j, double energy_j);

   private:
    double inputs_;
    double best_accuracy_;
    double accuracy_debt_ = 0;    // D_Q
    double energy_credit_j_ = 0;  // D_E
};

}  // namespace alert
