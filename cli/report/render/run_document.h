#pragma once

#include "cli/report/render/document.h"
#include "cli/report/run_report.h"

namespace alert::cli {

/// The report as text and tables for people; the web page adds run_figures.
Document document_of(const RunReport& report);

}  // namespace alert::cli
