#pragma once

#include <span>
#include <string>
#include <vector>

#include "db/records.h"

namespace alert::cli {

/// Whether both were played under the same conditions: profile, trace (or live), environment.
bool same_conditions(const db::RunRow& a, const db::RunRow& b);

/// Whether both were asked for the same: objective, goals and period.
bool same_setting(const db::RunRow& a, const db::RunRow& b);

/// The name that each run is compared under: its scheme and, where runs of this scheme differ in
/// them, estimator (an oracle needs none), window, confidence; the label where runs of the same
/// name have the same setting and conditions under several labels.
std::vector<std::string> contender_names(std::span<const db::ReplayRow> runs);

}  // namespace alert::cli
