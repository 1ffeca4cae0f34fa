#pragma once

#include <cstddef>

#include "core/method/estimate.h"
#include "core/method/goal.h"

namespace alert {

/// An accuracy goal counts as met within this. When a debt asks for the best accuracy that there is
/// (E13), a chance of one in ten thousand of being late must not rule a configuration out: such
/// chances fade from input to input, and rounding would decide when they no longer matter.
inline constexpr float kAccuracySlack = 1e-4F;

struct Selection {
    std::size_t slot = 0;
    bool feasible = true;  ///< false: no slot keeps every constraint
};

/// E12: the feasible slot (E10, E11) that is best for the objective; ties go to less energy, then
/// less latency. If none is feasible: of those with the highest deadline probability the best
/// accuracy, then the least energy, where every probability above the requested confidence counts
/// as equal. Uses `estimates.score()` as work space; does not allocate.
Selection select(Estimates& estimates, const InputGoal& goal);

}  // namespace alert
