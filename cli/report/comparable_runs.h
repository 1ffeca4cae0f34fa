#pragma once

#include <string>
#include <vector>

#include "db/store.h"

namespace alert::cli {

/// The finished runs and replays with one of these labels, in the order in which they were stored;
/// all if `labels` is empty. Live runs get the same figures as replays. Throws RequestError for a
/// label that no run has, or if nothing is finished yet.
std::vector<db::RunResult> comparable_runs(const db::Store& store,
                                           const std::vector<std::string>& labels);

/// Those that have the same label as the newest.
std::vector<db::RunResult> newest_comparable_runs(const db::Store& store);

/// Judges them anew, as if all had been given this miss limit.
void judge_by(double miss_limit, std::vector<db::RunResult>& runs);

}  // namespace alert::cli
