#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/evaluation/statistics.h"
#include "profiler/clock.h"
#include "profiler/engine/engine.h"
#include "profiler/power/platform.h"
#include "profiler/warm_up.h"

namespace alert {

struct SweepOptions {
    /// N: inputs that every model answers once; also the maximum number of latencies per
    /// configuration.
    std::size_t inputs = 1000;
    /// A configuration is timed until the 95 % confidence interval of its mean latency has this
    /// relative half-width. 0: exactly N latencies of every configuration.
    double precision = 0.05;
    /// Whether settings that can be computed from another one are left out.
    bool derive = true;
    /// Idle time before a timed inference, in data with groups before each group. 0: none.
    double rest_s = 0;
    int warmup = 0;  ///< runs before the first sample; 0: until steady
    /// The setting that an earlier sweep measured first; empty: the one with the most power.
    std::optional<std::size_t> first_setting;
};

/// One output of one inference, as measured.
struct SweepSample {
    std::size_t model = 0,
                setting = 0;  ///< indices into the sweep's models and the knob's settings
    std::int64_t round = 0;
    int stage = 0;  ///< 1..K; 0 for a traditional model
    std::size_t input = 0;
    std::optional<double> latency_s;  ///< after the rest; empty: answered for the accuracy only
    std::optional<double> latency_back_to_back_s;  ///< right after another one; empty: not timed
    std::optional<double> power_w;
    std::optional<double> idle_power_w;  ///< in the rest; empty: none, or too short for the meter
    bool correct = false;
    std::optional<double> log_loss{};  ///< empty if the data does not ask for it
};

/// Progress of a model under a setting.
struct SweepStatus {
    std::size_t model = 0, setting = 0;
    std::int64_t samples = 0;  ///< number of latencies
    double latency_s = 0;      ///< mean, of the last output
    double precision = 0;      ///< half-width of its 95 % interval over the mean
    double spread = 0;         ///< standard deviation over the mean
    bool done = false;
};

/// Mean idle power (W), over a time that is long enough for the meter.
double idle_power_w(EnergyMeter& meter, Clock& clock = steady_clock());

/// Measures every model under every setting. Visits the models in turn within a setting, so that a
/// passing disturbance is not charged to one of them. The reference setting (full speed) comes
/// first and yields the accuracy. Settings that can be computed from it are not measured.
///
/// A timed inference follows a rest, as in a paced run, and is then repeated back to back.
///
/// If a mean is known before all inputs are answered, the remaining ones are answered for the
/// accuracy only: without a rest, without the unmeasured run that warms the caches before a short
/// inference, and without repetitions for the meter. Inferences that need no such run are timed
/// nevertheless.
/// Every mean is updated incrementally, so memory does not grow with the sweep.
class Sweep {
   public:
    /// All of one inference's samples, in the order of the stages.
    using Sink = std::function<void(std::span<const SweepSample>)>;
    /// Called after every inference with the share done and the seconds left.
    using Watch = std::function<void(double fraction, double left_s)>;

    Sweep(std::span<const std::unique_ptr<Network>> networks, const DataSet& data,
          Platform& platform, const SweepOptions& options, Clock& clock = steady_clock());

    /// The setting from which the others are computed; empty if each one is measured.
    std::optional<std::size_t> reference() const { return reference_; }
    bool sampled(std::size_t setting) const { return !reference_ || *reference_ == setting; }

    /// Adds what an earlier sweep measured.
    void resume(std::span<const SweepSample> samples);

    std::vector<SweepStatus> status() const;

    /// Warms up every network that has something left to do; before that, the time left is not
    /// known. Throws Interrupted if `stop` was set.
    void warm_up(const WarmUpWatch& watch, const std::atomic<bool>& stop);
    double seconds_left() const;
    double seconds_left(std::size_t model, std::size_t setting) const;

    /// Measures what is left. False if `stop` was set before it was done.
    bool run(const Sink& sink, const Watch& watch, const std::atomic<bool>& stop);

   private:
    struct Progress {
        std::int64_t rounds = 0;
        std::vector<CorrelatedMean> stages;  // latency of every output
    };

    /// Expected number of inferences left for a configuration.
    struct Left {
        double timed = 0;     // until the mean is known
        double answered = 0;  // for the accuracy, after that
    };

    Progress& progress(std::size_t model, std::size_t setting);
    const Progress& progress(std::size_t model, std::size_t setting) const;
    bool done(std::size_t model, std::size_t setting) const;
    Left left(std::size_t model, std::size_t setting) const;
    double timed_left(const Progress& at) const;
    double inference_s(std::size_t model, std::size_t setting, bool timed) const;
    std::vector<std::size_t> settings_in_order() const;
    std::vector<SweepSample> measure(std::size_t model, std::size_t setting, bool timed);
    std::optional<double> rest(const PowerSetting& power);

    std::span<const std::unique_ptr<Network>> networks_;
    const DataSet& data_;
    Platform& platform_;
    SweepOptions options_;
    Clock& clock_;
    std::optional<std::size_t> reference_;
    std::size_t first_setting_;
    double rests_per_input_;
    LightSleeper sleeper_;
    std::vector<Progress> progress_;  // by model, then setting
    std::vector<double> steady_s_;    // of a model, from its warm-up; 0 before
};

}  // namespace alert
