#include "profiler/workload/co_runner.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "alert/error.h"
#include "profiler/clock.h"
#include "profiler/machine.h"
#include "profiler/stop.h"
#include "profiler/workload/reference_loop.h"
#include "profiler/workload/stress_ng.h"

namespace alert {
namespace {

/// A loop this much slower counts as halved: equal shares give 2, measured with noise.
constexpr double kHalved = 1.9;
constexpr int kRuns = 15;
/// Time until all workers run: 40 ms on a quiet machine, more on others.
constexpr double kStartUp_s = 0.15;

/// So many workers that, with equal shares, a loop gets half of a processor.
int default_workers() {
    return 2 * std::max(1, allowed_cores()) - 1;
}

/// The matrices (128 x 128, 200 KiB per worker) stay in the caches, the streams (16 MiB per worker)
/// do not. stress-ng's default for streams depends on the last-level cache: on a large server a
/// gigabyte per worker, which takes seconds to start.
std::vector<std::string> arguments_for(const std::string& program, Environment environment,
                                       int workers) {
    const std::string count = std::to_string(workers);
    std::vector<std::string> arguments = {program, "--quiet", "--timeout", "0", "--oomable"};
    const std::vector<std::string> stressor =
        environment == Environment::kMemory
            ? std::vector<std::string>{"--stream", count, "--stream-l3-size", "4M"}
            : std::vector<std::string>{"--matrix", count, "--matrix-size", "128"};
    arguments.insert(arguments.end(), stressor.begin(), stressor.end());
    return arguments;
}

}  // namespace

struct CoRunner::Impl {
    std::string program;
    std::map<Environment, int> workers;
    Environment current = Environment::kDefault;
    std::optional<StressNg> stress;

    void start(Environment environment, int count) {
        stress.emplace(arguments_for(program, environment, count));
        current = environment;
    }

    void stop() {
        stress.reset();
        current = Environment::kDefault;
    }

    void check_running() {
        if (stress && !stress->running()) {
            const Environment lost = current;
            stop();
            throw Error(
                fmt::format("stress-ng of environment {} ended by itself; see what it says "
                            "to: {}",
                            to_string(lost), fmt::join(arguments_for(program, lost, 1), " ")));
        }
    }

    double slowdown(ReferenceLoop& loop, double alone_s, Environment environment, int count) {
        start(environment, count);
        wait_until(now_s() + kStartUp_s);
        const double beside_s = loop.median_s(kRuns);
        check_running();
        stop();
        return beside_s / alone_s;
    }
};

CoRunner::CoRunner() : impl_(std::make_unique<Impl>()) {
    impl_->program = find_stress_ng().string();
    if (impl_->program.empty()) {
        throw RequestError(
            "--environment: stress-ng is not there; install it with: apt-get install stress-ng");
    }
}

CoRunner::~CoRunner() = default;

Contention CoRunner::calibrate(Environment environment, int max_workers,
                               const std::atomic<bool>& stop) {
    if (environment == Environment::kDefault) {
        return {};
    }
    impl_->stop();
    ReferenceLoop loop(environment);
    const double alone_s = loop.median_s(kRuns);
    Contention best{environment, 0, 0};
    // One more each time; in steps of a quarter if there are many.
    for (int count = 1; count <= max_workers && best.slowdown < kHalved;
         count += std::max(1, count / 4)) {
        heed(stop);
        const double slowdown = impl_->slowdown(loop, alone_s, environment, count);
        if (slowdown > best.slowdown) {
            best = {environment, count, slowdown};
        }
    }
    impl_->workers[environment] = best.workers;
    return best;
}

void CoRunner::use(Environment environment, int workers) {
    impl_->workers[environment] = workers;
}

void CoRunner::switch_to(Environment environment) {
    if (environment == impl_->current) {
        impl_->check_running();
        return;
    }
    impl_->stop();
    if (environment != Environment::kDefault) {
        const auto known = impl_->workers.find(environment);
        impl_->start(environment,
                     known == impl_->workers.end() ? default_workers() : known->second);
    }
}

}  // namespace alert
