#pragma once

#include <cstddef>
#include <random>

#include "alert/profile.h"
#include "core/method/estimate.h"
#include "core/method/goal.h"

/// The equations once more, in double precision, one configuration at a time and as they are
/// printed: what core/ is held against.
namespace alert::reference {

struct Expected {
    double probability = 0;
    double accuracy = 0;
    double latency_s = 0;
    double energy_j = 0;
    double energy_bound_j = 0;
};

Expected expected_of(const Profile& profile, std::size_t configuration, const Belief& belief,
                     const InputGoal& goal);

/// Some settings, each with traditional and anytime models of one to six stages, shuffled.
/// `coarse` rounds latencies, powers and accuracies so far that many configurations tie.
Profile random_profile(std::mt19937_64& random, bool has_power, bool coarse);

Belief random_belief(std::mt19937_64& random);

/// Any objective, each constraint there or not, about as tight as random_profile can bear.
InputGoal random_goal(std::mt19937_64& random, bool has_power);

}  // namespace alert::reference
