#pragma once

#include <optional>

#include "alert/goal.h"

namespace alert {

/// An input is granted no less than this share of the stated energy goal (E13), whatever inputs
/// before it overdrew.
inline constexpr double kLeastBudget = 0.3;

/// What one input must keep, from the moment its decision is taken. A constraint that was not given
/// is empty. Schemes are asked with this.
struct InputGoal {
    Objective objective = Objective::kMaximiseAccuracy;
    std::optional<double> deadline_s;  ///< T_goal, from the start of this input
    std::optional<double> accuracy;    ///< Q_goal
    std::optional<double> energy_j;    ///< E_goal, idle time of the period included
    /// T_period: time from the start of this input to the next arrival; 0 when inputs follow
    /// one another without idle time.
    double period_s = 0;
    /// Time between arrivals, in which an overrun is counted (E17); 0: nobody waits for this input.
    double interval_s = 0;
    /// Inputs after this one have what it leaves of their common deadline.
    bool others_share = false;
    /// Pr_th of E10: a configuration is feasible only with at least this deadline probability.
    double deadline_confidence = 0;
    /// Pr_th of E11: the energy budget holds with this probability; empty: it holds on average.
    std::optional<double> energy_confidence;
    /// `accuracy` and `energy_j` before what earlier inputs left or overdrew was carried on (E13);
    /// empty where nothing is carried.
    std::optional<double> stated_accuracy, stated_energy_j;
};

/// The goal of an input that starts when it arrives, nothing carried on: what follows from what is
/// stated. Throws RequestError if a goal has no constraint, a value is out of its range, or
/// nothing says when inputs arrive.
InputGoal input_goal(const Goal& stated);

/// Throws RequestError for an energy goal where the profile has no power.
void require_power(std::optional<double> energy_goal_j, bool has_power);

/// The longest that something of the loop takes, a decision above all (step 2). A slowly forgotten
/// maximum: one preempted decision must not shorten every deadline that follows.
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

/// Step 2: makes a stated goal that of the input that starts now. Takes off the decision time, what
/// earlier inputs took of a shared deadline, and what a late start took of deadline and period.
void adjust(InputGoal& goal, const InputTiming& timing, double decision_s);

/// Goals meant on average (E13): what earlier inputs left or overdrew is carried on.
class GoalWindow {
   public:
    /// `inputs` is W; 1 gives every input the stated goal (the paper's reading).
    /// `best_accuracy` is q_max, the best that any configuration reaches.
    GoalWindow(int inputs, double best_accuracy);

    /// Makes a stated goal that of the next input.
    void carry_on(InputGoal& goal) const;
    void observe_accuracy(std::optional<double> stated, double delivered);
    /// Apart, as a slowly updated meter shows the energy of an input some inputs later.
    void observe_energy(std::optional<double> stated_j, double energy_j);

   private:
    double inputs_;
    double best_accuracy_;
    double accuracy_debt_ = 0;    // D_Q
    double energy_credit_j_ = 0;  // D_E
};

}  // namespace alert
