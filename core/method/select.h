#pragma once

#include <cstddef>

#include "core/method/estimate.h"
#include "core/method/goal.h"

namespace alert {

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
