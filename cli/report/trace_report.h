#pragma once

#include <cstdint>
#include <vector>

#include "db/records.h"

namespace alert::cli {

/// A trace, and how much of it was recorded.
struct TraceReport {
    db::TraceRow trace;
    std::int64_t recorded = 0;  ///< inputs
    std::vector<db::TraceSummaryRow> rows;
};

}  // namespace alert::cli
