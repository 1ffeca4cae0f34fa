#include "cli/jobs/co_runners.h"

#include <fmt/format.h>

#include <algorithm>

#include "profiler/machine.h"

namespace alert::cli {

namespace {
// An environment that slows a reference loop by less does not contend.
constexpr double kContends = 1.2;
constexpr int kMostWorkersPerCore = 4;
}  // namespace

std::string stored_spec(const std::string& environment, std::int64_t seed) {
    return environment == "random" ? fmt::format("random:seed={}", seed)
                                   : without_file(environment);
}

std::vector<Contention> calibrate(CoRunner& co_runner, const Schedule& schedule, Status& status,
                                  std::vector<std::string>& warnings,
                                  const std::atomic<bool>& stop) {
    const int most = kMostWorkersPerCore * std::max(1, allowed_cores());
    std::vector<Contention> found;
    for (const Environment environment : schedule.used()) {
        const Contention& contention =
            found.emplace_back(co_runner.calibrate(environment, most, stop));
        const std::string text =
            fmt::format("{}: {} stress-ng workers slow a reference loop {:.2f} times",
                        to_string(environment), contention.workers, contention.slowdown);
        if (contention.slowdown < kContends) {
            warnings.push_back(text + "; this is no contention");
            status.warn(warnings.back());
        } else {
            status.note(text);
        }
    }
    return found;
}

}  // namespace alert::cli
