#include "alert/input_cycle.h"

#include <algorithm>
#include <limits>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "alert/error.h"
#include "core/method/alert_scheme.h"
#include "core/method/anytime.h"
#include "core/method/goal.h"
#include "core/method/group.h"
#include "core/method/scheme.h"

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

bool has_power(const Profile& profile) {
    return std::all_of(profile.configurations.begin(), profile.configurations.end(),
                       [](const auto& c) { return c.power_w.has_value(); });
}

const CycleOptions& checked(const CycleOptions& options) {
    if (options.window < 1) {
        throw RequestError("the cycle's window is " + std::to_string(options.window) +
                           ": give a number of inputs, 1 if each is judged by itself");
    }
    if (options.inputs_per_group && !(*options.inputs_per_group >= 1)) {
        throw RequestError("the cycle's inputs_per_group is " +
                           std::to_string(*options.inputs_per_group) +
                           ": give the mean number of inputs that share a deadline, 1 or more");
    }
    return options;
}

}  // namespace

class InputCycle::Impl {
   public:
    Impl(const Profile& profile, Scheme& scheme, const CycleOptions& options);

    const Decision& arrived(const Arrival& arrival, double now_s);
    bool ready(double now_s);
    AfterStage stage_ended(double elapsed_s);
    EnergyAccount closed(double now_s, std::optional<double> idle_power_w);
    double settle(const EnergyAccount& account, double spent_j);
    void learn();

    void started(double now_s) { start_s_ = now_s; }
    std::size_t running() const { return running_; }
    const InputResult& result() const { return result_; }
    double end_s() const { return start_s_ + elapsed_s_; }
    void rehearse() { scheme_.rehearse(goal_); }

   private:
    InputGoal checked(const Goal& goal) const;
    void begin_group(const Arrival& arrival);
    bool goes_on(double elapsed_s, std::size_t next) const;
    double assumed_idle_power_w() const;

    const Profile& profile_;
    Scheme& scheme_;
    const bool has_power_;
    const InputGoal stated_;  // for inputs without a goal of their own
    const std::optional<double> inputs_per_group_;
    StageTable stages_;
    GoalWindow window_;
    WorstTime decision_time_;
    std::optional<double> idle_power_w_;  // as last measured

    // Of the present group, which may consist of one input.
    InputGoal goal_;  // as stated, with the energy goal of its inputs
    InputGoal own_;   // as stated by the input itself
    bool has_own_goal_ = false;
    GroupEnergy group_energy_;
    double arrival_s_ = 0, deadline_at_s_ = 0, share_s_ = 0;

    // Of the present input.
    InputResult result_;
    GroupPlace place_;
    bool open_ = false;
    double turn_s_ = 0, start_s_ = 0, elapsed_s_ = 0;
    int stage_ = 0;                 // that runs, or ran last
    std::size_t running_ = 0;       // its configuration
    std::vector<double> stages_s_;  // when each ended
    Outcome outcome_;
    bool learnt_ = true;  // the scheme has observed it
};

InputCycle::Impl::Impl(const Profile& profile, Scheme& scheme, const CycleOptions& options)
    : profile_(profile),
      scheme_(scheme),
      has_power_(has_power(profile)),
      stated_(checked(options.goal)),
      inputs_per_group_(options.inputs_per_group),
      stages_(profile),
      window_(options.window, profile.best_accuracy()),
      goal_(stated_) {
    stages_s_.reserve(most_stages(profile));
}

InputGoal InputCycle::Impl::checked(const Goal& goal) const {
    require_power(goal.energy_j, has_power_);
    return input_goal(goal);
}

void InputCycle::Impl::begin_group(const Arrival& arrival) {
    if (arrival.goal || has_own_goal_) {
        goal_ = arrival.goal ? own_ : stated_;
        has_own_goal_ = arrival.goal != nullptr;
    }
    const InputGoal& stated = has_own_goal_ ? own_ : stated_;
    const double next_s = stated.period_s > 0 ? arrival.at_s + stated.period_s : turn_s_;
    arrival_s_ = arrival.at_s;
    deadline_at_s_ = stated.deadline_s ? arrival.at_s + *stated.deadline_s : kNever;
    share_s_ = (next_s - turn_s_) / static_cast<double>(arrival.place.size);
    group_energy_.begin(share_s_,
                        inputs_per_group_ ? stated.period_s / *inputs_per_group_ : share_s_);
    if (stated.energy_j) {
        goal_.energy_j = group_energy_.goal_j(*stated.energy_j, idle_power_w_.value_or(0));
    }
}

