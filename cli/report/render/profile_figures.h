#pragma once

#include <vector>

#include "cli/report/profile_report.h"
#include "cli/report/render/document.h"

namespace alert::cli {

/// All configurations: accuracy over latency and, where there is energy, over energy.
std::vector<Figure> figures_of(const ProfileReport& report);

}  // namespace alert::cli
