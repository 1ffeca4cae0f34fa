#pragma once

#include <filesystem>
#include <vector>

#include "cli/jobs/goal_request.h"

namespace alert::cli {

/// Reads constraint settings from CSV: a header that names columns among objective, deadline,
/// accuracy, energy and period in any order, then a setting a line. Cells are written as the flags
/// of `alert run` are ("50ms", "92%", "2J"); an empty one is a goal that is not given. Empty lines
/// and those that start with # are skipped. Throws RequestError that names file and line.
std::vector<GoalRequest> read_grid(const std::filesystem::path& file);

}  // namespace alert::cli
