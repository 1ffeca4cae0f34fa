#pragma once

#include <string>
#include <vector>

#include "db/store.h"

namespace alert::cli {

/// The finished runs and replays with one of these labels, in the order they were stored; all of
/// them when `labels` is empty. Live runs get the figures that replays are stored with. Throws
/// RequestError: a label that no run has, or nothing is finished yet.
std::vector<db::ReplayRow> comparable_runs(const db::Store& store,
                                           const std::vector<std::string>& labels);

/// Those of the label that the newest of them has.
std::vector<db::ReplayRow> newest_comparable_runs(const db::Store& store);

}  // namespace alert::cli
