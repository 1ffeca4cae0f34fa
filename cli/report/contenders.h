#pragma once

#include <span>
#include <string>
#include <vector>

#include "db/records.h"

namespace alert::cli {

/// Whether both ran under the same conditions: profile, trace (or live), environment.
bool same_conditions(const db::RunRow& a, const db::RunRow& b);

/// Whether both had the same objective, goals and period.
bool same_setting(const db::RunRow& a, const db::RunRow& b);

/// The name of each run in a comparison: its scheme, with the estimator (an oracle has none), the
/// window, the confidence and the miss limit if runs of this scheme differ in them, and with the
/// label if runs of the same name have the same setting and conditions under several labels.
std::vector<std::string> contender_names(std::span<const db::RunResult> runs);

}  // namespace alert::cli
