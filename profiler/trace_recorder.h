#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "profiler/clock.h"
#include "profiler/engine/engine.h"
#include "profiler/inference.h"
#include "profiler/power/platform.h"
#include "profiler/warm_up.h"
#include "profiler/workload/schedule.h"

namespace alert {

struct RecorderOptions {
    std::size_t inputs = 1000;  ///< the data starts over when it ends
    std::size_t first = 0;      ///< the input to resume with; those before it are recorded
    /// Idle time before every inference, as in a paced run; in data with groups before each group.
    double rest_s = kDefaultRest_s;
    int warmup = 0;  ///< runs of a network before the first input; 0: until steady
    /// How long the networks run unrecorded after the environment switched: co-runners take some
    /// time to start, and every configuration has to meet them.
    double settle_s = 0.15;
};

/// One output of one inference, as recorded.
struct RecordedOutput {
    std::size_t model = 0,
                setting = 0;  ///< indices into the recorder's models and the knob's settings
    MeasuredOutput output;
    /// Mean idle power in this environment; empty if it is modelled or not measured.
    std::optional<double> idle_power_w;
};

/// The settings that have to be measured: of an emulated platform only the one with the most power,
/// from which the others are computed; else all.
std::vector<std::size_t> sampled_settings(std::span<const PowerSetting> settings);

/// Records the ground truth: every model under every sampled setting on every input, input by
/// input, so that all of them meet the same environment at the same n. No model and no setting is
/// always the first of an input.
class TraceRecorder {
   public:
    /// Called with all outputs of one input, in the order of measurement; stages in their order.
    using Sink = std::function<void(std::size_t n, std::span<const RecordedOutput>)>;
    /// Called after every input with the share done and the seconds left.
    using Watch = std::function<void(double fraction, double left_s)>;
    /// Switches to an environment.
    using SwitchTo = std::function<void(Environment)>;

    TraceRecorder(std::span<const std::unique_ptr<Network>> networks, const DataSet& data,
                  Platform& platform, const Schedule& schedule, const RecorderOptions& options,
                  Clock& clock = steady_clock());

    /// Warms up every network; before that, the time left is not known. Throws Interrupted if
    /// `stop` was set.
    void warm_up(const WarmUpWatch& watch, const std::atomic<bool>& stop);
    double seconds_left() const;
    /// The same for the inputs left in that environment.
    double seconds_left(Environment environment) const;

    /// Records what is left. False if `stop` was set before it was done; an incomplete input is not
    /// handed over then.
    bool run(const Sink& sink, const Watch& watch, const SwitchTo& switch_to,
             const std::atomic<bool>& stop);

   private:
    /// How long an input of one environment takes.
    struct Pace {
        std::size_t left = 0, done = 0;
        double took_s = 0;
    };

    Pace& pace(Environment environment) { return paces_[static_cast<std::size_t>(environment)]; }
    double input_s(Environment environment) const;
    void settle(std::size_t n);
    bool record(std::size_t n, const std::atomic<bool>& stop);

    std::span<const std::unique_ptr<Network>> networks_;
    const DataSet& data_;
    Platform& platform_;
    const Schedule& schedule_;
    RecorderOptions options_;
    Clock& clock_;
    double rests_per_input_;
    LightSleeper sleeper_;
    std::vector<std::size_t> settings_;
    std::vector<double> steady_s_;  // of a model, from its warm-up; 0 before
    std::array<Pace, 3> paces_;
    std::optional<Environment> standing_;
    std::optional<double> idle_power_w_;   // where it is measured
    std::vector<RecordedOutput> outputs_;  // of the input that is being recorded
};

}  // namespace alert
