#include "core/replay.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "core/anytime.h"
#include "core/statistics.h"

namespace alert {

namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();

// The state of a workload between two inputs. Times are in seconds since the first arrival.
class Player {
   public:
    Player(const Profile& profile, const Trace& trace, const Workload& workload, Scheme& scheme)
        : profile_(profile),
          trace_(trace),
          workload_(workload),
          scheme_(scheme),
          groups_(workload.shared ? trace.groups : Groups()),
          stages_(profile),
          window_(workload.window, profile.best_accuracy()),
          goal_(workload.goal) {}

    PlayedInput play(std::size_t n) {
        const GroupPlace place = groups_.at(n, workload_.inputs);
        const double arrival_s = static_cast<double>(place.group) * workload_.period_s;
        const double next_arrival_s = arrival_s + workload_.period_s;
        const double deadline_at_s = goal_.deadline_s ? arrival_s + *goal_.deadline_s : kNever;
        const double start_s = std::max(arrival_s, free_at_s_);
        if (place.first()) {
            share_s_ = (next_arrival_s - start_s) / static_cast<double>(place.size);
            group_energy_.begin(
                share_s_, groups_.shared() ? workload_.period_s / groups_.mean_size() : share_s_);
            goal_.energy_j = group_energy_.goal_j(workload_.goal.energy_j, rest_power_w_);
        }
        const Goal goal = adjusted_to(window_.carried(goal_),
                                      {.now_s = start_s,
                                       .deadline_at_s = deadline_at_s,
                                       .next_arrival_at_s = start_s + share_s_,
                                       .inputs_sharing = place.left()},
                                      0);
        PlayedInput input{.decision = scheme_.next(goal)};
        input.configuration = input.decision.configuration;
        if (groups_.shared()) {
            input.group = place.group;
        }
        const std::size_t row = trace_.index(n % trace_.inputs, 0);
        std::size_t last = input.configuration;  // the output at which the inference ended
        double end_s = start_s;
        if (start_s < deadline_at_s) {
            last = infer(input, row, deadline_at_s - start_s, place.left());
            end_s = start_s + trace_.latency_s[row + last];
            input.response_s = start_s + *input.latency_s - arrival_s;
        }
        input.correct = input.met_deadline && trace_.correct[row + input.configuration] != 0;
        free_at_s_ = place.last() ? std::max(next_arrival_s, end_s) : end_s;
        if (trace_.has_power) {
            const double rest_w = trace_.idle_power_w[row + last];
            const double spent_j =
                trace_.power_w[row + last] * (end_s - start_s) + rest_w * (free_at_s_ - end_s);
            input.energy_j = place.last()
                                 ? group_energy_.of_last(spent_j)
                                 : group_energy_.of_input(spent_j, end_s - start_s, rest_w);
        }
        learn(input, last, row, free_at_s_ - end_s);
        return input;
    }

   private:
    // Stage by stage, as the live loop; returns the configuration at whose output it ended.
    std::size_t infer(PlayedInput& input, std::size_t row, double time_left_s, int sharing) {
        const std::size_t chosen = input.decision.configuration;
        const int limit = profile_.configurations[chosen].stage;
        stages_s_.clear();
        for (int stage = std::min(1, limit);; ++stage) {
            const std::size_t here = stages_.at(chosen, stage);
            const double elapsed_s = trace_.latency_s[row + here];
            const bool in_time = elapsed_s <= time_left_s;
            if (limit > 0) {
                stages_s_.push_back(elapsed_s);
            }
            if (in_time || !input.latency_s) {
                input.configuration = here;
                input.latency_s = elapsed_s;
                input.met_deadline = in_time;
            }
            if (!in_time || stage == limit) {
                return here;
            }
            const std::size_t next = stages_.at(chosen, stage + 1);
            if (!input.decision.certain &&
                !next_stage_fits({.elapsed_s = elapsed_s,
                                  .profiled_s = profile_.configurations[here].latency_s,
                                  .next_profiled_s = profile_.configurations[next].latency_s},
                                 input.decision.xi_expected, time_left_s / sharing)) {
                return here;
            }
        }
    }

    void learn(const PlayedInput& input, std::size_t last, std::size_t row, double rest_s) {
        const double delivered = input.met_deadline
                                     ? profile_.configurations[input.configuration].accuracy
                                     : profile_.fail_accuracy;
        window_.observe_accuracy(goal_, delivered);
        std::optional<double> idle_power_w;
        if (trace_.has_power) {
            window_.observe_energy(goal_, input.energy_j);
            if (rest_s >= kLeastRest_s) {
                rest_power_w_ = trace_.idle_power_w[row + last];
                idle_power_w = rest_power_w_;
            }
        }
        if (input.latency_s) {
            scheme_.observe({.configuration = input.configuration,
                             .latency_s = *input.latency_s,
                             .idle_power_w = idle_power_w,
                             .stages_s = stages_s_});
        }
    }

    const Profile& profile_;
    const Trace& trace_;
    const Workload& workload_;
    Scheme& scheme_;
    Groups groups_;
    StageTable stages_;
    std::vector<double> stages_s_;  // of the inference, when each ended
    GoalWindow window_;
    GroupEnergy group_energy_;
    Goal goal_;                // as stated, with the energy goal of the group's inputs
    double share_s_ = 0;       // of its group's period, for each input
    double rest_power_w_ = 0;  // as last seen
    double free_at_s_ = 0;     // when the next input can start
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
