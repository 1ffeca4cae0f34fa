#include "profiler/run_loop.h"

#include <utility>

#include "profiler/power/emulated.h"

namespace alert {

namespace {

// The longest sleep without looking for Ctrl-C.
constexpr double kNap_s = 0.05;
// A meter that can be read faster than this may be read in the time of the next input.
constexpr double kSlowReading_s = 1e-4;

CycleOptions cycle_options(const RunOptions& options) {
    CycleOptions cycle{.goal = options.goal, .window = options.window};
    cycle.goal.period_s = options.paced ? options.period_s : 0;
    if (options.groups.shared()) {
        cycle.inputs_per_group = options.groups.mean_size();
    }
    return cycle;
}

}  // namespace

RunLoop::RunLoop(const Profile& profile, std::span<const std::unique_ptr<Network>> networks,
                 std::span<const std::size_t> settings, const DataSet& data, Platform& platform,
                 Scheme& scheme, const RunOptions& options, Clock& clock)
    : profile_(profile),
      networks_(networks),
      settings_(settings),
      data_(data),
      platform_(platform),
      options_(options),
      clock_(clock),
      cycle_(profile, scheme, cycle_options(options)),
      sleeper_(clock) {
    if (platform.meter) {
        energies_.emplace(platform.meter->resolution_s());
    }
}

void RunLoop::read_meter(double at_s) {
    reading_.at_s = at_s;
    if (!platform_.meter) {
        return;
    }
    const double start_s = clock_.now_s();
    reading_.energy_j = platform_.meter->read_j(at_s);
    reading_time_.observe(clock_.now_s() - start_s);
    energies_->read(at_s, reading_.energy_j);
}

// The time that a stretch adds to an inference is not waited for at once: the platform's clock runs
// ahead until the loop waits for an input. Otherwise the slowdown by co-runners would be counted
// again.
double RunLoop::platform_now_s() const {
    return clock_.now_s() + ahead_s_;
}

// Waits for `at_s` on that clock. Returns false if `stop` was set meanwhile.
bool RunLoop::wait_for(double at_s, const std::atomic<bool>& stop) {
    if (platform_now_s() < at_s) {
        while (clock_.now_s() + kNap_s < at_s && !stop.load(std::memory_order_relaxed)) {
            clock_.wait_until(clock_.now_s() + kNap_s);
        }
        if (stop.load(std::memory_order_relaxed)) {
            return false;
        }
        sleeper_.sleep_until_near(at_s);
        if (at_s - clock_.now_s() >= LightSleeper::kLeft_s) {
            cycle_.rehearse();
        }
        clock_.spin_until(at_s);  // another sleep would be late
        ahead_s_ = 0;
    }
    return !stop.load(std::memory_order_relaxed);
}

// Some meters, such as the energy counter of a GPU, take milliseconds to read. The previous input
// is then closed that much earlier, and not in the time of the next one.
bool RunLoop::wait_for_arrival(const Sink& sink, const std::atomic<bool>& stop) {
    if (open_ && reading_time_.worst_s() > kSlowReading_s &&
        platform_now_s() < arrival_s_ - reading_time_.worst_s()) {
        if (!wait_for(arrival_s_ - reading_time_.worst_s(), stop)) {
            return false;
        }
        close(sink);
    }
    return wait_for(arrival_s_, stop);
}

void RunLoop::run(const Sink& sink, const BeforeInput& before_input,
                  const std::atomic<bool>& stop) {
    try {
        run_inputs(sink, before_input, stop);
    } catch (...) {
        // They were answered before the failure; the energy of their periods is not known.
        for (const Open& answered : std::exchange(closed_, {})) {
            sink(answered.record);
        }
        if (open_) {
            sink(std::exchange(open_, std::nullopt)->record);
        }
        throw;
    }
}

void RunLoop::run_inputs(const Sink& sink, const BeforeInput& before_input,
                         const std::atomic<bool>& stop) {
    arrival_s_ = platform_now_s();
    read_meter(arrival_s_);
    for (std::size_t n = 0; n < options_.inputs && !stop.load(std::memory_order_relaxed); ++n) {
        const GroupPlace place = options_.groups.at(n, options_.inputs);
        if (place.first()) {
            before_input(n);
            arrival_s_ =
                options_.paced && n > 0 ? arrival_s_ + options_.period_s : platform_now_s();
            if (!wait_for_arrival(sink, stop)) {
                break;
            }
        }
        close(sink);
        start_input(n, place);
    }
    if (options_.paced) {  // so that the energy of the last input, too, covers its whole period
        wait_for(arrival_s_ + options_.period_s, stop);
    }
    close(sink);
    hand_over_last(sink);
}

void RunLoop::start_input(std::size_t n, const GroupPlace& place) {
    const double turn_s = platform_now_s();
    Open open{.record = {}, .idle_began = reading_, .account = {}};
    open.record.n = static_cast<std::int64_t>(n);
    const Decision& decision = cycle_.arrived({.at_s = arrival_s_, .place = place}, turn_s);
    open.record.decision_s = platform_now_s() - turn_s;
    platform_.knob->apply(settings_[profile_.configurations[decision.configuration].setting]);
    if (!data_.labels.empty()) {
        open.record.correct = false;
    }
    if (cycle_.ready(platform_now_s())) {
        infer(open);
    }
    static_cast<InputResult&>(open.record) = cycle_.result();
    open_ = open;
}

void RunLoop::infer(Open& open) {
    const auto& chosen = profile_.configurations[cycle_.result().decision.configuration];
    const PowerSetting& power = platform_.knob->settings()[settings_[chosen.setting]];
    Network& network = *networks_[chosen.model];
    const auto input = static_cast<std::size_t>(open.record.n) % data_.size;
    network.load_input(input);

    const double start_s = platform_now_s();
    cycle_.started(start_s);
    if (platform_.meter) {
        platform_.meter->tell(Activity::kInferring, start_s);
    }
    double end_s = start_s;
    AfterStage stage;
    do {
        const double began_s = clock_.now_s();
        network.run_stage();
        const double took_s = clock_.now_s() - began_s;
        ahead_s_ += stretched_s(took_s, power) - took_s;
        end_s = platform_now_s();
        stage = cycle_.stage_ended(end_s - start_s);
        if (stage.answers && !data_.labels.empty()) {
            open.record.correct =
                cycle_.result().met_deadline && network.ranks(data_.labels[input], data_.top);
        }
    } while (stage.go_on);
    if (platform_.meter) {
        platform_.meter->tell(Activity::kIdle, end_s);
    }
    read_meter(end_s);
    open.idle_began = reading_;
}

// Ends the period of the previous input.
void RunLoop::close(const Sink& sink) {
    if (!open_) {
        return;
    }
    read_meter(platform_now_s());
    if (energies_) {
        energies_->end_span();
    }
    open_->account = cycle_.closed(reading_.at_s, idle_power_w(open_->idle_began));
    closed_.push_back(*std::exchange(open_, std::nullopt));
    hand_over(sink);
}

// Mean power since then, if the meter is fine enough.
std::optional<double> RunLoop::idle_power_w(const Reading& began) const {
    const double rest_s = reading_.at_s - began.at_s;
    if (!platform_.meter || rest_s <= 0 || rest_s < kIdleSteps * platform_.meter->resolution_s()) {
        return std::nullopt;
    }
    return (reading_.energy_j - began.energy_j) / rest_s;
}

// Hands over the inputs whose energies are known by now.
void RunLoop::hand_over(const Sink& sink) {
    while (!closed_.empty()) {
        if (energies_) {
            const auto spent_j = energies_->take();
            if (!spent_j) {
                return;
            }
            closed_.front().record.energy_j = cycle_.settle(closed_.front().account, *spent_j);
        }
        const InputRecord record = closed_.front().record;
        closed_.pop_front();
        sink(record);
    }
}

// Waits for the next update of the meter after the last input.
void RunLoop::hand_over_last(const Sink& sink) {
    while (!closed_.empty()) {
        clock_.wait_until(clock_.now_s() + platform_.meter->resolution_s() / 4);
        read_meter(platform_now_s());
        hand_over(sink);
    }
}

}  // namespace alert
