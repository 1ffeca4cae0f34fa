#include "profiler/run_loop.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "profiler/clock.h"
#include "profiler/power/emulated.h"

namespace alert {

namespace {

// How long Ctrl-C may have to wait while the loop sleeps.
constexpr double kNap_s = 0.05;
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
      window_(options.window, profile.best_accuracy()) {}

double RunLoop::energy_now_j(double at_s) {
    return platform_.meter ? platform_.meter->read_j(at_s) : 0;
}

// False when `stop` was set meanwhile.
bool RunLoop::wait_for(double at_s, const std::atomic<bool>& stop) {
    while (!stop.load(std::memory_order_relaxed)) {
        const double nap_end_s = now_s() + kNap_s;
        wait_until(std::min(at_s, nap_end_s));
        if (at_s <= nap_end_s) {
            return true;
        }
    }
    return false;
}

void RunLoop::run(const Sink& sink, const BeforeInput& before_input,
                  const std::atomic<bool>& stop) {
    try {
        run_inputs(sink, before_input, stop);
    } catch (...) {
        if (open_) {  // answered, whatever failed since; the energy of its period is not known
            sink(std::exchange(open_, std::nullopt)->record);
        }
        throw;
    }
}

void RunLoop::run_inputs(const Sink& sink, const BeforeInput& before_input,
                         const std::atomic<bool>& stop) {
    double arrival_s = now_s();
    for (std::size_t n = 0; n < options_.inputs && !stop.load(std::memory_order_relaxed); ++n) {
        before_input(n);
        if (options_.paced && n > 0) {
            arrival_s += options_.period_s;
        } else {
            arrival_s = now_s();
        }
        if (!wait_for(arrival_s, stop)) {
            break;
        }
        close(sink);
        start_input(n, arrival_s);
    }
    if (options_.paced) {  // the last input's energy covers its whole period, too
        wait_for(arrival_s + options_.period_s, stop);
    }
    close(sink);
}

// Ends the period of the input before: its energy is known now, and what it teaches.
void RunLoop::close(const Sink& sink) {
    if (!open_) {
        return;
    }
    const double closed_s = now_s();
    const double closed_j = energy_now_j(closed_s);
    Open finished = *std::exchange(open_, std::nullopt);
    if (platform_.meter) {
        finished.record.energy_j = closed_j - finished.begin_j;
    }
    learn(finished, closed_s, closed_j);
    sink(finished.record);
}

void RunLoop::learn(const Open& finished, double closed_s, double closed_j) {
    const InputRecord& record = finished.record;
    const double delivered = record.met_deadline
                                 ? profile_.configurations[record.configuration].accuracy
                                 : profile_.fail_accuracy;
    window_.observe(options_.goal, delivered, record.energy_j);
    if (!finished.ran) {
        return;
    }
    outcome_ = {.configuration = record.configuration,
                .latency_s = *record.latency_s,
                .idle_power_w = {},
                .late = finished.late};
    const double rest_s = closed_s - finished.end_s;
    if (platform_.meter && rest_s >= kLeastRest_s) {
        outcome_->idle_power_w = (closed_j - finished.end_j) / rest_s;
    }
}

void RunLoop::start_input(std::size_t n, double arrival_s) {
    Open open{.record = {.n = static_cast<std::int64_t>(n)}, .begin_j = energy_now_j(now_s())};
    choose(open, arrival_s);
    const auto deadline_s = options_.goal.deadline_s;
    const bool too_late = deadline_s && now_s() >= arrival_s + *deadline_s;
    if (!too_late) {
        infer(open, arrival_s);
    } else if (!data_.labels.empty()) {
        open.record.correct = false;
    }
    open_ = open;
}

void RunLoop::choose(Open& open, double arrival_s) {
    const double start_s = now_s();
    if (outcome_) {
        scheme_.observe(*outcome_);
        outcome_.reset();
    }
    const double deadline_at_s =
        options_.goal.deadline_s ? arrival_s + *options_.goal.deadline_s : kNever;
    const double next_arrival_s = options_.paced ? arrival_s + options_.period_s : start_s;
    const Goal goal = adjusted_to(
        window_.carried(options_.goal),
        {.now_s = start_s, .deadline_at_s = deadline_at_s, .next_arrival_at_s = next_arrival_s},
        decision_time_.worst_s());
    open.record.decision = scheme_.next(goal);
    open.record.configuration = open.record.decision.configuration;
    open.record.decision_s = now_s() - start_s;
    const auto& chosen = profile_.configurations[open.record.configuration];
    platform_.knob->apply(settings_[chosen.setting]);
    decision_time_.observe(now_s() - start_s);
}

void RunLoop::infer(Open& open, double arrival_s) {
    InputRecord& record = open.record;
    const auto& chosen = profile_.configurations[record.decision.configuration];
    const PowerSetting& power = platform_.knob->settings()[settings_[chosen.setting]];
    Network& network = *networks_[chosen.model];
    const auto input = static_cast<std::size_t>(record.n) % data_.size;
    network.load_input(input);

    const double start_s = now_s();
    const double deadline_at_s =
        options_.goal.deadline_s ? arrival_s + *options_.goal.deadline_s : kNever;
    if (platform_.meter) {
        platform_.meter->tell(Activity::kInferring, start_s);
    }
    // A stage ends where a capped processor would end it. The next one starts there, not when the
    // waiting ended, so that late wake-ups do not add up.
    double due_s = start_s;
    int predicted = -1;
    for (int stage = std::min(1, chosen.stage); stage <= chosen.stage; ++stage) {
        const double began_s = now_s();
        network.run_stage();
        const double done_s = now_s();
        due_s = capped_end_s(due_s, done_s - began_s, power);
        double end_s = done_s;
        if (due_s > done_s) {
            wait_until(due_s);
            end_s = now_s();
        }
        open.end_s = end_s;
        const std::size_t here = stages_.at(record.decision.configuration, stage);
        const bool in_time = end_s <= deadline_at_s;
        if (!in_time && record.latency_s) {
            open.late = {.configuration = here, .latency_s = end_s - start_s};
        } else {
            record.configuration = here;
            record.latency_s = end_s - start_s;
            record.response_s = end_s - arrival_s;
            record.met_deadline = in_time;
            predicted = network.predicted_class();
        }
        if (!in_time || stage == chosen.stage) {
            break;
        }
        const std::size_t next = stages_.at(record.decision.configuration, stage + 1);
        if (!next_stage_fits({.elapsed_s = end_s - start_s,
                              .profiled_s = profile_.configurations[here].latency_s,
                              .next_profiled_s = profile_.configurations[next].latency_s},
                             record.decision.xi_expected, deadline_at_s - start_s)) {
            break;
        }
    }
    open.ran = true;
    if (platform_.meter) {
        platform_.meter->tell(Activity::kResting, open.end_s);
        open.end_j = energy_now_j(open.end_s);
    }
    if (!data_.labels.empty()) {
        record.correct = record.met_deadline && predicted == data_.labels[input];
    }
}

}  // namespace alert
