// One decision of the controller against the same decision by a plain loop in double precision.
// Both are timed in turn, in short batches, and the fastest batch of each counts: what another
// program takes of the processor disturbs neither the times nor their ratio.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <new>
#include <numbers>
#include <random>
#include <vector>

#include "bench/synthetic_profile.h"
#include "core/controller.h"
#include "core/normal.h"

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

// The method as one would first write it: an array of structures in the order of the profile, the
// stages of a chain one after the other, std::erfc, and the best so far kept along the way.
class PlainLoop final : public Scheme {
   public:
    explicit PlainLoop(const Profile& profile) : configurations_(profile.configurations) {}

    Decision next(const Goal& goal) override {
        const double xi_bound =
            goal.energy_confidence
                ? slowdown_.mean() + slowdown_.std() * normal_quantile(*goal.energy_confidence)
                : slowdown_.mean();
        Scored best, fallback;
        Chain chain;
        for (std::size_t c = 0; c < configurations_.size(); ++c) {
            const Scored scored = score(c, goal, xi_bound, chain);
            if (keeps(scored, goal) && better(scored, best, goal.objective)) {
                best = scored;
            }
            if (less_bad(scored, fallback, goal)) {
                fallback = scored;
            }
        }
        const bool feasible = best.energy_j < kNone;
        const Scored& chosen = feasible ? best : fallback;
        return {.configuration = chosen.configuration,
                .feasible = feasible,
                .deadline_probability = chosen.probability,
                .accuracy = chosen.accuracy,
                .energy_j = chosen.energy_j,
                .xi_mean = slowdown_.mean(),
                .xi_std = slowdown_.std(),
                .idle_ratio = idle_ratio_.ratio()};
    }

    void observe(const Outcome& outcome) override {
        const auto& ran = configurations_[outcome.configuration];
        slowdown_.observe(outcome.latency_s / ran.latency_s);
        idle_ratio_.observe(*outcome.idle_power_w / *ran.power_w);
    }

   private:
    static constexpr double kNone = std::numeric_limits<double>::max();

    struct Scored {
        std::size_t configuration = 0;
        double probability = -1, accuracy = -1;
        double latency_s = kNone, energy_j = kNone, energy_bound_j = kNone;
    };

    // What the stages so far of the chain at hand came to.
    struct Chain {
        double probability = 0, accuracy = 0, before = 0, latency_s = 0, bound_s = 0;
    };

    double energy(double power_w, double time_s, double period_s) const {
        return power_w * time_s + idle_ratio_.ratio() * power_w * std::max(0.0, period_s - time_s);
    }

    Scored score(std::size_t c, const Goal& goal, double xi_bound, Chain& chain) const {
        const auto& profiled = configurations_[c];
        const double mean_s = slowdown_.mean() * profiled.latency_s;
        const double bound_s = xi_bound * profiled.latency_s;
        const double z =
            (*goal.deadline_s / profiled.latency_s - slowdown_.mean()) / slowdown_.std();
        const double probability = 0.5 * std::erfc(-z / std::numbers::sqrt2);
        if (profiled.stage <= 1) {
            chain = {.probability = probability,
                     .accuracy = kFailAccuracy,
                     .before = kFailAccuracy,
                     .latency_s = mean_s,
                     .bound_s = bound_s};
        }
        chain.accuracy += (profiled.accuracy - chain.before) * probability;
        chain.before = profiled.accuracy;
        chain.latency_s = mean_s <= *goal.deadline_s ? mean_s : chain.latency_s;
        chain.bound_s = bound_s <= *goal.deadline_s ? bound_s : chain.bound_s;
        return {.configuration = c,
                .probability = chain.probability,
                .accuracy = chain.accuracy,
                .latency_s = chain.latency_s,
                .energy_j = energy(*profiled.power_w, chain.latency_s, goal.period_s),
                .energy_bound_j = energy(*profiled.power_w, chain.bound_s, goal.period_s)};
    }

    static bool keeps(const Scored& s, const Goal& goal) {
        return s.probability >= goal.deadline_confidence &&
               (!goal.accuracy || s.accuracy >= *goal.accuracy) &&
               (!goal.energy_j || s.energy_bound_j <= *goal.energy_j);
    }

    static bool better(const Scored& a, const Scored& b, Objective objective) {
        const double cost_a = cost(a, objective), cost_b = cost(b, objective);
        if (cost_a != cost_b) {
            return cost_a < cost_b;
        }
        return a.energy_j != b.energy_j ? a.energy_j < b.energy_j : a.latency_s < b.latency_s;
    }

