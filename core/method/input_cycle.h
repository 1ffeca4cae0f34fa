#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "alert/profile.h"
#include "core/method/anytime.h"
#include "core/method/goal.h"
#include "core/method/group.h"
#include "core/method/scheme.h"

namespace alert {

/// What holds for every input of a cycle.
struct CycleOptions {
    /// Stated for every input that brings none of its own. `deadline_s` counts from the arrival;
    /// `period_s` is the time between arrivals (of groups, where inputs share a deadline), 0 where
    /// an input arrives when the one before it is done.
    Goal goal;
    int window = 20;  ///< W of E13
    /// How many inputs share a deadline, on average; empty: every input has one of its own.
    std::optional<double> inputs_per_group;
};

/// An input whose turn has come. All times are seconds on one clock of the caller's.
struct Arrival {
    double at_s = 0;   ///< when it arrived; of inputs that share a deadline, their group
    GroupPlace place;  ///< among the inputs that share its deadline
    /// Of this input or, where it is the first of a group, of the group; null: as stated for all.
    const Goal* goal = nullptr;
};

/// What became of one input. Configurations are indices into Profile::configurations.
struct InputResult {
    std::optional<std::size_t> group;  ///< that shares the deadline; empty: the input's own
    Decision decision;
    std::size_t configuration = 0;     ///< that answered: the one chosen or an earlier stage of it
    std::optional<double> latency_s;   ///< start of the inference to the answer
    std::optional<double> response_s;  ///< arrival to the answer; both are empty: it never started
    bool met_deadline = false;
};

/// What is to be done after a stage.
struct AfterStage {
    bool answers = false;  ///< this output is the answer so far; else the one before remains it
    bool go_on = false;    ///< run the next stage
};

/// What the energy of a closed input is made of, beside what is spent in its time.
struct EnergyAccount {
    std::optional<double> goal_j;  ///< of this input
    double rest_j = 0;             ///< of the rest of its group's period; see GroupEnergy
};

/// The life of every input: it arrives, a configuration is chosen for it, stages run or are left
/// out, one output is the answer, and what became of it is learnt. Keeps what goes from one input
/// to the next: goals over a window (E13), shared deadlines and the energy of a shared period, the
/// worst decision time (step 2). A run brings a clock, a knob and a meter to it, a replay a trace,
/// another program its own loop:
///
///     const Decision& decision = cycle.arrived({.at_s = arrived_at_s}, now_s());
///     set_power(decision.configuration);
///     if (cycle.ready(now_s())) {
///         const double start_s = now_s();
///         AfterStage stage;
///         do {
///             auto output = run_next_stage();
///             stage = cycle.stage_ended(now_s() - start_s);
///             if (stage.answers) { answer = output; }
///         } while (stage.go_on);
///     }
///     ...                                              // until the next input's turn
///     const EnergyAccount account = cycle.closed(now_s(), power_at_rest_w);
///     cycle.settle(account, energy_j);                 // now or some inputs later
///
/// An input that never starts, because its deadline has passed or for the caller's reasons, is
/// closed all the same: it has missed its deadline, is worth a guess, and nothing is learnt from
/// it. No call allocates, locks or reads a clock. Not thread-safe.
class InputCycle {
   public:
    /// `profile` is what the scheme was made with; both must outlive the cycle.
    InputCycle(const Profile& profile, Scheme& scheme, const CycleOptions& options);

    /// The next input's turn: learns from the one before and chooses. Of inputs that share a
    /// deadline each has its turn when the one before it has answered. Closes the input before if
    /// that was not done. The decision stands until the next call.
    const Decision& arrived(const Arrival& arrival, double now_s);

    /// The decision has taken effect: deciding took until now. False when the deadline has passed
    /// already, so that there is no use in starting. The inference starts now, if started() does
    /// not say otherwise.
    bool ready(double now_s);

    /// The inference starts now: where giving the input to the network took time.
    void started(double now_s) { start_s_ = now_s; }

    /// The configuration whose output the next stage gives: of the network chosen.
    std::size_t running() const { return running_; }

    /// The network, or its next stage, has ended `elapsed_s` after the inference started.
    AfterStage stage_ended(double elapsed_s);

    /// What is known of the input so far.
    const InputResult& result() const { return result_; }

    /// When the inference ended, so far; where it never started, when it could have.
    double end_s() const { return start_s_ + elapsed_s_; }

    /// The input's period is over: the next one's turn comes, or, behind the last, would come.
    /// `rest_power_w` is the mean power since the inference ended, where it was measured; after a
    /// rest shorter than kLeastRest_s it says nothing.
    EnergyAccount closed(double now_s, std::optional<double> rest_power_w = std::nullopt);

    /// The energy of a closed input, of what was spent between its turn and the next one's; counts
    /// it in the window (E13). Once per input, if at all: a meter may tell it some inputs later.
    double settle(const EnergyAccount& account, double spent_j);

    /// Tells the scheme what became of the input that was closed, which arrived() does otherwise:
    /// for who has time now and none then.
    void learn();

    /// Reads what arrived() will read (see Scheme::rehearse()).
    void rehearse() { scheme_.rehearse(goal_); }

   private:
    void begin_group(const Arrival& arrival);
    bool goes_on(double elapsed_s, std::size_t next) const;
    double believed_rest_power_w() const;

    const Profile& profile_;
    Scheme& scheme_;
    CycleOptions options_;
    StageTable stages_;
    GoalWindow window_;
    WorstTime decision_time_;
    std::optional<double> rest_power_w_;  // as last measured

    // Of the group of the moment, which may be of one.
    Goal goal_;  // as stated, with the energy goal of its inputs
    bool has_own_goal_ = false;
    GroupEnergy group_energy_;
    double arrival_s_ = 0, deadline_at_s_ = 0, share_s_ = 0;

    // Of the input of the moment.
    InputResult result_;
    GroupPlace place_;
    bool open_ = false;
    double turn_s_ = 0, start_s_ = 0, elapsed_s_ = 0;
    int stage_ = 0;                 // that runs, or ran last
    std::size_t running_ = 0;       // its configuration
    std::vector<double> stages_s_;  // when each ended
    Outcome outcome_;
    bool learnt_ = true;  // the scheme was told of it
};

}  // namespace alert
