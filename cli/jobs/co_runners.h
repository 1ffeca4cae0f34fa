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

/// The `--environment` spec as it is stored: complete in itself, with the seed that "random" alone
/// leaves to `--seed`, and with the parts that a file names. Throws RequestError.
std::string stored_spec(const std::string& environment, std::int64_t seed);

/// Finds the workers of every environment that the schedule uses, and tells how much each slows a
/// known loop. One that does not contend is warned of, and the warning added. Throws Interrupted
/// where `stop` was set.
std::vector<Contention> calibrate(CoRunner& co_runner, const Schedule& schedule, Status& status,
                                  std::vector<std::string>& warnings,
                                  const std::atomic<bool>& stop);

}  // namespace alert::cli
