#pragma once

#include "cli/report/render/document.h"
#include "cli/report/render/json.h"
#include "cli/report/trace_report.h"

namespace alert::cli {

/// The environments, and the latency of every output in each.
Document document_of(const TraceReport& report);

/// The trace, its environments, the mean latency and accuracy of every output in each, warnings.
Json json_of(const TraceReport& report);

/// One row for every output and environment.
Records trace_records(const TraceReport& report);

}  // namespace alert::cli
