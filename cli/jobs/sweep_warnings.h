#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "profiler/sweep.h"

namespace alert::cli {

/// What makes the latencies that a sweep measured doubtful, one line each: means that are not known
/// to the `precision` asked for (0: none was), and latencies that vary much. `name` says which
/// configuration it is, to people.
std::vector<std::string> sweep_warnings(std::span<const SweepStatus> configurations,
                                        double precision,
                                        const std::function<std::string(const SweepStatus&)>& name);

}  // namespace alert::cli
