#pragma once

#include <vector>

#include "cli/json.h"
#include "cli/report/document.h"
#include "db/records.h"

namespace alert::cli {

/// A trace and what was recorded of it.
struct TraceReport {
    db::TraceRow trace;
    std::int64_t recorded = 0;  ///< inputs
    std::vector<db::TraceSummaryRow> rows;
};

/// The environments, and how long every output took in each.
Document document_of(const TraceReport& report);

/// The trace, its environments, the mean latency and accuracy of every output in each, doubts.
Json json_of(const TraceReport& report);

/// One row for every output and environment.
Records trace_records(const TraceReport& report);

}  // namespace alert::cli