    static double cost(const Scored& s, Objective objective) {
        return objective == Objective::kMinimiseEnergy    ? s.energy_j
               : objective == Objective::kMinimiseLatency ? s.latency_s
                                                          : -s.accuracy;
    }

    static bool less_bad(const Scored& a, const Scored& b, const Goal& goal) {
        const double p_a = std::min(a.probability, goal.deadline_confidence);
        const double p_b = std::min(b.probability, goal.deadline_confidence);
        if (p_a != p_b) {
            return p_a > p_b;
        }
        return a.accuracy != b.accuracy ? a.accuracy > b.accuracy : a.energy_j < b.energy_j;
    }

    std::vector<ProfiledConfiguration> configurations_;
    SlowdownFilter slowdown_;
    IdleRatioFilter idle_ratio_;
};

enum Case { kEnergy, kAccuracy, kInfeasible };

// Deadlines, and slowdowns of what ran, that differ from input to input.
struct Workload {
    std::vector<Goal> goals;
    std::vector<double> slowdowns;

    explicit Workload(Case which) {
        std::mt19937_64 random(1);
        std::uniform_real_distribution<> uniform(0.5, 1.5);
        std::normal_distribution<> normal;
        for (int n = 0; n < 256; ++n) {
            Goal goal{.objective = which == kAccuracy ? Objective::kMaximiseAccuracy
                                                      : Objective::kMinimiseEnergy,
                      .deadline_s = 0.01 * uniform(random),
                      .period_s = 0.01,
                      .deadline_confidence = 0.9};
            if (which == kAccuracy) {
                goal.energy_j = 0.4 * uniform(random);
                goal.energy_confidence = 0.9;
            } else {
                goal.accuracy = which == kInfeasible ? 0.99 : 0.85 + 0.04 * uniform(random);
            }
            goals.push_back(goal);
            slowdowns.push_back((n / 64 % 2 == 0 ? 1 : 2) * std::exp(0.1 * normal(random)));
        }
    }
};

// `count` inputs from the n-th on; returns the seconds that one took.
double time_batch(Scheme& scheme, const Profile& profile, const Workload& workload, std::size_t n,
                  std::size_t count) {
    const auto start = std::chrono::steady_clock::now();
    for (std::size_t i = n; i < n + count; ++i) {
        const std::size_t input = i % workload.goals.size();
        const Decision decision = scheme.next(workload.goals[input]);
        const auto& ran = profile.configurations[decision.configuration];
        scheme.observe({.configuration = decision.configuration,
                        .latency_s = workload.slowdowns[input] * ran.latency_s,
                        .idle_power_w = 0.15 * *ran.power_w});
    }
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
    return taken.count() / static_cast<double>(count);
}

void decision(benchmark::State& state, Case which, Estimator estimator) {
    const Profile profile = synthetic_profile(static_cast<std::size_t>(state.range(0)));
    const Workload workload(which);
    Controller controller(profile, estimator);
    PlainLoop plain(profile);
    constexpr std::size_t kBatch = 64;
    double decision_s = 1, plain_s = 1;
    std::size_t n = 0, allocated = 0;
    for ([[maybe_unused]] auto _ : state) {
        const std::size_t before = allocations;
        const double taken_s = time_batch(controller, profile, workload, n, kBatch);
        allocated += allocations - before;
        decision_s = std::min(decision_s, taken_s);
        plain_s = std::min(plain_s, time_batch(plain, profile, workload, n, kBatch));
        n += kBatch;
        state.SetIterationTime(taken_s);
    }
    state.counters["decision_us"] = 1e6 * decision_s;
    state.counters["plain_us"] = 1e6 * plain_s;
    state.counters["times_faster"] = plain_s / decision_s;
    state.counters["allocations"] = static_cast<double>(allocated);
}

void register_case(const char* name, Case which, Estimator estimator = Estimator::kPaper) {
    for (const int configurations : {10, 100, 1000}) {
        benchmark::RegisterBenchmark(name, decision, which, estimator)
            ->Arg(configurations)
            ->ArgName("configurations")
            ->UseManualTime()
            ->Unit(benchmark::kMicrosecond)
            ->Iterations(2000);
    }
}

}  // namespace

int main(int argc, char** argv) {
    register_case("decision/least_energy", kEnergy);
    register_case("decision/best_accuracy", kAccuracy);
    register_case("decision/nothing_feasible", kInfeasible);
    register_case("decision/calibrated", kAccuracy, Estimator::kCalibrated);
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) {
        return 2;
    }
    benchmark::RunSpecifiedBenchmarks();
    benchmark::Shutdown();
    return 0;
}