const Decision& InputCycle::Impl::arrived(const Arrival& arrival, double now_s) {
    if (arrival.goal && arrival.place.first()) {
        own_ = checked(*arrival.goal);  // if it throws, nothing has changed
    }
    if (open_) {
        closed(now_s, std::nullopt);
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
    InputGoal goal = goal_;
    window_.carry_on(goal);
    adjust(goal,
           {.now_s = now_s,
            .deadline_at_s = deadline_at_s_,
            .next_arrival_at_s = now_s + share_s_,
            .inputs_sharing = place_.left()},
           decision_time_.worst_s());
    // Constructed in place: copying what was just written would stall the processor.
    new (&result_) InputResult{.group = {}, .decision = scheme_.next(goal)};
    const Decision& decision = result_.decision;
    if (inputs_per_group_) {
        result_.group = place_.group;
    }
    result_.configuration = decision.configuration;
    stage_ = std::min(1, profile_.configurations[decision.configuration].stage);
    running_ = stages_.at(decision.configuration, stage_);
    return decision;
}

bool InputCycle::Impl::ready(double now_s) {
    decision_time_.observe(now_s - turn_s_);
    start_s_ = now_s;
    return now_s < deadline_at_s_;
}

AfterStage InputCycle::Impl::stage_ended(double elapsed_s) {
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

bool InputCycle::Impl::goes_on(double elapsed_s, std::size_t next) const {
    return result_.decision.certain ||
           next_stage_fits({.elapsed_s = elapsed_s,
                            .profiled_s = profile_.configurations[running_].latency_s,
                            .next_profiled_s = profile_.configurations[next].latency_s},
                           result_.decision.xi_expected,
                           (deadline_at_s_ - start_s_) / place_.left());
}

EnergyAccount InputCycle::Impl::closed(double now_s, std::optional<double> idle_power_w) {
    open_ = false;
    window_.observe_accuracy(goal_.accuracy,
                             result_.met_deadline
                                 ? profile_.configurations[result_.configuration].accuracy
                                 : profile_.fail_accuracy);
    outcome_.idle_power_w.reset();
    if (idle_power_w && now_s - end_s() >= kLeastIdle_s) {
        idle_power_w_ = outcome_.idle_power_w = idle_power_w;
    }
    if (result_.latency_s) {
        outcome_.configuration = result_.configuration;
        outcome_.latency_s = *result_.latency_s;
        outcome_.stages_s = stages_s_;
        learnt_ = false;
    }
    const double idle_j =
        place_.last() ? group_energy_.idle_of_last_j()
                      : group_energy_.idle_of_input_j(now_s - turn_s_, assumed_idle_power_w());
    return {.goal_j = goal_.energy_j, .idle_j = idle_j};
}

double InputCycle::Impl::assumed_idle_power_w() const {
    const auto& answered = profile_.configurations[result_.configuration];
    return idle_power_w_.value_or(result_.decision.idle_ratio * answered.power_w.value_or(0));
}

double InputCycle::Impl::settle(const EnergyAccount& account, double spent_j) {
    const double energy_j = spent_j + account.idle_j;
    window_.observe_energy(account.goal_j, energy_j);
    return energy_j;
}

void InputCycle::Impl::learn() {
    if (!learnt_) {
        scheme_.observe(outcome_);
        learnt_ = true;
    }
}

InputCycle::InputCycle(const Profile& profile, Scheme& scheme, const CycleOptions& options)
    : impl_(std::make_unique<Impl>(profile, scheme, checked(options))) {}

InputCycle::InputCycle(Controller& controller, const CycleOptions& options)
    : InputCycle(controller.profile(), *controller.scheme_, options) {}

InputCycle::~InputCycle() = default;
InputCycle::InputCycle(InputCycle&&) noexcept = default;
InputCycle& InputCycle::operator=(InputCycle&&) noexcept = default;

const Decision& InputCycle::arrived(const Arrival& arrival, double now_s) {
    return impl_->arrived(arrival, now_s);
}

bool InputCycle::ready(double now_s) {
    return impl_->ready(now_s);
}

void InputCycle::started(double now_s) {
    impl_->started(now_s);
}

std::size_t InputCycle::running() const {
    return impl_->running();
}

AfterStage InputCycle::stage_ended(double elapsed_s) {
    return impl_->stage_ended(elapsed_s);
}

const InputResult& InputCycle::result() const {
    return impl_->result();
}

double InputCycle::end_s() const {
    return impl_->end_s();
}

EnergyAccount InputCycle::closed(double now_s, std::optional<double> idle_power_w) {
    return impl_->closed(now_s, idle_power_w);
}

double InputCycle::settle(const EnergyAccount& account, double spent_j) {
    return impl_->settle(account, spent_j);
}

void InputCycle::learn() {
    impl_->learn();
}

void InputCycle::rehearse() {
    impl_->rehearse();
}

}  // namespace alert
