#pragma once

#include <atomic>
#include <cstdint>
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
#include "profiler/engine/engine.h"
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
    /// Called with each finished record, on the path of the inputs: must return at once.
    using Sink = std::function<void(const InputRecord&)>;
    /// Called before input n is waited for, while nothing runs.
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
    /// The input whose period is still going on.
    struct Open {
        InputRecord record;
        GroupPlace place;
        double begin_s = 0;             // when its turn came
        double end_s = 0;               // of its inference
        double begin_j = 0, end_j = 0;  // when it began, when its inference ended
        bool ran = false;
        std::optional<LateStage> late;
    };

    void run_inputs(const Sink& sink, const BeforeInput& before_input,
                    const std::atomic<bool>& stop);
    void close(const Sink& sink);
    void learn(const Open& finished, double now_s, double now_j);
    bool wait_for(double at_s, const std::atomic<bool>& stop);
    double energy_of(const Open& finished, double closed_s, double closed_j);
    void start_input(std::size_t n, const GroupPlace& place);
    void choose(Open& open);
    void infer(Open& open);
    double energy_now_j(double at_s);

    const Profile& profile_;
    std::span<const std::unique_ptr<Network>> networks_;
    std::span<const std::size_t> settings_;
    const DataSet& data_;
    Platform& platform_;
    Scheme& scheme_;
    RunOptions options_;
    StageTable stages_;
    GoalWindow window_;
    DecisionTime decision_time_;
    Goal goal_;                               // as stated, with the energy goal of the group
    double arrival_s_ = 0;                    // of the group
    double deadline_at_s_ = 0, share_s_ = 0;  // of the group; of its period, for each input
    double rest_power_w_ = 0;                 // as last measured
    GroupEnergy group_energy_;
    std::optional<Open> open_;
    std::optional<Outcome> outcome_;  // of the input before, not yet told to the scheme
};

}  // namespace alert
