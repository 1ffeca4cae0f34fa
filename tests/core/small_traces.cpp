#include "tests/core/small_traces.h"

#include <algorithm>

#include "core/evaluation/schemes.h"

namespace alert::small {

namespace {

double draw(std::mt19937_64& generator, double low, double high) {
    return std::uniform_real_distribution<>(low, high)(generator);
}

bool toss(std::mt19937_64& generator, double probability) {
    return draw(generator, 0, 1) < probability;
}

Trace empty_trace(const Profile& profile, std::size_t inputs) {
    const std::size_t cells = inputs * profile.configurations.size();
    return {.inputs = inputs,
            .configurations = profile.configurations.size(),
            .has_power = true,
            .latency_s = std::vector<double>(cells),
            .power_w = std::vector<double>(cells),
            .idle_power_w = std::vector<double>(cells, kIdlePower_w),
            .correct = std::vector<std::uint8_t>(cells, 1),
            .environment = std::vector<int>(inputs, 0)};
}

Profile random_profile(std::mt19937_64& generator) {
    const std::size_t settings = toss(generator, 0.7) ? 2 : 1;
    const int stages = settings == 2 && toss(generator, 0.3) ? 1 : 2;
    Profile profile{.models = {"plain", "nested"}, .fail_accuracy = 0.1};
    const double plain_s = draw(generator, 0.01, 0.05), first_s = draw(generator, 0.008, 0.03);
    const double second_s = first_s + draw(generator, 0.005, 0.03);
    const double plain_q = draw(generator, 0.4, 0.9), first_q = draw(generator, 0.3, 0.7);
    const double second_q = first_q + draw(generator, 0.05, 0.25);
    for (std::size_t j = 0; j < settings; ++j) {
        profile.settings.push_back(j + 1 == settings ? "high" : "low");
        const double stretch = j + 1 == settings ? 1 : draw(generator, 1.3, 2.2);
        const double power_w = j + 1 == settings ? 40 : draw(generator, 8, 25);
        profile.configurations.push_back({0, j, 0, stretch * plain_s, power_w, plain_q});
        profile.configurations.push_back({1, j, 1, stretch * first_s, power_w, first_q});
        if (stages == 2) {
            profile.configurations.push_back({1, j, 2, stretch * second_s, power_w, second_q});
        }
    }
    return profile;
}

}  // namespace

Profile family() {
    return {.models = {"quick", "nested"},
            .settings = {"low", "high"},
            .fail_accuracy = 0.1,
            .configurations = {{0, 0, 0, 0.020, 10, 0.7},
                               {0, 1, 0, 0.010, 40, 0.7},
                               {1, 0, 1, 0.024, 10, 0.65},
                               {1, 0, 2, 0.060, 10, 0.9},
                               {1, 1, 1, 0.012, 40, 0.65},
                               {1, 1, 2, 0.030, 40, 0.9}}};
}

Trace trace_of(const Profile& profile, std::span<const double> slowdowns) {
    Trace trace = empty_trace(profile, slowdowns.size());
    for (std::size_t n = 0; n < trace.inputs; ++n) {
        for (std::size_t c = 0; c < trace.configurations; ++c) {
            trace.latency_s[trace.index(n, c)] = slowdowns[n] * profile.configurations[c].latency_s;
            trace.power_w[trace.index(n, c)] = *profile.configurations[c].power_w;
        }
    }
    return trace;
}

Random random(std::mt19937_64& generator, std::size_t inputs) {
    Random some{.profile = random_profile(generator), .trace = {}};
    some.trace = empty_trace(some.profile, inputs);
    for (std::size_t n = 0; n < inputs; ++n) {
        const bool beside_others = n >= inputs / 3 && n < 2 * inputs / 3;
        some.trace.environment[n] = beside_others ? 1 : 0;
        const double slowdown = draw(generator, 0.9, 1.2) * (beside_others ? 1.3 : 1);
        for (std::size_t c = 0; c < some.trace.configurations; ++c) {
            const auto& profiled = some.profile.configurations[c];
            const std::size_t at = some.trace.index(n, c);
            some.trace.latency_s[at] = slowdown * profiled.latency_s * draw(generator, 0.97, 1.03);
            if (profiled.stage == 2) {  // a later stage ends later, whatever the draws
                some.trace.latency_s[at] =
                    std::max(some.trace.latency_s[at], 1.05 * some.trace.latency_s[at - 1]);
            }
            some.trace.power_w[at] = *profiled.power_w * draw(generator, 0.95, 1.05);
            some.trace.idle_power_w[at] = draw(generator, 1, 5);
            some.trace.correct[at] = toss(generator, profiled.accuracy) ? 1 : 0;
        }
    }
    return some;
}

Workload random_workload(std::mt19937_64& generator, const Random& some) {
    double slowest_s = 0;
    for (const auto& configuration : some.profile.configurations) {
        slowest_s = std::max(slowest_s, configuration.latency_s);
    }
    Workload workload{
        .inputs = some.trace.inputs, .period_s = slowest_s * draw(generator, 0.7, 2), .window = 1};
    Goal& goal = workload.goal;
    goal.objective = static_cast<Objective>(std::uniform_int_distribution(0, 2)(generator));
    if (goal.objective == Objective::kMinimiseLatency && toss(generator, 0.5)) {
        workload.period_s = 2 * slowest_s;  // no deadline, and all the same none overruns
    } else {
        goal.deadline_s = workload.period_s;
    }
    goal.period_s = workload.period_s;
    if (goal.objective != Objective::kMaximiseAccuracy && toss(generator, 0.8)) {
        goal.accuracy = draw(generator, 0.3, 0.8);
    }
    if (goal.objective != Objective::kMinimiseEnergy && toss(generator, 0.8)) {
        goal.energy_j = workload.period_s * draw(generator, 8, 35);
    }
    if (!goal.deadline_s && !goal.accuracy && !goal.energy_j) {
        goal.accuracy = 0;  // no goal is without a constraint
    }
    return workload;
}

std::vector<PlayedInput> play(const Profile& profile, const Trace& trace, const Workload& workload,
                              Scheme& scheme) {
    std::vector<PlayedInput> inputs;
    replay(profile, trace, workload, scheme,
           [&](const PlayedInput& input) { inputs.push_back(input); });
    return inputs;
}

std::vector<PlayedInput> play(const Profile& profile, const Trace& trace, const Workload& workload,
                              std::string_view scheme, Estimator estimator) {
    return play(profile, trace, workload,
                *make_scheme(scheme, profile, estimator, workload, &trace));
}

}  // namespace alert::small
