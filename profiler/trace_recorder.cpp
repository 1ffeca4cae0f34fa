#include "profiler/trace_recorder.h"

#include <algorithm>
#include <numeric>

#include "profiler/sweep.h"

namespace alert {

namespace {
// There are as many co-runners as halve the speed of a reference loop.
constexpr double kExpectedSlowdown = 2;
}  // namespace

std::vector<std::size_t> sampled_settings(std::span<const PowerSetting> settings) {
    if (settings.back().emulated) {
        return {settings.size() - 1};
    }
    std::vector<std::size_t> all(settings.size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    return all;
}

TraceRecorder::TraceRecorder(std::span<const std::unique_ptr<Network>> networks,
                             const DataSet& data, Platform& platform, const Schedule& schedule,
                             const RecorderOptions& options, Clock& clock)
    : networks_(networks),
      data_(data),
      platform_(platform),
      schedule_(schedule),
      options_(options),
      clock_(clock),
      rests_per_input_(data.groups_per_input()),
      sleeper_(clock),
      settings_(sampled_settings(platform.knob->settings())),
      steady_s_(networks.size()) {
    for (std::size_t n = options_.first; n < options_.inputs; ++n) {
        ++pace(schedule_.at(n)).left;
    }
}

void TraceRecorder::warm_up(const WarmUpWatch& watch, const std::atomic<bool>& stop) {
    for (std::size_t model = 0; model < networks_.size(); ++model) {
        watch(model);
        steady_s_[model] = alert::warm_up(*networks_[model], options_.warmup, stop, clock_);
    }
}

double TraceRecorder::input_s(Environment environment) const {
    const Pace& known = paces_[static_cast<std::size_t>(environment)];
    if (known.done > 0) {
        return known.took_s / static_cast<double>(known.done);
    }
    const double slowdown = environment == Environment::kDefault ? 1 : kExpectedSlowdown;
    double input_s = 0;
    for (const std::size_t setting : settings_) {
        for (const double steady_s : steady_s_) {
            const double once_s = slowdown * steady_s;
            input_s += measuring_s(once_s, platform_, platform_.knob->settings()[setting]) +
                       (needs_its_caches(steady_s) ? once_s : 0) +
                       rests_per_input_ * options_.rest_s;
        }
    }
    return input_s;
}

double TraceRecorder::seconds_left(Environment environment) const {
    const Pace& known = paces_[static_cast<std::size_t>(environment)];
    return static_cast<double>(known.left) * input_s(environment);
}

double TraceRecorder::seconds_left() const {
    return seconds_left(Environment::kDefault) + seconds_left(Environment::kCompute) +
           seconds_left(Environment::kMemory);
}

// Waits until the new environment is established, and measures its idle power.
void TraceRecorder::settle(std::size_t n) {
    if (platform_.meter && !platform_.knob->settings().back().emulated) {
        idle_power_w_ = idle_power_w(*platform_.meter, clock_);
    }
    const double settled_s = clock_.now_s() + options_.settle_s;
    for (std::size_t model = 0; clock_.now_s() < settled_s;
         model = (model + 1) % networks_.size()) {
        run_once(*networks_[model], n % data_.size, clock_);
    }
}

// Returns false if `stop` was set before the input was measured completely.
bool TraceRecorder::record(std::size_t n, const std::atomic<bool>& stop) {
    outputs_.clear();
    for (std::size_t i = 0; i < settings_.size(); ++i) {
        const std::size_t setting = settings_[(n + i) % settings_.size()];
        platform_.knob->apply(setting);
        for (std::size_t j = 0; j < networks_.size(); ++j) {
            if (stop.load(std::memory_order_relaxed)) {
                return false;
            }
            const std::size_t model = (n + j) % networks_.size();
            if (needs_its_caches(steady_s_[model])) {
                run_once(*networks_[model], n % data_.size, clock_);
            }
            if (options_.rest_s > 0 && data_.begins_group(n % data_.size)) {
                sleeper_.wait_until(clock_.now_s() + options_.rest_s);
            }
            for (const MeasuredOutput& output :
                 measure_inference(*networks_[model], data_, n % data_.size, platform_,
                                   platform_.knob->settings()[setting], clock_)) {
                outputs_.push_back({.model = model,
                                    .setting = setting,
                                    .output = output,
                                    .idle_power_w = idle_power_w_});
            }
        }
    }
    return true;
}

bool TraceRecorder::run(const Sink& sink, const Watch& watch, const SwitchTo& switch_to,
                        const std::atomic<bool>& stop) {
    double done_s = 0;
    for (std::size_t n = options_.first; n < options_.inputs; ++n) {
        if (stop.load(std::memory_order_relaxed)) {
            return false;
        }
        const Environment environment = schedule_.at(n);
        switch_to(environment);
        if (standing_ != environment) {
            settle(n);
            standing_ = environment;
        }
        const double start_s = clock_.now_s();
        if (!record(n, stop)) {
            return false;
        }
        sink(n, outputs_);
        const double took_s = clock_.now_s() - start_s;
        Pace& known = pace(environment);
        --known.left;
        ++known.done;
        known.took_s += took_s;
        done_s += took_s;
        const double left_s = seconds_left();
        watch(done_s / (done_s + left_s), left_s);
    }
    return true;
}

}  // namespace alert
