#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "alert/goal.h"
#include "cli/jobs/status.h"
#include "core/evaluation/figures.h"
#include "core/method/estimator_options.h"
#include "db/store.h"

/// What `run` and `replay` are both asked for: goals, and how to keep them.
namespace alert::cli {

/// Goals as they were given, and how they are judged.
struct GoalRequest : Goal {
    double miss_limit = kMissLimit;  ///< share of misses beyond which the deadline is violated
    std::optional<bool> per_group;   ///< not given: if the data has groups
};

/// The estimator as it was asked for.
struct EstimatorRequest {
    std::string name = "calibrated";
    std::vector<std::string> options;  ///< NAME=VALUE, for experiments
};

/// Throws RequestError: no such estimator or option, or a value that is none for it.
EstimatorOptions estimator_of(const EstimatorRequest& request);

/// Whether the inputs of a group share the deadline. Throws RequestError if that was asked for and
/// `data`, the name for the message, has no groups.
bool shares_deadline(const GoalRequest& request, bool has_groups, std::string_view data);

/// The goal, with the objective and the period that follow from it. Throws RequestError if there is
/// no goal, if it is not known when inputs arrive, or for a --confidence of 1.
Goal goal_of(const GoalRequest& request);

/// Throws RequestError for a --confidence of 1.
void check_confidence(std::optional<double> confidence);

/// Throws RequestError if the goal needs energy and the profile has no source of it.
void require_energy(const Goal& goal, const db::ProfileRow& profile);

/// The profile with this label, the newest if the label is empty; warns if it is incomplete. Throws
/// RequestError if there is none.
db::ProfileRow profile_for(const db::Store& store, const std::string& label, Status& status);

/// Throws RequestError with a suggestion unless it is the name of a scheme or one of `others`.
void check_scheme(const std::string& scheme, const std::vector<std::string>& others = {});

}  // namespace alert::cli
