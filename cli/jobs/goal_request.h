#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "alert/goal.h"
#include "cli/jobs/status.h"
#include "db/store.h"

/// What `run` and `replay` are asked for in common: the goals, and how to keep them.
namespace alert::cli {

/// Goals as they were given.
struct GoalRequest : Goal {
    std::optional<bool> per_group;  ///< not given: where the data has groups
};

/// Whether the inputs of a group share the deadline. Throws RequestError where they are to, but
/// `data`, as it is named to people, has no groups.
bool shares_deadline(const GoalRequest& request, bool has_groups, std::string_view data);

/// The goal with the objective and the period that follow from what was given. Throws RequestError
/// where there is no goal, nothing says when inputs arrive, or for a --confidence of 1.
Goal goal_of(const GoalRequest& request);

/// Throws RequestError for a --confidence of 1.
void check_confidence(std::optional<double> confidence);

/// Throws RequestError where the goal needs energies and there is no source of them.
void require_energy(const Goal& goal, const db::ProfileRow& profile);

/// The profile with this label, the newest when it is empty; warns of one that is not complete.
/// Throws RequestError: not there.
db::ProfileRow profile_for(const db::Store& store, const std::string& label, Status& status);

/// Throws RequestError with a suggestion: no scheme has this name, nor one of `others`.
void check_scheme(const std::string& scheme, const std::vector<std::string>& others = {});

}  // namespace alert::cli
