#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>

#include "alert/goal.h"
#include "alert/profile.h"

namespace alert {

class AlertScheme;

/// How the slowdown of the machine is estimated.
enum class Estimator {
    kPaper,       ///< the paper's Gaussian (E4)
    kCalibrated,  ///< its distribution as observed (E15, E17)
};

/// What to run next, and what was expected of it when it was chosen.
struct Decision {
    std::size_t configuration = 0;     ///< index into Profile::configurations
    bool feasible = true;              ///< false: no configuration keeps every constraint
    double deadline_probability = 1;   ///< E6; an anytime network's is that of its first stage
    double accuracy = 0;               ///< E7, E8
    std::optional<double> energy_j{};  ///< E9; empty without a power profile
    double xi_mean = 1;                ///< mu(n-1), the slowdown the decision was made with
    double xi_std = 0;                 ///< sigma(n-1)
    double xi_expected = 1;            ///< by which a stage is expected to fit, or not
    double idle_ratio = 0;             ///< phi(n-1)
    bool certain = false;  ///< known, not expected, to end in time: no stage is left out
};

/// What became of a decision. Nothing is known of an input that never started.
struct Outcome {
    /// The output that answered: the configuration chosen or, when an anytime network was
    /// stopped earlier, that stage's.
    std::size_t configuration = 0;
    double latency_s = 0;                  ///< from the start of the inference to that output
    std::optional<double> idle_power_w{};  ///< mean power in the idle time of the period
    /// When each stage that was run ended, from the start of the inference; empty for a traditional
    /// network. One more than answered: it came too late. The caller's, for the call.
    std::span<const double> stages_s{};
};

struct ControllerOptions {
    Estimator estimator = Estimator::kCalibrated;
};

/// ALERT: before every input the best configuration for the goal, learning from what became of the
/// inputs before. It reads no clock, sets no power and runs no network; the program that embeds it
/// does:
///
///     alert::Controller controller(profile);
///     const alert::Decision decision = controller.next({.deadline_s = 0.02, .accuracy = 0.9});
///     // set the power, run profile.configurations[decision.configuration], then say how it went:
///     controller.observe({.configuration = decision.configuration, .latency_s = 0.013});
///
/// These two calls take every input by itself. Deadlines that inputs share, late starts, goals kept
/// on average and stages that are left out are an InputCycle's (alert/input_cycle.h), which is made
/// with a controller; a program calls either.
///
/// Not thread-safe; different controllers share nothing. Can be moved, not copied.
class Controller {
   public:
    /// Copies the profile. Throws RequestError where it has no configuration, a latency is not
    /// positive, a probability or an index is out of its range, or a network lacks a stage.
    explicit Controller(const Profile& profile, const ControllerOptions& options = {});
    ~Controller();
    Controller(const Controller&) = delete;
    Controller& operator=(const Controller&) = delete;
    Controller(Controller&&) noexcept;
    Controller& operator=(Controller&&) noexcept;

    /// The profile that decisions refer to.
    const Profile& profile() const;

    /// Chooses for the input that starts now (E6-E12, E17); `goal.deadline_s` counts from here.
    /// Throws RequestError as InputCycle does for a goal that is wrong. Otherwise it allocates
    /// nothing, takes no lock and makes no system call; some microseconds for a thousand
    /// configurations.
    Decision next(const Goal& goal);

    /// Learns from an input that was run (E4 or E15; E5). Of an input that never started there
    /// is nothing to learn. Throws RequestError where there is no such configuration, or the
    /// latency is no time. Otherwise it allocates nothing.
    void observe(const Outcome& outcome);

    /// Reads what the next two calls will read, so that they find it in the processor's caches: for
    /// who has to wait for the next input anyway. Changes nothing.
    void rehearse(const Goal& goal);

   private:
    friend class InputCycle;
    std::unique_ptr<AlertScheme> scheme_;
};

}  // namespace alert
