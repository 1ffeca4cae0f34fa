// Speed of replays: decisions per second of one thread, with everything that a replay does.
#include <benchmark/benchmark.h>

#include <cmath>
#include <random>

#include "bench/synthetic_profile.h"
#include "core/evaluation/replay.h"
#include "core/evaluation/schemes.h"

namespace {

using namespace alert;

Trace trace_of(const Profile& profile, std::size_t inputs) {
    Trace trace{
        .inputs = inputs, .configurations = profile.configurations.size(), .has_power = true};
    std::mt19937_64 random(1);
    std::normal_distribution<> normal;
    for (std::size_t n = 0; n < inputs; ++n) {
        const bool contended = n / 64 % 2 == 1;
        trace.environment.push_back(contended ? 1 : 0);
        double slowdown = 1;
        for (const ProfiledConfiguration& configuration : profile.configurations) {
            if (configuration.stage <= 1) {  // the stages of an inference share its slowdown
                slowdown = (contended ? 2 : 1) * std::exp(0.1 * normal(random));
            }
            trace.latency_s.push_back(slowdown * configuration.latency_s);
            trace.power_w.push_back(*configuration.power_w);
            trace.idle_power_w.push_back(12);
            trace.correct.push_back(random() % 100 < 90 ? 1 : 0);
        }
    }
    return trace;
}

void replayed(benchmark::State& state, const char* estimator) {
    const Profile profile = synthetic_profile(100);
    const Trace trace = trace_of(profile, 2000);
    const Workload workload{.goal = {.objective = Objective::kMinimiseEnergy,
                                     .deadline_s = 0.01,
                                     .accuracy = 0.88,
                                     .energy_j = {},
                                     .period_s = 0.01},
                            .inputs = trace.inputs,
                            .period_s = 0.01};
    for ([[maybe_unused]] auto _ : state) {
        const auto scheme =
            make_scheme("alert", profile, estimator_named(estimator), workload, nullptr);
        std::size_t late = 0;
        replay(profile, trace, workload, *scheme,
               [&](const PlayedInput& input) { late += input.met_deadline ? 0 : 1; });
        benchmark::DoNotOptimize(late);
    }
    state.counters["decisions_per_s"] = benchmark::Counter(
        static_cast<double>(trace.inputs), benchmark::Counter::kIsIterationInvariantRate);
}

}  // namespace

BENCHMARK_CAPTURE(replayed, paper, "paper")->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK_CAPTURE(replayed, calibrated, "calibrated")->Unit(benchmark::kMillisecond)->UseRealTime();

BENCHMARK_MAIN();
