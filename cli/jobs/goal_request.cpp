#include "cli/jobs/goal_request.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "alert/error.h"
#include "cli/jobs/find_by_label.h"
#include "cli/text/format.h"
#include "cli/text/naming.h"
#include "cli/text/suggest.h"
#include "core/evaluation/schemes.h"

namespace alert::cli {

EstimatorOptions estimator_of(const EstimatorRequest& request) {
    EstimatorOptions options = estimator_named(request.name);
    for (const std::string& option : request.options) {
        const std::size_t at = option.find('=');
        if (at == std::string::npos) {
            throw RequestError(
                fmt::format("--estimator-option {}: no value is given; write NAME=VALUE", option));
        }
        naming("--estimator-option",
               [&] { set_option(options, option.substr(0, at), option.substr(at + 1)); });
    }
    return options;
}

bool shares_deadline(const GoalRequest& request, bool has_groups, std::string_view data) {
    if (request.per_group.value_or(false) && !has_groups) {
        throw RequestError(fmt::format(
            "--deadline-per group: {} has no groups; save them with the data as \"groups\", a "
            "number for every input",
            data));
    }
    return request.per_group.value_or(has_groups);
}

Goal goal_of(const GoalRequest& request) {
    Goal goal = request;
    if (!goal.deadline_s && !goal.accuracy && !goal.energy_j) {
        throw RequestError(
            "no goal: give at least one of --deadline 50ms, --accuracy 90% and --energy 2J");
    }
    if (!goal.period_s && !goal.deadline_s) {
        throw RequestError(
            "--period is missing: without a --deadline it is not known when inputs arrive; write "
            "--period 100ms");
    }
    check_confidence(goal.confidence);
    goal.objective = objective_of(goal);
    goal.period_s = goal.period_s ? goal.period_s : goal.deadline_s;
    return goal;
}

void check_confidence(std::optional<double> confidence) {
    if (confidence && *confidence >= 1) {
        throw RequestError(
            "--confidence 1: no goal can be kept with certainty; ask for less, such as 99.9%");
    }
}

void require_energy(const Goal& goal, const db::ProfileRow& profile) {
    if (goal.energy_j && !profile.energy_source) {
        throw RequestError(fmt::format(
            "--energy {}: profile '{}' has no energy source, so no budget can be kept; profile "
            "with a --power that has one (`alert devices` lists them)",
            format_energy(goal.energy_j), profile.label));
    }
}

db::ProfileRow profile_for(const db::Store& store, const std::string& label, Status& status) {
    db::ProfileRow profile = find_by_label(store.profiles(), "profile", label);
    if (!profile.complete) {
        status.warn(
            fmt::format("profile '{}' is incomplete; resume it with `alert profile --label {}`",
                        profile.label, profile.label));
    }
    return profile;
}

void check_scheme(const std::string& scheme, const std::vector<std::string>& others) {
    std::vector<std::string> names(scheme_names().begin(), scheme_names().end());
    names.insert(names.end(), others.begin(), others.end());
    if (!scheme.starts_with("fixed:") &&
        std::find(names.begin(), names.end(), scheme) == names.end()) {
        throw RequestError(
            fmt::format("--scheme {}: not a scheme{}; write {} or fixed:MODEL[/STAGE]@SETTING",
                        scheme, did_you_mean(scheme, names), fmt::join(names, ", ")));
    }
}

}  // namespace alert::cli
