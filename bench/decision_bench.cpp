// One decision of the controller against the same decision by a plain loop in double precision.
// Both are timed alternately in short batches. Every batch is repeated and its fastest time counts,
// so that other programs disturb neither the times nor their ratio.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <new>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "bench/plain_loop.h"
#include "bench/synthetic_profile.h"
#include "core/evaluation/statistics.h"
#include "core/method/alert_scheme.h"

namespace {
std::size_t allocations = 0;
}  // namespace

void* operator new(std::size_t size) {
    ++allocations;
    if (void* memory = std::malloc(size == 0 ? 1 : size)) {
        return memory;
    }
    throw std::bad_alloc();
}
void operator delete(void* memory) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
    std::free(memory);
}

namespace {

using namespace alert;

enum Case { kEnergy, kAccuracy, kInfeasible };

constexpr std::size_t kBatch = 64, kInputs = 4 * kBatch;

// Deadlines and observed slowdowns that differ from input to input.
struct Workload {
    std::vector<InputGoal> goals;
    std::vector<double> slowdowns;

    explicit Workload(Case which) {
        std::mt19937_64 random(1);
        std::uniform_real_distribution<> uniform(0.5, 1.5);
        std::normal_distribution<> normal;
        for (std::size_t n = 0; n < kInputs; ++n) {
            InputGoal goal{.objective = which == kAccuracy ? Objective::kMaximiseAccuracy
                                                           : Objective::kMinimiseEnergy,
                           .deadline_s = 0.01 * uniform(random),
                           .period_s = 0.01,
                           .interval_s = 0.01,
                           .deadline_confidence = 0.9};
            if (which == kAccuracy) {
                goal.energy_j = 0.4 * uniform(random);
                goal.energy_confidence = 0.9;
            } else {
                goal.accuracy = which == kInfeasible ? 0.99 : 0.85 + 0.04 * uniform(random);
            }
            goals.push_back(goal);
            slowdowns.push_back((n / kBatch % 2 == 0 ? 1 : 2) * std::exp(0.1 * normal(random)));
        }
    }
};

// The outcome of a decision; every stage of an anytime network ran.
class Machine {
   public:
    Machine(const Profile& profile, const Workload& workload)
        : profile_(profile), workload_(workload) {}

    Outcome run(std::size_t input, std::size_t configuration) {
        const auto& ran = profile_.configurations[configuration];
        const double slowdown = workload_.slowdowns[input];
        const auto stages = static_cast<std::size_t>(ran.stage);
        for (std::size_t k = 0; k < stages; ++k) {
            const std::size_t stage = configuration + 1 - stages + k;
            stages_s_[k] = slowdown * profile_.configurations[stage].latency_s;
        }
        return {.configuration = configuration,
                .latency_s = slowdown * ran.latency_s,
                .idle_power_w = 0.15 * *ran.power_w,
                .stages_s = {stages_s_.data(), stages}};
    }

   private:
    const Profile& profile_;
    const Workload& workload_;
    std::array<double, 5> stages_s_{};
};

// `count` inputs from the n-th on; returns the seconds that one took.
double time_batch(Scheme& scheme, const Profile& profile, const Workload& workload, std::size_t n,
                  std::size_t count) {
    Machine machine(profile, workload);
    const auto start = std::chrono::steady_clock::now();
    for (std::size_t input = n; input < n + count; ++input) {
        const Decision decision = scheme.next(workload.goals[input]);
        scheme.observe(machine.run(input, decision.configuration));
    }
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
    return taken.count() / static_cast<double>(count);
}

// The objective value of a choice, as estimated by the one that chose.
double worth(const Decision& decision, Case which) {
    return which == kEnergy ? -*decision.energy_j : decision.accuracy;
}

// The decisions of both on the same inputs, with the outcomes of the controller's choices: the
// share of equivalent choices, which makes their times comparable, and of feasible ones.
// Equivalent: both feasible or both not, and equally good within single precision.
struct Agreement {
    double alike = 0, feasible = 0;
};

Agreement agreement(Scheme& controller, Scheme& plain, const Profile& profile,
                    const Workload& workload, Case which) {
    Machine machine(profile, workload);
    Agreement agreement;
    constexpr double kShare = 1.0 / kInputs;
    for (std::size_t input = 0; input < kInputs; ++input) {
        const Decision decision = controller.next(workload.goals[input]);
        const Decision other = plain.next(workload.goals[input]);
        const double ours = worth(decision, which), theirs = worth(other, which);
        const bool alike = decision.feasible == other.feasible &&
                           std::abs(ours - theirs) <= 1e-4 * std::abs(theirs);
        agreement.alike += alike ? kShare : 0;
        agreement.feasible += decision.feasible ? kShare : 0;
        const Outcome outcome = machine.run(input, decision.configuration);
        controller.observe(outcome);
        plain.observe(outcome);
    }
    return agreement;
}

template <class PlainSlowdown>
void decision(benchmark::State& state, Case which, Estimator estimator) {
    const Profile profile = synthetic_profile(static_cast<std::size_t>(state.range(0)));
    const Workload workload(which);
    AlertScheme controller(profile, estimator);
    PlainLoop<PlainSlowdown> plain(profile);
    const Agreement agreed = agreement(controller, plain, profile, workload, which);
    std::array<double, kInputs / kBatch> decision_s, plain_s;  // the fastest of each batch
    decision_s.fill(1);
    plain_s.fill(1);
    std::size_t round = 0, allocated = 0;
    for ([[maybe_unused]] auto _ : state) {
        const std::size_t batch = round++ % decision_s.size();
        const std::size_t before = allocations;
        const double taken_s = time_batch(controller, profile, workload, batch * kBatch, kBatch);
        allocated += allocations - before;
        decision_s[batch] = std::min(decision_s[batch], taken_s);
        plain_s[batch] =
            std::min(plain_s[batch], time_batch(plain, profile, workload, batch * kBatch, kBatch));
        state.SetIterationTime(taken_s);
    }
    state.counters["decision_us"] = 1e6 * mean_of(decision_s);
    state.counters["plain_us"] = 1e6 * mean_of(plain_s);
    state.counters["times_faster"] = mean_of(plain_s) / mean_of(decision_s);
    state.counters["allocations"] = static_cast<double>(allocated);
    state.counters["alike"] = agreed.alike;
    state.counters["feasible"] = agreed.feasible;
}

void register_cases(const char* estimator, void (*run)(benchmark::State&, Case, Estimator),
                    Estimator which) {
    for (const auto& [name, goals] : {std::pair{"least_energy", kEnergy},
                                      {"best_accuracy", kAccuracy},
                                      {"nothing_feasible", kInfeasible}}) {
        for (const int configurations : {10, 100, 1000}) {
            const std::string full = std::string("decision/") + estimator + "/" + name;
            benchmark::RegisterBenchmark(full.c_str(), run, goals, which)
                ->Arg(configurations)
                ->ArgName("configurations")
                ->UseManualTime()
                ->Unit(benchmark::kMicrosecond)
                ->Iterations(2000);
        }
    }
}

}  // namespace

int main(int argc, char** argv) {
    register_cases("calibrated", decision<PlainObserved>, Estimator::kCalibrated);
    register_cases("paper", decision<PlainGaussian>, Estimator::kPaper);
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) {
        return 2;
    }
    benchmark::RunSpecifiedBenchmarks();
    benchmark::Shutdown();
    return 0;
}
