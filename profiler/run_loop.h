#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "alert/input_cycle.h"
#include "alert/profile.h"
#include "core/method/goal.h"
#include "core/method/group.h"
#include "core/method/scheme.h"
#include "profiler/clock.h"
#include "profiler/engine/engine.h"
#include "profiler/meter/energy_attribution.h"
#include "profiler/power/platform.h"

namespace alert {

struct RunOptions {
    Goal goal;               ///< of every input; deadline_s counts from its arrival
    std::size_t inputs = 0;  ///< the data starts over when it ends
    double period_s = 0;     ///< between arrivals
    /// Inputs of a group arrive together, share one deadline, and follow one another without a
    /// pause.
    Groups groups{};
    bool paced = true;  ///< false: an input arrives when the previous one is done
    int window = 20;    ///< W of E13
};

/// The result of one input; what was not measured is empty.
struct InputRecord : InputResult {
    std::int64_t n = 0;
    std::optional<double> energy_j;  ///< until the next input begins; see GroupEnergy
    std::optional<bool> correct;     ///< a late answer is false
    double decision_s = 0;           ///< observing the previous input, and choosing
};

/// Executes a workload: connects clock, power knob, networks and meter to an InputCycle. Inputs are
/// paced by the clock. An overrun delays the next input (head-of-line blocking). An input whose
/// deadline passes before it can start is missed without being run.
class RunLoop {
   public:
    /// Called with each finished record, in order, between the inputs: must return at once. A
    /// record waits until its energy is known: for one update interval of the meter, at most two.
    using Sink = std::function<void(const InputRecord&)>;
    /// Called before the loop waits for input n, while nothing runs; for inputs that share a
    /// deadline only before the first.
    using BeforeInput = std::function<void(std::size_t n)>;

    /// `networks` are in the order of profile.models, null for models that never run; `settings`
    /// maps the profile's settings to the knob's.
    RunLoop(const Profile& profile, std::span<const std::unique_ptr<Network>> networks,
            std::span<const std::size_t> settings, const DataSet& data, Platform& platform,
            Scheme& scheme, const RunOptions& options, Clock& clock = steady_clock());

    /// Runs until all inputs are done or `stop` is set; every input that began is recorded. If
    /// something throws, every input answered before is recorded first, then it is rethrown.
    void run(const Sink& sink, const BeforeInput& before_input, const std::atomic<bool>& stop);

   private:
    struct Reading {
        double at_s = 0, energy_j = 0;
    };
    /// An input whose period has not ended, or whose energy is not known yet.
    struct Open {
        InputRecord record;
        Reading idle_began;     // when its inference ended, and what the meter read then
        EnergyAccount account;  // once its period is over
    };

    void run_inputs(const Sink& sink, const BeforeInput& before_input,
                    const std::atomic<bool>& stop);
    double platform_now_s() const;
    bool wait_for(double at_s, const std::atomic<bool>& stop);
    bool wait_for_arrival(const Sink& sink, const std::atomic<bool>& stop);
    void start_input(std::size_t n, const GroupPlace& place);
    void infer(Open& open);
    void close(const Sink& sink);
    std::optional<double> idle_power_w(const Reading& began) const;
    void hand_over(const Sink& sink);
    void hand_over_last(const Sink& sink);
    void read_meter(double at_s);

    const Profile& profile_;
    std::span<const std::unique_ptr<Network>> networks_;
    std::span<const std::size_t> settings_;
    const DataSet& data_;
    Platform& platform_;
    RunOptions options_;
    Clock& clock_;
    InputCycle cycle_;
    LightSleeper sleeper_;
    double ahead_s_ = 0;      // of the platform's clock: stretches not waited for
    double arrival_s_ = 0;    // of the group
    WorstTime reading_time_;  // of the meter
    Reading reading_;         // the last; without a meter none
    std::optional<EnergyAttribution> energies_;  // of the inputs; none without a meter
    std::optional<Open> open_;
    std::deque<Open> closed_;  // not handed over yet
};

}  // namespace alert
