#pragma once

#include <optional>

namespace alert {

/// What is made as good as the constraints allow.
enum class Objective {
    kMinimiseEnergy,    ///< E1
    kMaximiseAccuracy,  ///< E2
    kMinimiseLatency,   ///< E3
};

/// What a program asks of its inputs: at least one constraint, and what is made best within them.
/// A constraint that is not given is empty.
///
///     {.deadline_s = 0.02, .accuracy = 0.9}                     least energy
///     {.deadline_s = 0.02, .energy_j = 1.0}                     best accuracy
///     {.accuracy = 0.9, .energy_j = 1.0, .period_s = 0.05}      least latency
struct Goal {
    /// Empty: follows from the constraints, see objective_of().
    std::optional<Objective> objective{};
    std::optional<double> deadline_s{};  ///< T_goal: latest answer, from the arrival of an input
    std::optional<double> accuracy{};    ///< Q_goal, 0 to 1: least, on average
    /// E_goal: most energy of an input, the idle time of its period included, on average.
    std::optional<double> energy_j{};
    /// T_period: time between arrivals; 0: an input arrives when the one before it is done.
    /// Empty: the deadline. Needed where there is no deadline.
    std::optional<double> period_s{};
    /// Pr_th, from 0 to below 1: a configuration may be chosen only where it meets the deadline
    /// (E10), and keeps the energy goal (E11), with this probability. Empty: kDeadlineConfidence
    /// for the deadline, energy on average. 0: both on average.
    std::optional<double> confidence{};
};

/// Pr_th of the deadline where none is stated.
inline constexpr double kDeadlineConfidence = 0.9;

/// The objective stated or, where none is, the one that follows from the constraints: with an
/// accuracy goal the least energy, without one the best accuracy; with accuracy and energy goals
/// but no deadline the least latency.
Objective objective_of(const Goal& goal);

}  // namespace alert
