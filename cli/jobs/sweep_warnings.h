#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "profiler/sweep.h"

namespace alert::cli {

/// Why the latencies of a sweep may be doubtful, one line each: means that are not known to the
/// `precision` asked for (0: none was), and latencies that vary a lot. `name` names a configuration
/// in messages.
std::vector<std::string> sweep_warnings(std::span<const SweepStatus> configurations,
                                        double precision,
                                        const std::function<std::string(const SweepStatus&)>& name);

}  // namespace alert::cli
