#include "profiler/run_loop.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "profiler/power/emulated.h"

namespace alert {

namespace {

// How long Ctrl-C may have to wait while the loop sleeps.
constexpr double kNap_s = 0.05;
// The power in a rest of so many steps of the meter is known to some 10 %.
constexpr double kRestSteps = 10;
// A meter that is read more quickly may be read in the time of the next input.
constexpr double kSlowReading_s = 1e-4;
constexpr double kNever = std::numeric_limits<double>::infinity();

}  // namespace

RunLoop::RunLoop(const Profile& profile, std::span<const std::unique_ptr<Network>> networks,
                 std::span<const std::size_t> settings, const DataSet& data, Platform& platform,
                 Scheme& scheme, const RunOptions& options)
    : profile_(profile),
      networks_(networks),
      settings_(settings),
      data_(data),
      platform_(platform),
      scheme_(scheme),
      options_(options),
      stages_(profile),
      window_(options.window, profile.best_accuracy()),
      goal_(options.goal) {
    if (platform.meter) {
        energies_.emplace(platform.meter->resolution_s());
    }
}

double RunLoop::read_meter_j(double at_s) {
    if (!platform_.meter) {
        return 0;
    }
    const double start_s = now_s();
    const double energy_j = platform_.meter->read_j(at_s);
    reading_time_.observe(now_s() - start_s);
    energies_->read(at_s, energy_j);
    return energy_j;
}

// What stretches add to an inference is not waited out: the platform's clock runs ahead until an
// input is waited for. Waiting in between would let co-runners take part of what they took already.
double RunLoop::platform_now_s() const {
    return now_s() + ahead_s_;
}

// Waits for `at_s` of that clock. False when `stop` was set meanwhile.
bool RunLoop::wait_for(double at_s, const std::atomic<bool>& stop) {
    if (platform_now_s() < at_s) {
        while (now_s() + kNap_s < at_s && !stop.load(std::memory_order_relaxed)) {
            wait_until(now_s() + kNap_s);
        }
        if (stop.load(std::memory_order_relaxed)) {
            return false;
        }
        sleeper_.sleep_until_near(at_s);
        if (at_s - now_s() >= LightSleeper::kLeft_s) {
            scheme_.rehearse(goal_);
        }
        spin_until(at_s);  // to sleep again would be to oversleep
        ahead_s_ = 0;
    }
    return !stop.load(std::memory_order_relaxed);
}

// Some meters take milliseconds to read, a GPU's energy counter for one: the input before is then
// closed so much earlier, not in the time of the one that arrives.
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
        // Answered, whatever failed since; the energy of their periods is not known.
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
    read_meter_j(arrival_s_);
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
    if (options_.paced) {  // the last input's energy covers its whole period, too
        wait_for(arrival_s_ + options_.period_s, stop);
    }
    close(sink);
    hand_over_last(sink);
}

// Ends the period of the input before, and learns from it.
void RunLoop::close(const Sink& sink) {
    if (!open_) {
        return;
    }
    open_->closed_s = platform_now_s();
    const double closed_j = read_meter_j(open_->closed_s);
    if (energies_) {
        energies_->end_span();
    }
    learn(*open_, closed_j);
    closed_.push_back(*std::exchange(open_, std::nullopt));
    hand_over(sink);
}

// The inputs whose energies are known by now.
void RunLoop::hand_over(const Sink& sink) {
    while (!closed_.empty()) {
        if (energies_) {
            const auto spent_j = energies_->take();
            if (!spent_j) {
                return;
            }
            const double energy_j = energy_of(closed_.front(), *spent_j);
            closed_.front().record.energy_j = energy_j;
            window_.observe_energy(closed_.front().goal, energy_j);
        }
        const InputRecord record = closed_.front().record;
        closed_.pop_front();
        sink(record);
    }
}

// Waits for the meter to move after the last input.
void RunLoop::hand_over_last(const Sink& sink) {
    while (!closed_.empty()) {
        wait_until(now_s() + platform_.meter->resolution_s() / 4);
        read_meter_j(platform_now_s());
        hand_over(sink);
    }
}

double RunLoop::energy_of(const Open& finished, double spent_j) {
    if (finished.place.first()) {
        closed_group_ = finished.group_energy;
    }
    return finished.place.last()
               ? closed_group_.of_last(spent_j)
               : closed_group_.of_input(spent_j, finished.closed_s - finished.begin_s,
                                        rest_power_w_);
}

