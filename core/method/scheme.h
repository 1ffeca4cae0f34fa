#pragma once

#include "alert/controller.h"
#include "core/method/goal.h"

namespace alert {

/// Idle power is not learnt from an idle time shorter than this (s).
inline constexpr double kLeastIdle_s = 1e-3;

/// A way to choose a configuration for every input.
class Scheme {
   public:
    virtual ~Scheme() = default;
    virtual Decision next(const InputGoal& goal) = 0;
    virtual void observe(const Outcome& outcome) = 0;
    /// Reads what the next two calls will read, so that it is in the processor's caches; for
    /// callers that wait for the next input anyway. Changes nothing.
    virtual void rehearse(const InputGoal&) {}
};

}  // namespace alert
