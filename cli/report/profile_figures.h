#pragma once

#include <vector>

#include "cli/report/document.h"
#include "cli/report/profile_report.h"

namespace alert::cli {

/// All configurations: accuracy over latency and, where there is energy, over energy.
std::vector<Figure> figures_of(const ProfileReport& report);

}  // namespace alert::cli
