#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "core/method/goal.h"

namespace alert {

/// What to run next, and what was expected of it when it was chosen.
struct Decision {
    std::size_t configuration = 0;    ///< index into Profile::configurations
    bool feasible = true;             ///< false: no configuration keeps every constraint
    double deadline_probability = 1;  ///< E6; an anytime model's is that of its first stage
    double accuracy = 0;              ///< E7, E8
    std::optional<double> energy_j;   ///< E9; empty without a power profile
    double xi_mean = 1;               ///< mu(n-1), the slowdown the decision was made with
    double xi_std = 0;                ///< sigma(n-1)
    double xi_expected = 1;           ///< by which a stage is expected to fit, or not
    double idle_ratio = 0;            ///< phi(n-1)
    bool certain = false;             ///< known, not expected, to end in time: no stage is left out
};

/// A rest that is shorter (s) says nothing about the power at rest.
inline constexpr double kLeastRest_s = 1e-3;

/// What became of a decision. Nothing is known of an input that never started.
struct Outcome {
    /// The output that answered: the configuration chosen or, when an anytime model was
    /// stopped earlier, that stage's.
    std::size_t configuration = 0;
    double latency_s = 0;                ///< from the start of the inference to that output
    std::optional<double> idle_power_w;  ///< mean power in the idle rest of the period
    /// When each stage that was run ended, from the start of the inference; empty for a traditional
    /// model. One more than answered: it came too late. The caller's, for the call.
    std::span<const double> stages_s;
};

/// One way to choose a configuration for every input.
class Scheme {
   public:
    virtual ~Scheme() = default;
    virtual Decision next(const Goal& goal) = 0;
    virtual void observe(const Outcome& outcome) = 0;
    /// Reads what the next two calls will read, so that they find it in the processor's caches: for
    /// who has to wait for the next input anyway. Changes nothing.
    virtual void rehearse(const Goal&) {}
};

}  // namespace alert
