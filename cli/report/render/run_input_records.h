#pragma once

#include <vector>

#include "cli/report/render/records.h"
#include "db/records.h"

namespace alert::cli {

/// The columns of one input, for JSON and CSV, and its row.
std::vector<Column> input_columns();
Row input_row(const db::RunInput& input);

}  // namespace alert::cli
