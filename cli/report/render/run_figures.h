#pragma once

#include <span>
#include <vector>

#include "cli/report/render/document.h"
#include "cli/report/run_report.h"

namespace alert::cli {

/// Over the inputs of the run: response, slowdown, energy, configuration. Their size depends on
/// the screen, not on the number of inputs.
std::vector<Figure> figures_of(const RunReport& report, std::span<const db::RunInput> inputs);

}  // namespace alert::cli
