#pragma once

#include <span>
#include <string_view>

#include "cli/report/render/json.h"
#include "cli/report/render/table.h"
#include "cli/report/run_report.h"

/// A run's report as rows and as JSON.
namespace alert::cli {

/// "yes", "no" or "cannot tell".
std::string_view text_of(Verdict verdict);

/// One row per run: the columns of the view run_summary, then those of a GroupResult.
Records summary_records(std::span<const RunReport> reports);

Records use_records(std::span<const ConfigurationUse> uses);

Records part_records(std::span<const RunPart> parts);

/// The columns of the view run_summary and everything else that was computed; no inputs.
Json json_of(const RunReport& report);

}  // namespace alert::cli
