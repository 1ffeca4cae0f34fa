#include "alert/controller.h"

#include <string>

#include "alert/error.h"
#include "core/method/alert_scheme.h"
#include "core/method/goal.h"

namespace alert {

namespace {

// The time between arrivals (E17), which is not shortened by a late start here.
InputGoal on_time(const Goal& stated) {
    InputGoal goal = input_goal(stated);
    goal.interval_s = goal.period_s;
    return goal;
}

}  // namespace

Controller::Controller(const Profile& profile, const ControllerOptions& options)
    : scheme_(std::make_unique<AlertScheme>(profile, options.estimator)) {}

Controller::~Controller() = default;
Controller::Controller(Controller&&) noexcept = default;
Controller& Controller::operator=(Controller&&) noexcept = default;

const Profile& Controller::profile() const {
    return scheme_->profile();
}

Decision Controller::next(const Goal& goal) {
    return scheme_->next(on_time(goal));
}

void Controller::observe(const Outcome& outcome) {
    const std::size_t configurations = profile().configurations.size();
    if (outcome.configuration >= configurations) {
        throw RequestError("the outcome is of configuration " +
                           std::to_string(outcome.configuration) + ", and the profile has " +
                           std::to_string(configurations));
    }
    if (!(outcome.latency_s >= 0)) {
        throw RequestError("the outcome's latency_s is " + std::to_string(outcome.latency_s) +
                           ": give seconds from the start of the inference to the answer");
    }
    scheme_->observe(outcome);
}

void Controller::rehearse(const Goal& goal) {
    scheme_->rehearse(on_time(goal));
}

}  // namespace alert
