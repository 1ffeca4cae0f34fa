#pragma once

#include "cli/report/compare_report.h"
#include "cli/report/render/document.h"
#include "cli/report/render/json.h"

/// A comparison for people, as rows, and as JSON; `detail` adds every setting.
namespace alert::cli {

Document document_of(const Comparison& comparison, bool detail);

/// One row per group and scheme; with `detail` one per run.
Records comparison_records(const Comparison& comparison, bool detail);

Json json_of(const Comparison& comparison, bool detail);

}  // namespace alert::cli
