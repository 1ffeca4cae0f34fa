#pragma once

#include <cstddef>
#include <memory>
#include <optional>

#include "alert/controller.h"
#include "alert/goal.h"
#include "alert/profile.h"

namespace alert {

class Scheme;

/// The place of an input among those that share its deadline: a word in its sentence.
struct GroupPlace {
    std::size_t group = 0;     ///< 0, 1, 2, ... in order of arrival
    std::size_t position = 0;  ///< within the group
    std::size_t size = 1;

    bool first() const { return position == 0; }
    bool last() const { return position + 1 == size; }
    int left() const { return static_cast<int>(size - position); }  ///< this one included
};

/// What holds for every input of a cycle.
struct CycleOptions {
    /// Stated for every input that brings none of its own. Deadline and period are those of a group
    /// where inputs share a deadline.
    Goal goal{};
    /// W of E13: inputs over which accuracy and energy are balanced; 1: each by itself.
    int window = 20;
    /// How many inputs share a deadline, on average; empty: every input has one of its own.
    std::optional<double> inputs_per_group{};
};

/// An input whose turn has come. All times are seconds on one clock of the caller's.
struct Arrival {
    double at_s = 0;     ///< when it arrived; of inputs that share a deadline, their group
    GroupPlace place{};  ///< among the inputs that share its deadline
    /// Of this input or, where it is the first of a group, of the group; null: as stated for all.
    /// Read during the call only.
    const Goal* goal = nullptr;
};

/// What became of one input. Configurations are indices into Profile::configurations.
struct InputResult {
    std::optional<std::size_t> group{};  ///< that shares the deadline; empty: the input's own
    Decision decision{};
    std::size_t configuration = 0;      ///< that answered: the one chosen or an earlier stage of it
    std::optional<double> latency_s{};  ///< start of the inference to the answer
    std::optional<double> response_s{};  ///< arrival to the answer; both empty: it never started
    bool met_deadline = false;
};

/// What is to be done after a stage.
struct AfterStage {
    bool answers = false;  ///< this output is the answer so far; else the one before remains it
    bool go_on = false;    ///< run the next stage
};

/// What the energy of a closed input is made of, beside what is spent in its time.
struct EnergyAccount {
    std::optional<double> goal_j{};  ///< of this input
    double idle_j = 0;               ///< of the idle time of its group's period
};

/// The life of every input: it arrives, a configuration is chosen for it, stages run or are left
/// out, one output is the answer, and what became of it is learnt. Keeps what goes from one input
/// to the next: goals over a window (E13), shared deadlines and the energy of a shared period, the
/// worst decision time (step 2). The program that embeds it brings clock, networks and, where it
/// has them, power knob and meter:
///
///     alert::InputCycle cycle(controller, {.goal = {.deadline_s = 0.02, .accuracy = 0.9}});
///
///     const alert::Decision& decision = cycle.arrived({.at_s = arrived_at_s}, now_s());
///     set_power(decision.configuration);
///     if (cycle.ready(now_s())) {
///         const double start_s = now_s();
///         alert::AfterStage stage;
///         do {
///             auto output = run_next_stage();              // a traditional network has one
///             stage = cycle.stage_ended(now_s() - start_s);
///             if (stage.answers) { answer = output; }
///         } while (stage.go_on);
///     }
///     ...                                              // until the next input's turn
///     const alert::EnergyAccount account = cycle.closed(now_s(), idle_power_w);
///     cycle.settle(account, energy_j);                 // now or some inputs later
///
/// Without a meter the last two calls can be left out: arrived() closes the input before.
///
/// An input that never starts, because its deadline has passed or for the caller's reasons, is
/// closed all the same: it has missed its deadline, is worth a guess, and nothing is learnt from
/// it. No call allocates, locks or reads a clock, and none throws but arrived(). Not thread-safe.
/// Can be moved, not copied.
class InputCycle {
   public:
    /// The controller must outlive the cycle; it may be moved meanwhile. Throws RequestError where
    /// the goal has no constraint, a value is out of its range, nothing says when inputs arrive, or
    /// there is an energy goal and the profile has no power.
    InputCycle(Controller& controller, const CycleOptions& options);

    /// With another way to choose than the controller's, for code in core/ and its
    /// experiments. `profile` is what the scheme was made with; both must outlive the cycle.
    InputCycle(const Profile& profile, Scheme& scheme, const CycleOptions& options);

    ~InputCycle();
    InputCycle(const InputCycle&) = delete;
    InputCycle& operator=(const InputCycle&) = delete;
    InputCycle(InputCycle&&) noexcept;
    InputCycle& operator=(InputCycle&&) noexcept;

    /// The next input's turn: learns from the one before and chooses (E4-E13, E15, E17). Of
    /// inputs that share a deadline each has its turn when the one before it has answered. Closes
    /// the input before if that was not done. What is returned is valid until the next call. Throws
    /// RequestError where the input brings a goal that is wrong.
    const Decision& arrived(const Arrival& arrival, double now_s);

    /// The decision has taken effect: deciding took until now. False when the deadline has passed
    /// already, so that there is no use in starting. The inference starts now, if started() does
    /// not say otherwise.
    bool ready(double now_s);

    /// The inference starts now: where giving the input to the network took time.
    void started(double now_s);

    /// The configuration whose output the next stage gives: of the network chosen.
    std::size_t running() const;

    /// The network, or its next stage, has ended `elapsed_s` after the inference started.
    AfterStage stage_ended(double elapsed_s);

    /// What is known of the input so far. Valid until the next call of arrived().
    const InputResult& result() const;

    /// When the inference ended, so far; where it never started, when it could have.
    double end_s() const;

    /// The input's period is over: the next one's turn comes, or, behind the last, would come.
    /// `idle_power_w` is the mean power (W) since the inference ended, where it was measured; after
    /// an idle time shorter than a millisecond it is ignored.
    EnergyAccount closed(double now_s, std::optional<double> idle_power_w = std::nullopt);

    /// The energy (J) of a closed input, of what was spent between its turn and the next one's;
    /// counts it in the window (E13). Once per input, if at all: a meter may tell it some inputs
    /// later.
    double settle(const EnergyAccount& account, double spent_j);

    /// Learns from the input that was closed, which arrived() does otherwise: for who has time now
    /// and none then.
    void learn();

    /// Reads what arrived() will read; see Controller::rehearse().
    void rehearse();

   private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace alert
