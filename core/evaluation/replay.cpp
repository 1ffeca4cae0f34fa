#include "core/evaluation/replay.h"

#include <algorithm>
#include <cstdint>

namespace alert {

namespace {

CycleOptions options_of(const Workload& workload, const Groups& groups) {
    CycleOptions options{.goal = workload.goal, .window = workload.window};
    options.goal.period_s = workload.period_s;
    if (groups.shared()) {
        options.inputs_per_group = groups.mean_size();
    }
    return options;
}

// The trace's side of an input's life: what takes how long and draws how much. Times are in seconds
// since the first arrival.
class Player {
   public:
    Player(const Profile& profile, const Trace& trace, const Workload& workload, Scheme& scheme)
        : trace_(trace),
          workload_(workload),
          groups_(workload.shared ? trace.groups : Groups()),
          cycle_(profile, scheme, options_of(workload, groups_)) {}

    PlayedInput play(std::size_t n) {
        const GroupPlace place = groups_.at(n, workload_.inputs);
        const double arrival_s = static_cast<double>(place.group) * workload_.period_s;
        const double turn_s = std::max(arrival_s, free_at_s_);
        const Decision& decision = cycle_.arrived({.at_s = arrival_s, .place = place}, turn_s);
        const std::size_t row = trace_.index(n % trace_.inputs, 0);
        std::size_t last = row + decision.configuration;  // the output at which it ended
        if (cycle_.ready(turn_s)) {
            do {
                last = row + cycle_.running();
            } while (cycle_.stage_ended(trace_.latency_s[last]).go_on);
        }
        const double end_s = cycle_.end_s();
        free_at_s_ = place.last() ? std::max(arrival_s + workload_.period_s, end_s) : end_s;

        std::optional<double> energy_j;
        if (trace_.has_power) {
            const double rest_w = trace_.idle_power_w[last];
            const EnergyAccount account = cycle_.closed(free_at_s_, rest_w);
            energy_j = cycle_.settle(
                account, trace_.power_w[last] * (end_s - turn_s) + rest_w * (free_at_s_ - end_s));
        } else {
            cycle_.closed(free_at_s_);
        }
        const InputResult& result = cycle_.result();
        const bool correct = result.met_deadline && trace_.correct[row + result.configuration] != 0;
        cycle_.learn();
        return {result, correct, energy_j};
    }

   private:
    const Trace& trace_;
    const Workload& workload_;
    Groups groups_;
    InputCycle cycle_;
    double free_at_s_ = 0;  // when the next input can start
};

}  // namespace

void replay(const Profile& profile, const Trace& trace, const Workload& workload, Scheme& scheme,
            const std::function<void(const PlayedInput&)>& sink) {
    Player player(profile, trace, workload, scheme);
    for (std::size_t n = 0; n < workload.inputs; ++n) {
        sink(player.play(n));
    }
}

CountedInput counted(const PlayedInput& input) {
    CountedInput counts{.met_deadline = input.met_deadline,
                        .correct = input.correct,
                        .energy_j = input.energy_j,
                        .latency_s = input.latency_s};
    if (input.group) {
        counts.group = static_cast<std::int64_t>(*input.group);
    }
    return counts;
}

RunFigures figures_of(std::span<const PlayedInput> inputs, const Goal& goal, double fail_accuracy,
                      double miss_limit) {
    RunTally tally(fail_accuracy);
    for (const PlayedInput& input : inputs) {
        tally.add(counted(input));
    }
    return tally.figures(goal, miss_limit);
}

}  // namespace alert
