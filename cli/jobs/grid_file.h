#pragma once

#include <filesystem>
#include <vector>

#include "cli/jobs/goal_request.h"

namespace alert::cli {

/// Reads goal settings from CSV: a header with any of the columns objective, deadline, accuracy,
/// energy and period, then one setting per line. Cells are written like the flags of `alert run`
/// ("50ms", "92%", "2J"); an empty cell is a goal that is not given. Empty lines and lines that
/// begin with # are skipped. Throws RequestError that names file and line.
std::vector<GoalRequest> read_grid(const std::filesystem::path& file);

}  // namespace alert::cli
