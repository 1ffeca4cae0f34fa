#pragma once

#include <span>
#include <vector>

#include "cli/report/render/document.h"
#include "cli/report/run_report.h"

namespace alert::cli {

/// Response, slowdown, energy and configuration over the inputs of the run. Their size does not
/// depend on the number of inputs.
std::vector<Figure> figures_of(const RunReport& report, std::span<const db::RunInput> inputs);

}  // namespace alert::cli
