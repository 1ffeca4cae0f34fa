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
      window_(options.window, profile.best_accuracy()),
      goal_(options.goal) {}

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
    arrival_s_ = now_s();
    for (std::size_t n = 0; n < options_.inputs && !stop.load(std::memory_order_relaxed); ++n) {
        before_input(n);
        const GroupPlace place = options_.groups.at(n, options_.inputs);
        if (place.first()) {
            arrival_s_ = options_.paced && n > 0 ? arrival_s_ + options_.period_s : now_s();
            if (!wait_for(arrival_s_, stop)) {
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
        finished.record.energy_j = energy_of(finished, closed_s, closed_j);
    }
    learn(finished, closed_s, closed_j);
    sink(finished.record);
}

double RunLoop::energy_of(const Open& finished, double closed_s, double closed_j) {
    const double spent_j = closed_j - finished.begin_j;
    return finished.place.last()
               ? group_energy_.of_last(spent_j)
               : group_energy_.of_input(spent_j, closed_s - finished.begin_s, rest_power_w_);
}

void RunLoop::learn(const Open& finished, double closed_s, double closed_j) {
    const InputRecord& record = finished.record;
    const double delivered = record.met_deadline
                                 ? profile_.configurations[record.configuration].accuracy
                                 : profile_.fail_accuracy;
    window_.observe(goal_, delivered, record.energy_j);
    if (!finished.ran) {
        return;
    }
    outcome_ = {.configuration = record.configuration,
                .latency_s = *record.latency_s,
                .idle_power_w = {},
                .late = finished.late};
    const double rest_s = closed_s - finished.end_s;
    if (platform_.meter && rest_s >= kLeastRest_s) {
        rest_power_w_ = (closed_j - finished.end_j) / rest_s;
        outcome_->idle_power_w = rest_power_w_;
    }
}

void RunLoop::start_input(std::size_t n, const GroupPlace& place) {
    const double begin_s = now_s();
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
              .begin_j = energy_now_j(begin_s)};
    if (options_.groups.shared()) {
        open.record.group = place.group;
    }
    choose(open);
    if (now_s() < deadline_at_s_) {
        infer(open);
    } else if (!data_.labels.empty()) {
        open.record.correct = false;
    }
    open_ = open;
}

void RunLoop::choose(Open& open) {
    const double start_s = now_s();
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
    open.record.decision_s = now_s() - start_s;
    const auto& chosen = profile_.configurations[open.record.configuration];
    platform_.knob->apply(settings_[chosen.setting]);
    decision_time_.observe(now_s() - start_s);
}

void RunLoop::infer(Open& open) {
    InputRecord& record = open.record;
    const auto& chosen = profile_.configurations[record.decision.configuration];
    const PowerSetting& power = platform_.knob->settings()[settings_[chosen.setting]];
    Network& network = *networks_[chosen.model];
    const auto input = static_cast<std::size_t>(record.n) % data_.size;
    network.load_input(input);

    const double start_s = now_s();
    if (platform_.meter) {
        platform_.meter->tell(Activity::kInferring, start_s);
    }
    // A stage ends where a capped processor would end it. The next one starts there, not when the
    // waiting ended, so that what is lost to co-runners does not add up. Waiting is busy, as the
    // processor would be: asleep, it would be given back late beside a co-runner.
    double due_s = start_s;
    bool right = false;
    for (int stage = std::min(1, chosen.stage); stage <= chosen.stage; ++stage) {
        const double began_s = now_s();
        network.run_stage();
        const double done_s = now_s();
        due_s = capped_end_s(due_s, done_s - began_s, power);
        double end_s = done_s;
        if (due_s > done_s) {
            spin_until(due_s);
            end_s = now_s();
        }
        open.end_s = end_s;
        const std::size_t here = stages_.at(record.decision.configuration, stage);
        const bool in_time = end_s <= deadline_at_s_;
        if (!in_time && record.latency_s) {
            open.late = {.configuration = here, .latency_s = end_s - start_s};
        } else {
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
        open.end_j = energy_now_j(open.end_s);
    }
    if (!data_.labels.empty()) {
        record.correct = record.met_deadline && right;
    }
}

}  // namespace alert
