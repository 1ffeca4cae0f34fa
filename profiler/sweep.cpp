#include "profiler/sweep.h"

#include <algorithm>
#include <cmath>

#include "profiler/inference.h"

namespace alert {

namespace {
// With fewer samples, a lag-one autocorrelation is meaningless.
constexpr double kLeastSamples = 20;
constexpr double kIdle_s = 0.2;

/// Mean power (W) while `wait(now_s)` waits.
template <class Wait>
double power_while(EnergyMeter& meter, Clock& clock, const Wait& wait) {
    const double start_s = clock.now_s();
    const double start_j = meter.read_j(start_s);
    wait(start_s);
    const double end_s = clock.now_s();
    return (meter.read_j(end_s) - start_j) / (end_s - start_s);
}

}  // namespace

double idle_power_w(EnergyMeter& meter, Clock& clock) {
    meter.tell(Activity::kIdle, clock.now_s());
    return power_while(meter, clock, [&](double now_s) {
        clock.wait_until(now_s + std::max(kIdle_s, kEnoughUpdates * meter.resolution_s()));
    });
}

Sweep::Sweep(std::span<const std::unique_ptr<Network>> networks, const DataSet& data,
             Platform& platform, const SweepOptions& options, Clock& clock)
    : networks_(networks),
      data_(data),
      platform_(platform),
      options_(options),
      clock_(clock),
      rests_per_input_(options.rest_s > 0 ? data.groups_per_input() : 0),
      sleeper_(clock) {
    const auto settings = platform.knob->settings();
    first_setting_ = options.first_setting.value_or(settings.size() - 1);
    if (settings[first_setting_].emulated && options.derive) {
        reference_ = first_setting_;
    }
    progress_.resize(networks.size() * settings.size());
    for (std::size_t model = 0; model < networks.size(); ++model) {
        for (std::size_t setting = 0; setting < settings.size(); ++setting) {
            progress(model, setting)
                .stages.resize(static_cast<std::size_t>(std::max(1, networks[model]->stages())));
        }
    }
    steady_s_.resize(networks.size());
}

Sweep::Progress& Sweep::progress(std::size_t model, std::size_t setting) {
    return progress_[model * platform_.knob->settings().size() + setting];
}

const Sweep::Progress& Sweep::progress(std::size_t model, std::size_t setting) const {
    return progress_[model * platform_.knob->settings().size() + setting];
}

void Sweep::resume(std::span<const SweepSample> samples) {
    for (const SweepSample& sample : samples) {
        auto& at = progress(sample.model, sample.setting);
        if (sample.latency_s) {
            at.stages[static_cast<std::size_t>(std::max(1, sample.stage) - 1)].add(
                *sample.latency_s);
        }
        at.rounds = std::max(at.rounds, sample.round + 1);
    }
}

bool Sweep::done(std::size_t model, std::size_t setting) const {
    const Left needed = left(model, setting);
    return needed.timed == 0 && needed.answered == 0;
}

// The half-width of a mean shrinks with the root of the sample size.
double Sweep::timed_left(const Progress& at) const {
    const auto timed = static_cast<double>(at.stages.back().count());
    const double most = std::max(0.0, static_cast<double>(options_.inputs) - timed);
    if (options_.precision == 0) {
        return most;
    }
    if (timed < kLeastSamples) {
        return std::min(most, kLeastSamples - timed);
    }
    double needed = 0;
    for (const CorrelatedMean& stage : at.stages) {
        const MeanInterval interval = stage.interval();
        const double excess = interval.half_width / (options_.precision * interval.mean);
        if (excess > 1) {
            needed = std::max(needed, std::ceil(timed * (excess * excess - 1)));
        }
    }
    return std::min(most, needed);
}

Sweep::Left Sweep::left(std::size_t model, std::size_t setting) const {
    const auto& at = progress(model, setting);
    Left left{.timed = timed_left(at)};
    const bool carries_accuracy = setting == first_setting_;
    if (carries_accuracy) {
        const auto inputs = static_cast<double>(options_.inputs);
        left.answered = std::max(0.0, inputs - static_cast<double>(at.rounds) - left.timed);
    }
    return left;
}

// The time of an inference in the sweep, which does not wait for an emulated stretch.
double Sweep::inference_s(std::size_t model, std::size_t setting, bool timed) const {
    const auto& measured = progress(model, setting).stages.back();
    const PowerSetting& power = platform_.knob->settings()[setting];
    const double once_s = measured.count() > 0
                              ? measured.mean() / (power.emulated ? power.emulated->stretch : 1)
                              : steady_s_[model];
    if (!timed) {
        return once_s;
    }
    return measuring_s(once_s, platform_, power) +
           (needs_its_caches(steady_s_[model]) ? once_s : 0) +
           (options_.rest_s > 0 ? once_s + rests_per_input_ * options_.rest_s : 0);
}

std::vector<SweepStatus> Sweep::status() const {
    std::vector<SweepStatus> all;
    for (std::size_t model = 0; model < networks_.size(); ++model) {
        for (const std::size_t setting : settings_in_order()) {
            const auto& last = progress(model, setting).stages.back();
            const MeanInterval interval = last.interval();
            all.push_back({.model = model,
                           .setting = setting,
                           .samples = static_cast<std::int64_t>(last.count()),
                           .latency_s = interval.mean,
                           .precision = interval.half_width / interval.mean,
                           .spread = last.count() > 0 ? last.std() / interval.mean : 0,
                           .done = done(model, setting)});
        }
    }
    return all;
}

// The settings that are measured; the first one also yields the accuracy.
std::vector<std::size_t> Sweep::settings_in_order() const {
    std::vector<std::size_t> order{first_setting_};
    for (std::size_t setting = platform_.knob->settings().size(); setting-- > 0;) {
        if (setting != first_setting_ && sampled(setting)) {
            order.push_back(setting);
        }
    }
    return order;
}

void Sweep::warm_up(const WarmUpWatch& watch, const std::atomic<bool>& stop) {
    for (std::size_t model = 0; model < networks_.size(); ++model) {
        const auto settings = settings_in_order();
        const bool needed = std::any_of(settings.begin(), settings.end(),
                                        [&](std::size_t s) { return !done(model, s); });
        if (needed) {
            watch(model);
            steady_s_[model] = alert::warm_up(*networks_[model], options_.warmup, stop, clock_);
        }
    }
}

double Sweep::seconds_left(std::size_t model, std::size_t setting) const {
    const Left needed = left(model, setting);
    return needed.timed * inference_s(model, setting, true) +
           needed.answered * inference_s(model, setting, false);
}

double Sweep::seconds_left() const {
    double left_s = 0;
    for (std::size_t model = 0; model < networks_.size(); ++model) {
        for (const std::size_t setting : settings_in_order()) {
            left_s += seconds_left(model, setting);
        }
    }
    return left_s;
}

// Idles as a paced run does. Returns the mean power meanwhile if the meter resolves it.
std::optional<double> Sweep::rest(const PowerSetting& power) {
    const auto idle = [&](double now_s) { sleeper_.wait_until(now_s + options_.rest_s); };
    EnergyMeter* const meter = platform_.meter.get();
    if (meter && !power.emulated && options_.rest_s >= kIdleSteps * meter->resolution_s()) {
        return power_while(*meter, clock_, idle);
    }
    idle(clock_.now_s());
    return std::nullopt;
}

std::vector<SweepSample> Sweep::measure(std::size_t model, std::size_t setting, bool timed) {
    Network& network = *networks_[model];
    const PowerSetting& power = platform_.knob->settings()[setting];
    const auto round = progress(model, setting).rounds;
    const auto input = static_cast<std::size_t>(round) % data_.size;
    const bool wants_caches = needs_its_caches(steady_s_[model]);
    const bool rests = options_.rest_s > 0;
    std::optional<double> idle_power_w;
    if (timed && wants_caches) {
        run_once(network, input, clock_);
    }
    if (timed && rests && data_.begins_group(input)) {
        idle_power_w = rest(power);
    }
    const auto outputs = measure_inference(network, data_, input, platform_, power, clock_, timed);
    std::vector<MeasuredOutput> again;
    if (timed && rests) {
        again = measure_inference(network, data_, input, platform_, power, clock_, false);
    }
    std::vector<SweepSample> samples;
    for (std::size_t k = 0; k < outputs.size(); ++k) {
        const MeasuredOutput& output = outputs[k];
        SweepSample sample{.model = model,
                           .setting = setting,
                           .round = round,
                           .stage = output.stage,
                           .input = input,
                           .latency_s = {},
                           .latency_back_to_back_s = {},
                           .power_w = output.power_w,
                           .idle_power_w = idle_power_w,
                           .correct = output.correct,
                           .log_loss = output.log_loss};
        if (timed || !(rests || wants_caches)) {
            sample.latency_s = output.latency_s;
        }
        if (!again.empty()) {
            sample.latency_back_to_back_s = again[k].latency_s;
        } else if (rests && !wants_caches) {
            sample.latency_back_to_back_s = output.latency_s;
        }
        samples.push_back(sample);
    }
    return samples;
}

bool Sweep::run(const Sink& sink, const Watch& watch, const std::atomic<bool>& stop) {
    double done_s = 0;
    for (const std::size_t setting : settings_in_order()) {
        bool applied = false;
        for (bool any = true; any;) {
            any = false;
            for (std::size_t model = 0; model < networks_.size(); ++model) {
                if (done(model, setting)) {
                    continue;
                }
                if (stop.load(std::memory_order_relaxed)) {
                    return false;
                }
                if (!applied) {
                    platform_.knob->apply(setting);
                    applied = true;
                }
                any = true;
                const bool timed = left(model, setting).timed > 0;
                const auto samples = measure(model, setting, timed);
                resume(samples);
                sink(samples);
                done_s += inference_s(model, setting, timed);
                const double left_s = seconds_left();
                watch(done_s / (done_s + left_s), left_s);
            }
        }
    }
    return true;
}

}  // namespace alert
