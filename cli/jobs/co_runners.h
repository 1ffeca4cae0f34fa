#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "cli/jobs/status.h"
#include "profiler/workload/co_runner.h"
#include "profiler/workload/schedule.h"

/// Co-runners of a run or a trace.
namespace alert::cli {

/// The `--environment` spec as it is stored, complete by itself: "random" with its seed, and a file
/// replaced by the parts that it lists. Throws RequestError.
std::string stored_spec(const std::string& environment, std::int64_t seed);

/// Finds the number of workers for every environment that the schedule uses, and reports how much
/// each slows a reference loop. Warns if one causes no contention, and adds the warning. Throws
/// Interrupted if `stop` was set.
std::vector<Contention> calibrate(CoRunner& co_runner, const Schedule& schedule, Status& status,
                                  std::vector<std::string>& warnings,
                                  const std::atomic<bool>& stop);

}  // namespace alert::cli
