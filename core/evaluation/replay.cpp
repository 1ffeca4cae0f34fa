#include "core/evaluation/replay.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/evaluation/statistics.h"

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

        double energy_j = 0;
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

RunFigures figures_of(std::span<const PlayedInput> inputs, const Goal& goal, double fail_accuracy) {
    RunFigures figures{.inputs = inputs.size()};
    if (inputs.empty()) {
        return figures;
    }
    const auto count = static_cast<double>(inputs.size());
    std::vector<double> accuracies, latencies_s;
    std::size_t over = 0;
    std::optional<std::size_t> group, late_group;
    for (const PlayedInput& input : inputs) {
        figures.deadline_misses += input.met_deadline ? 0 : 1;
        accuracies.push_back(input.met_deadline ? static_cast<double>(input.correct)
                                                : fail_accuracy);
        figures.energy_j += input.energy_j / count;
        over += goal.energy_j && input.energy_j > *goal.energy_j ? 1 : 0;
        if (input.latency_s) {
            latencies_s.push_back(*input.latency_s);
        }
        if (input.group && input.group != std::exchange(group, input.group)) {
            ++figures.groups;
        }
        if (input.group && !input.met_deadline &&
            input.group != std::exchange(late_group, input.group)) {
            ++figures.groups_late;
        }
    }
    figures.accuracy = mean_of(accuracies);
    figures.accuracy_error = std_of(accuracies) / std::sqrt(count);
    figures.energy_over = static_cast<double>(over) / count;
    if (!latencies_s.empty()) {
        figures.latency_mean_s = mean_of(latencies_s);
        figures.latency_p50_s = percentile(latencies_s, 0.50);
        figures.latency_p95_s = percentile(latencies_s, 0.95);
        figures.latency_p99_s = percentile(latencies_s, 0.99);
    }
    // The 1e-9 keep the rounding of sums from counting as a violation.
    figures.violated =
        10 * figures.deadline_misses > inputs.size() ||
        (goal.energy_j && figures.energy_j > *goal.energy_j * (1 + 1e-9)) ||
        (goal.accuracy && *goal.accuracy - figures.accuracy > figures.accuracy_error + 1e-9);
    return figures;
}

}  // namespace alert
