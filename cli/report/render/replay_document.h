#pragma once

#include <span>

#include "cli/report/render/document.h"
#include "db/records.h"

namespace alert::cli {

/// Replays of one setting, one line per scheme.
Document document_of(std::span<const db::RunResult> replays);

/// The results of replays, one row each: the columns of the view run_summary, the mean latency and
/// the standard error of the accuracy.
Records replay_records(std::span<const db::RunResult> replays);

}  // namespace alert::cli
