#pragma once

#include <span>

#include "cli/report/profile_report.h"
#include "cli/report/render/document.h"
#include "cli/report/render/json.h"

namespace alert::cli {

/// The report as text and tables for people: every output under its reference setting and its part
/// of the Pareto front or, with `full`, every configuration.
Document document_of(const ProfileReport& report, bool full);

/// The profile, its configurations (the columns of the view profile_summary and `pareto`),
/// warnings.
Json json_of(const ProfileReport& report);

/// One row per configuration: the columns of the view profile_summary and `pareto` (0 or 1).
Records configuration_records(std::span<const ProfileReport> reports);

}  // namespace alert::cli
