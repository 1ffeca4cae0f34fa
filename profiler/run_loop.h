#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "core/anytime.h"
#include "core/goal.h"
#include "core/group.h"
#include "core/profile.h"
#include "core/scheme.h"
#include "profiler/clock.h"
#include "profiler/engine/engine.h"
#include "profiler/meter/energy_spread.h"
#include "profiler/power/platform.h"

namespace alert {

struct RunOptions {
    Goal goal;               ///< stated for every input; deadline_s counts from its arrival
    std::size_t inputs = 0;  ///< data is used again from its start when it ends
    double period_s = 0;     ///< between arrivals
    /// Whose inputs arrive together and share one deadline; one follows the other without a rest.
    Groups groups{};
    bool paced = true;  ///< false: an input arrives when the one before it is done
    int window = 20;    ///< W of E13
};

/// What became of one input. Indices are into the profile; what was not measured is empty.
struct InputRecord {
    std::int64_t n = 0;
    std::optional<std::size_t> group;  ///< that shares the deadline; empty: the input's own
    Decision decision;
    /// The configuration that answered: the one chosen or an earlier stage of it.
    std::size_t configuration = 0;
    std::optional<double> latency_s;  ///< start of the inference to the answer
    std::optional<double>
        response_s;  ///< arrival (of its group) to the answer; empty when it never started
    bool met_deadline = false;
    std::optional<double> energy_j;  ///< until the next input begins; see GroupEnergy
    std::optional<bool> correct;     ///< a late answer is false
    double decision_s = 0;           ///< observing the input before and choosing
};

/// Executes a workload: per input measure, adjust the goal, choose, set the power, infer. Paced
/// against the steady clock. A network that overruns makes the next input late; an input whose
/// deadline passes before it can start is missed without being run. Inputs that share a deadline
/// share the time left of it (step 2).
class RunLoop {
   public:
    /// Called with each finished record, in order, on the path of the inputs: must return at once.
    /// A record waits until its energy is known: for a step of the meter, at most two.
    using Sink = std::function<void(const InputRecord&)>;
    /// Called before input n is waited for, while nothing runs: of inputs that share a deadline
    /// before the first.
    using BeforeInput = std::function<void(std::size_t n)>;

    /// `networks` are in the order of profile.models, empty for models that never run; `settings`
    /// maps the profile's settings to the knob's.
    RunLoop(const Profile& profile, std::span<const std::unique_ptr<Network>> networks,
            std::span<const std::size_t> settings, const DataSet& data, Platform& platform,
            Scheme& scheme, const RunOptions& options);

    /// Runs until all inputs are done or `stop` is set; every input that began is recorded. Where
    /// something throws, every input answered before is recorded first, then it is thrown on.
    void run(const Sink& sink, const BeforeInput& before_input, const std::atomic<bool>& stop);

   private:
    /// An input whose period is still going on, or whose energy is not known yet.
    struct Open {
        InputRecord record;
        GroupPlace place;
        double begin_s = 0;           // when its turn came
        GroupEnergy group_energy;     // as its group began
        Goal goal;                    // as stated to its group
        double end_s = 0, end_j = 0;  // when its inference ended, and what the meter read then
        double closed_s = 0;          // when the next one's turn came
        bool ran = false;
    };

    void run_inputs(const Sink& sink, const BeforeInput& before_input,
                    const std::atomic<bool>& stop);
    void close(const Sink& sink);
    void hand_over(const Sink& sink);
    void hand_over_last(const Sink& sink);
    void learn(const Open& finished, double closed_j);
    double platform_now_s() const;
    bool wait_for(double at_s, const std::atomic<bool>& stop);
    bool wait_for_arrival(const Sink& sink, const std::atomic<bool>& stop);
    double energy_of(const Open& finished, double spent_j);
    void start_input(std::size_t n, const GroupPlace& place);
    void choose(Open& open);
    void infer(Open& open);
    double read_meter_j(double at_s);

    const Profile& profile_;
    std::span<const std::unique_ptr<Network>> networks_;
    std::span<const std::size_t> settings_;
    const DataSet& data_;
    Platform& platform_;
    Scheme& scheme_;
    RunOptions options_;
    StageTable stages_;
    GoalWindow window_;
    WorstTime decision_time_;  // of the controller, to be kept from deadlines
    WorstTime reading_time_;   // of the meter
    Goal goal_;                // as stated, with the energy goal of the group
    LightSleeper sleeper_;
    double ahead_s_ = 0;                      // of the platform's clock: stretches not waited for
    double arrival_s_ = 0;                    // of the group
    double deadline_at_s_ = 0, share_s_ = 0;  // of the group; of its period, for each input
    double rest_power_w_ = 0;                 // as last measured
    GroupEnergy group_energy_;                // of the group that is going on
    GroupEnergy closed_group_;                // of the one whose inputs are handed over
    std::optional<EnergySpread> energies_;    // of the inputs; none without a meter
    std::optional<Open> open_;
    std::deque<Open> closed_;         // not handed over yet
    std::vector<double> stages_s_;    // of the last inference, when each ended
    std::optional<Outcome> outcome_;  // of the input before, not yet told to the scheme
};

}  // namespace alert
