#include "core/method/input_cycle.h"

#include <algorithm>
#include <limits>
#include <new>

namespace alert {

namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();

std::size_t most_stages(const Profile& profile) {
    int most = 0;
    for (const ProfiledConfiguration& configuration : profile.configurations) {
        most = std::max(most, configuration.stage);
    }
    return static_cast<std::size_t>(most);
}

}  // namespace

InputCycle::InputCycle(const Profile& profile, Scheme& scheme, const CycleOptions& options)
    : profile_(profile),
      scheme_(scheme),
      options_(options),
      stages_(profile),
      window_(options.window, profile.best_accuracy()),
      goal_(options.goal) {
    stages_s_.reserve(most_stages(profile));
}

void InputCycle::begin_group(const Arrival& arrival) {
    const Goal& stated = arrival.goal ? *arrival.goal : options_.goal;
    if (arrival.goal || has_own_goal_) {
        goal_ = stated;
        has_own_goal_ = arrival.goal != nullptr;
    }
    const double next_s = stated.period_s > 0 ? arrival.at_s + stated.period_s : turn_s_;
    arrival_s_ = arrival.at_s;
    deadline_at_s_ = stated.deadline_s ? arrival.at_s + *stated.deadline_s : kNever;
    share_s_ = (next_s - turn_s_) / static_cast<double>(arrival.place.size);
    group_energy_.begin(share_s_, options_.inputs_per_group
                                      ? stated.period_s / *options_.inputs_per_group
                                      : share_s_);
    if (stated.energy_j) {
        goal_.energy_j = group_energy_.goal_j(*stated.energy_j, rest_power_w_.value_or(0));
    }
}

const Decision& InputCycle::arrived(const Arrival& arrival, double now_s) {
    if (open_) {
        closed(now_s);
    }
    learn();
    open_ = true;
    place_ = arrival.place;
    turn_s_ = start_s_ = now_s;
    elapsed_s_ = 0;
    stages_s_.clear();
    if (place_.first()) {
        begin_group(arrival);
    }
    Goal goal = goal_;
    window_.carry_on(goal);
    adjust(goal,
           {.now_s = now_s,
            .deadline_at_s = deadline_at_s_,
            .next_arrival_at_s = now_s + share_s_,
            .inputs_sharing = place_.left()},
           decision_time_.worst_s());
    // Made in its place: to copy what was written just now stalls the processor.
    new (&result_) InputResult{.group = {}, .decision = scheme_.next(goal)};
    const Decision& decision = result_.decision;
    if (options_.inputs_per_group) {
        result_.group = place_.group;
    }
    result_.configuration = decision.configuration;
    stage_ = std::min(1, profile_.configurations[decision.configuration].stage);
    running_ = stages_.at(decision.configuration, stage_);
    return decision;
}

bool InputCycle::ready(double now_s) {
    decision_time_.observe(now_s - turn_s_);
    start_s_ = now_s;
    return now_s < deadline_at_s_;
}

AfterStage InputCycle::stage_ended(double elapsed_s) {
    const std::size_t chosen = result_.decision.configuration;
    const int limit = profile_.configurations[chosen].stage;
    const bool in_time = elapsed_s <= deadline_at_s_ - start_s_;
    const bool answers = in_time || !result_.latency_s;
    elapsed_s_ = elapsed_s;
    if (limit > 0) {
        stages_s_.push_back(elapsed_s);
    }
    if (answers) {
        result_.configuration = running_;
        result_.latency_s = elapsed_s;
        result_.response_s = start_s_ + elapsed_s - arrival_s_;
        result_.met_deadline = in_time;
    }
    if (!in_time || stage_ == limit) {
        return {.answers = answers, .go_on = false};
    }
    const std::size_t next = stages_.at(chosen, stage_ + 1);
    const bool go_on = goes_on(elapsed_s, next);
    if (go_on) {
        ++stage_;
        running_ = next;
    }
    return {.answers = answers, .go_on = go_on};
}

bool InputCycle::goes_on(double elapsed_s, std::size_t next) const {
    return result_.decision.certain ||
           next_stage_fits({.elapsed_s = elapsed_s,
                            .profiled_s = profile_.configurations[running_].latency_s,
                            .next_profiled_s = profile_.configurations[next].latency_s},
                           result_.decision.xi_expected,
                           (deadline_at_s_ - start_s_) / place_.left());
}

EnergyAccount InputCycle::closed(double now_s, std::optional<double> rest_power_w) {
    open_ = false;
    window_.observe_accuracy(goal_.accuracy,
                             result_.met_deadline
                                 ? profile_.configurations[result_.configuration].accuracy
                                 : profile_.fail_accuracy);
    outcome_.idle_power_w.reset();
    if (rest_power_w && now_s - end_s() >= kLeastRest_s) {
        rest_power_w_ = outcome_.idle_power_w = rest_power_w;
    }
    if (result_.latency_s) {
        outcome_.configuration = result_.configuration;
        outcome_.latency_s = *result_.latency_s;
        outcome_.stages_s = stages_s_;
        learnt_ = false;
    }
    const double rest_j =
        place_.last() ? group_energy_.rest_of_last_j()
                      : group_energy_.rest_of_input_j(now_s - turn_s_, believed_rest_power_w());
    return {.goal_j = goal_.energy_j, .rest_j = rest_j};
}

double InputCycle::believed_rest_power_w() const {
    const auto& answered = profile_.configurations[result_.configuration];
    return rest_power_w_.value_or(result_.decision.idle_ratio * answered.power_w.value_or(0));
}

double InputCycle::settle(const EnergyAccount& account, double spent_j) {
    const double energy_j = spent_j + account.rest_j;
    window_.observe_energy(account.goal_j, energy_j);
    return energy_j;
}

void InputCycle::learn() {
    if (!learnt_) {
        scheme_.observe(outcome_);
        learnt_ = true;
    }
}

}  // namespace alert
