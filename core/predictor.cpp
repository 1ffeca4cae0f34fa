#include "core/predictor.h"

#include <cmath>
#include <stdexcept>

namespace alert {

namespace {

// Single precision holds seven digits: no more are shown.
double seven_digits(float value) {
    if (value == 0) {
        return 0;
    }
    const double unit = std::pow(10, 6 - std::floor(std::log10(std::abs(value))));
    return std::round(value * unit) / unit;
}

}  // namespace

Predictor::Predictor(const Profile& profile, Estimator estimator, bool mean_only)
    : profile_(profile),
      table_(profile),
      estimates_(table_.size()),
      estimator_(estimator),
      mean_only_(mean_only) {}

Belief Predictor::belief() const {
    return {.xi_mean = slowdown_.mean(),
            .xi_std = mean_only_ ? 0 : slowdown_.std(),
            .idle_ratio = idle_ratio_.ratio()};
}

Estimates& Predictor::estimate(const Goal& goal) {
    if (goal.energy_j && !table_.has_power()) {
        throw std::invalid_argument("an energy goal needs a profile with power");
    }
    alert::estimate(table_, belief(), goal, estimates_);
    return estimates_;
}

Decision Predictor::describe(std::size_t slot) {
    const Belief current = belief();
    Decision decision{.configuration = table_.configuration_of(slot),
                      .deadline_probability = seven_digits(estimates_.deadline_probability()[slot]),
                      .accuracy = seven_digits(estimates_.accuracy()[slot]),
                      .xi_mean = current.xi_mean,
                      .xi_std = current.xi_std,
                      .idle_ratio = current.idle_ratio};
    if (table_.has_power()) {
        decision.energy_j = seven_digits(estimates_.energy_j()[slot]);
    }
    return decision;
}

void Predictor::observe(const Outcome& outcome) {
    const auto& ran = profile_.configurations[outcome.configuration];
    slowdown_.observe(outcome.latency_s / ran.latency_s);
    if (outcome.idle_power_w && ran.power_w) {
        idle_ratio_.observe(*outcome.idle_power_w / *ran.power_w);
    }
}

}  // namespace alert