void RunLoop::learn(const Open& finished, double closed_j) {
    const InputRecord& record = finished.record;
    window_.observe_accuracy(goal_, record.met_deadline
                                        ? profile_.configurations[record.configuration].accuracy
                                        : profile_.fail_accuracy);
    if (!finished.ran) {
        return;
    }
    outcome_ = {.configuration = record.configuration,
                .latency_s = *record.latency_s,
                .idle_power_w = {},
                .stages_s = stages_s_};
    const double rest_s = finished.closed_s - finished.end_s;
    if (platform_.meter &&
        rest_s >= std::max(kLeastRest_s, kRestSteps * platform_.meter->resolution_s())) {
        rest_power_w_ = (closed_j - finished.end_j) / rest_s;
        outcome_->idle_power_w = rest_power_w_;
    }
}

void RunLoop::start_input(std::size_t n, const GroupPlace& place) {
    const double begin_s = platform_now_s();
    if (place.first()) {
        const auto deadline_s = options_.goal.deadline_s;
        const double next_s = options_.paced ? arrival_s_ + options_.period_s : begin_s;
        deadline_at_s_ = deadline_s ? arrival_s_ + *deadline_s : kNever;
        share_s_ = (next_s - begin_s) / static_cast<double>(place.size);
        const bool shared = options_.paced && options_.groups.shared();
        group_energy_.begin(share_s_,
                            shared ? options_.period_s / options_.groups.mean_size() : share_s_);
        goal_.energy_j = group_energy_.goal_j(options_.goal.energy_j, rest_power_w_);
    }
    Open open{.record = {.n = static_cast<std::int64_t>(n), .group = {}},
              .place = place,
              .begin_s = begin_s,
              .group_energy = group_energy_,
              .goal = goal_};
    if (options_.groups.shared()) {
        open.record.group = place.group;
    }
    choose(open);
    if (platform_now_s() < deadline_at_s_) {
        infer(open);
    } else if (!data_.labels.empty()) {
        open.record.correct = false;
    }
    open_ = open;
}

void RunLoop::choose(Open& open) {
    const double start_s = platform_now_s();
    if (outcome_) {
        scheme_.observe(*outcome_);
        outcome_.reset();
    }
    const Goal goal = adjusted_to(window_.carried(goal_),
                                  {.now_s = start_s,
                                   .deadline_at_s = deadline_at_s_,
                                   .next_arrival_at_s = open.begin_s + share_s_,
                                   .inputs_sharing = open.place.left()},
                                  decision_time_.worst_s());
    open.record.decision = scheme_.next(goal);
    open.record.configuration = open.record.decision.configuration;
    open.record.decision_s = platform_now_s() - start_s;
    const auto& chosen = profile_.configurations[open.record.configuration];
    platform_.knob->apply(settings_[chosen.setting]);
    decision_time_.observe(platform_now_s() - start_s);
}

void RunLoop::infer(Open& open) {
    InputRecord& record = open.record;
    const auto& chosen = profile_.configurations[record.decision.configuration];
    const PowerSetting& power = platform_.knob->settings()[settings_[chosen.setting]];
    Network& network = *networks_[chosen.model];
    const auto input = static_cast<std::size_t>(record.n) % data_.size;
    network.load_input(input);

    const double start_s = platform_now_s();
    if (platform_.meter) {
        platform_.meter->tell(Activity::kInferring, start_s);
    }
    bool right = false;
    stages_s_.clear();
    for (int stage = std::min(1, chosen.stage); stage <= chosen.stage; ++stage) {
        const double began_s = now_s();
        network.run_stage();
        const double took_s = now_s() - began_s;
        ahead_s_ += stretched_s(took_s, power) - took_s;
        const double end_s = platform_now_s();
        open.end_s = end_s;
        const std::size_t here = stages_.at(record.decision.configuration, stage);
        const bool in_time = end_s <= deadline_at_s_;
        if (stage > 0) {
            stages_s_.push_back(end_s - start_s);
        }
        if (in_time || !record.latency_s) {
            record.configuration = here;
            record.latency_s = end_s - start_s;
            record.response_s = end_s - arrival_s_;
            record.met_deadline = in_time;
            right = !data_.labels.empty() && network.ranks(data_.labels[input], data_.top);
        }
        if (!in_time || stage == chosen.stage) {
            break;
        }
        const std::size_t next = stages_.at(record.decision.configuration, stage + 1);
        if (!next_stage_fits({.elapsed_s = end_s - start_s,
                              .profiled_s = profile_.configurations[here].latency_s,
                              .next_profiled_s = profile_.configurations[next].latency_s},
                             record.decision.xi_expected,
                             (deadline_at_s_ - start_s) / open.place.left())) {
            break;
        }
    }
    open.ran = true;
    if (platform_.meter) {
        platform_.meter->tell(Activity::kResting, open.end_s);
        open.end_j = read_meter_j(open.end_s);
    }
    if (!data_.labels.empty()) {
        record.correct = record.met_deadline && right;
    }
}

}  // namespace alert
