#pragma once

#include <cmath>
#include <cstdint>

#include "alert/goal.h"
#include "alert/profile.h"
#include "db/records.h"

namespace alert::cli {

/// Estimates are computed in single precision, which holds seven digits; no more are stored.
inline double seven_digits(double estimate) {
    if (estimate == 0) {
        return 0;
    }
    const double unit = std::pow(10, 6 - std::floor(std::log10(std::abs(estimate))));
    return std::round(estimate * unit) / unit;
}

/// The result of one input as it is stored. `Played` is the InputRecord of a live run or the
/// PlayedInput of a replay. What only one of them has is left to the caller: n, energy, decision
/// time, environment.
template <class Played>
db::RunInput to_run_input(const Played& played, const Profile& profile, const Goal& goal) {
    const auto& answered = profile.configurations[played.configuration];
    const auto& chosen = profile.configurations[played.decision.configuration];
    db::RunInput input{.model = profile.models[answered.model],
                       .power_setting = profile.settings[answered.setting],
                       .deadline_s = goal.deadline_s,
                       .latency_s = played.latency_s,
                       .response_s = played.response_s,
                       .met_deadline = played.met_deadline,
                       .accuracy_expected = seven_digits(played.decision.accuracy),
                       .correct = played.correct,
                       .xi_mean = played.decision.xi_mean,
                       .xi_std = played.decision.xi_std,
                       .idle_ratio = played.decision.idle_ratio};
    if (played.group) {
        input.group_id = static_cast<std::int64_t>(*played.group);
    }
    if (chosen.stage > 0) {
        input.stage_limit = chosen.stage;
        if (played.latency_s) {
            input.stage = answered.stage;
        }
    }
    if (goal.deadline_s) {
        input.deadline_probability = seven_digits(played.decision.deadline_probability);
    }
    return input;
}

}  // namespace alert::cli
