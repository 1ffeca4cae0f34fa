#include "core/evaluation/oracle.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <tuple>

#include "core/evaluation/baselines.h"
#include "core/evaluation/statistics.h"

namespace alert {

namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();
constexpr int kBisections = 40;
constexpr double kHighestPrice = 1e9;
constexpr int kTimeBisections = 20;
constexpr double kHighestTimePrice = 1e6;  // J/s, or 1/s

// Searches many orders of magnitude, as prices have the units of what they trade.
double between(double low, double high) {
    return low <= 0 ? high * 1e-3 : std::sqrt(low * high);
}

}  // namespace

OracleScheme::OracleScheme(const Profile& profile, const Trace& trace, const Workload& workload,
                           Knows knows)
    : profile_(profile),
      trace_(trace),
      knows_(knows),
      groups_(workload.shared ? trace.groups : Groups()),
      inputs_(workload.inputs) {
    find_prices(workload);
}

OracleScheme::Choice OracleScheme::best(std::size_t n, const InputGoal& goal,
                                        double time_price) const {
    const std::size_t row = trace_.index(n % trace_.inputs, 0);
    const double time_left_s = goal.deadline_s.value_or(kNever);
    Choice best;
    double best_price = kNever, fastest_s = kNever;
    bool any_in_time = false;
    for (std::size_t c = 0; c < trace_.configurations; ++c) {
        const double latency_s = trace_.latency_s[row + c];
        const bool in_time = latency_s <= time_left_s;
        if (!in_time && (any_in_time || latency_s >= fastest_s)) {
            continue;  // if nothing is in time, the least harm to the next input
        }
        double accuracy = profile_.fail_accuracy;
        if (in_time) {
            accuracy = knows_ == Knows::kCorrectness ? trace_.correct[row + c]
                                                     : profile_.configurations[c].accuracy;
        }
        double energy_j = 0;
        if (trace_.has_power) {
            energy_j = trace_.power_w[row + c] * latency_s +
                       trace_.idle_power_w[row + c] * std::max(0.0, goal.period_s - latency_s);
        }
        double cost = energy_j;
        if (goal.objective == Objective::kMaximiseAccuracy) {
            cost = -accuracy;
        } else if (goal.objective == Objective::kMinimiseLatency || !trace_.has_power) {
            cost = latency_s;
        }
        const double price =
            cost - accuracy_price_ * accuracy + energy_price_ * energy_j + time_price * latency_s;
        const Choice choice{c, accuracy, energy_j, cost, in_time};
        if (in_time &&
            (!any_in_time || std::tie(price, energy_j) < std::tie(best_price, best.energy_j))) {
            best = choice;
            best_price = price;
            any_in_time = true;
        } else if (!in_time) {
            best = choice;
            fastest_s = latency_s;
        }
    }
    return best;
}

// Of the inputs of one group from n on.
double OracleScheme::taken_s(std::size_t n, std::size_t inputs, const InputGoal& goal,
                             double time_price) const {
    double taken_s = 0;
    for (std::size_t i = 0; i < inputs; ++i) {
        taken_s += trace_.latency_s[trace_.index((n + i) % trace_.inputs, 0) +
                                    best(n + i, goal, time_price).configuration];
    }
    return taken_s;
}

// The least price of time at which the inputs of a group from n on are answered before the
// deadline; the highest if they cannot be.
double OracleScheme::time_price_of(std::size_t n, std::size_t inputs, const InputGoal& goal) const {
    if (inputs == 1 || !goal.deadline_s || taken_s(n, inputs, goal, 0) <= *goal.deadline_s) {
        return 0;
    }
    // No other price may outweigh the deadline of the group.
    double low = 0, high = kHighestTimePrice * (1 + accuracy_price_ + energy_price_);
    for (int i = 0; i < kTimeBisections; ++i) {
        const double price = between(low, high);
        (taken_s(n, inputs, goal, price) <= *goal.deadline_s ? high : low) = price;
    }
    return high;
}

OracleScheme::Means OracleScheme::means(const Workload& workload) const {
    InputGoal goal = input_goal(workload.goal);
    Means sum;
    double time_price = 0;
    for (std::size_t n = 0; n < workload.inputs; ++n) {
        const GroupPlace place = groups_.at(n, inputs_);
        goal.period_s = workload.period_s / static_cast<double>(place.size);
        if (place.first()) {
            time_price = time_price_of(n, place.size, goal);
        }
        const Choice choice = best(n, goal, time_price);
        sum.accuracy += choice.accuracy;
        sum.energy_j += choice.energy_j;
    }
    const auto count = static_cast<double>(std::max<std::size_t>(1, workload.inputs));
    return {sum.accuracy / count, sum.energy_j / count};
}

// The least price of energy at which the budget is kept.
void OracleScheme::find_energy_price(const Workload& workload) {
    energy_price_ = 0;
    if (!workload.goal.energy_j || means(workload).energy_j <= *workload.goal.energy_j) {
        return;
    }
    double low = 0, high = kHighestPrice;
    for (int i = 0; i < kBisections; ++i) {
        energy_price_ = between(low, high);
        (means(workload).energy_j <= *workload.goal.energy_j ? high : low) = energy_price_;
    }
    energy_price_ = high;
}

void OracleScheme::find_prices(const Workload& workload) {
    find_energy_price(workload);
    if (!workload.goal.accuracy || means(workload).accuracy >= *workload.goal.accuracy) {
        return;
    }
    double low = 0, high = kHighestPrice;
    for (int i = 0; i < kBisections; ++i) {
        accuracy_price_ = between(low, high);
        find_energy_price(workload);
        (means(workload).accuracy >= *workload.goal.accuracy ? high : low) = accuracy_price_;
    }
    accuracy_price_ = high;
    find_energy_price(workload);
}

Decision OracleScheme::next(const InputGoal& shared) {
    const GroupPlace place = groups_.at(n_, inputs_);
    InputGoal goal = shared;
    if (goal.deadline_s) {  // all the time that is left to the group
        *goal.deadline_s *= place.left();
    }
    // Computed anew for every input: with one price, equal inputs would all be treated alike.
    const double time_price = time_price_of(n_, place.size - place.position, goal);
    const Choice choice = best(n_++, goal, time_price);
    Decision decision{.configuration = choice.configuration,
                      .feasible = choice.in_time,
                      .deadline_probability = choice.in_time ? 1.0 : 0.0,
                      .accuracy = choice.accuracy,
                      .certain = true};
    if (trace_.has_power) {
        decision.energy_j = choice.energy_j;
    }
    return decision;
}

OracleCausalScheme::OracleCausalScheme(const Profile& profile, const Trace& trace)
    : profile_(profile),
      trace_(trace),
      table_(profile),
      estimates_(table_.size()),
      bound_s_(table_.size()),
      lost_(table_.size()) {
    estimates_.charge_overruns(true);
    const int environments =
        1 + *std::max_element(trace.environment.begin(), trace.environment.end());
    truths_.assign(static_cast<std::size_t>(environments),
                   std::vector<Truth>(trace.configurations));
    for (std::size_t n = 0; n < trace.inputs; ++n) {
        auto& truths = truths_[static_cast<std::size_t>(trace.environment[n])];
        for (std::size_t c = 0; c < trace.configurations; ++c) {
            const std::size_t at = trace.index(n, c);
            truths[c].latencies_s.push_back(trace.latency_s[at]);
            if (trace.has_power) {  // sums, until all inputs are counted
                truths[c].power_w += trace.power_w[at];
                truths[c].idle_power_w += trace.idle_power_w[at];
            }
        }
    }
    for (auto& truths : truths_) {
        for (Truth& truth : truths) {
            if (!truth.latencies_s.empty()) {
                truth.mean_s = mean_of(truth.latencies_s);
                std::sort(truth.latencies_s.begin(), truth.latencies_s.end());
                truth.sums_s.resize(truth.latencies_s.size() + 1);
                for (std::size_t i = truth.latencies_s.size(); i-- > 0;) {
                    truth.sums_s[i] = truth.sums_s[i + 1] + truth.latencies_s[i];
                }
                const auto count = static_cast<double>(truth.latencies_s.size());
                truth.power_w /= count;
                truth.idle_power_w /= count;
            }
        }
    }
}

double OracleCausalScheme::Truth::quantile_s(double probability) const {
    const auto count = static_cast<double>(latencies_s.size());
    const double rank = std::clamp(std::ceil(probability * count) - 1, 0.0, count - 1);
    return latencies_s[static_cast<std::size_t>(rank)];
}

double OracleCausalScheme::energy_of(const Truth& truth, double time_s, double period_s) const {
    if (!trace_.has_power) {
        return time_s;
    }
    return truth.power_w * time_s + truth.idle_power_w * std::max(0.0, period_s - time_s);  // E9
}

// E17
double OracleCausalScheme::lost_to_overrun(const Truth& truth, const InputGoal& goal) const {
    if (!goal.deadline_s || goal.interval_s <= 0) {
        return 0;
    }
    const auto& times_s = truth.latencies_s;
    const double limit_s = overrun_limit_s(goal);
    const auto over = std::upper_bound(times_s.begin(), times_s.end(), limit_s);
    const auto count = static_cast<double>(times_s.end() - over);
    const double sum_s = truth.sums_s[static_cast<std::size_t>(over - times_s.begin())];
    const double excess_s = (sum_s - count * limit_s) / static_cast<double>(times_s.size());
    return lost_inputs(excess_s, goal);
}

// E6-E11 of one slot; `before` is the slot of the stage before it.
void OracleCausalScheme::estimate(std::size_t slot, std::optional<std::size_t> before,
                                  const InputGoal& goal, const std::vector<Truth>& truths) {
    const Truth& truth = truths[table_.configuration_of(slot)];
    const double deadline_s = goal.deadline_s.value_or(kNever);
    const auto& times_s = truth.latencies_s;
    const auto kept = std::upper_bound(times_s.begin(), times_s.end(), deadline_s);
    const auto count = static_cast<double>(times_s.size());
    const double in_time = static_cast<double>(kept - times_s.begin()) / count;
    double mean_s = truth.mean_s;
    double bound_s = goal.energy_confidence ? truth.quantile_s(*goal.energy_confidence) : mean_s;
    const bool ends_here = !before || in_time >= kChanceOfStage;
    double accuracy = profile_.fail_accuracy;
    if (before) {
        accuracy = estimates_.accuracy()[*before];
        mean_s = ends_here ? mean_s : estimates_.latency_s()[*before];
        bound_s = ends_here ? bound_s : bound_s_[*before];
    }
    const double probability = before ? estimates_.deadline_probability()[*before] : in_time;
    estimates_.deadline_probability()[slot] = static_cast<float>(probability);
    estimates_.accuracy()[slot] =
        static_cast<float>(accuracy + table_.accuracy_step()[slot] * in_time);  // E7, E8
    estimates_.latency_s()[slot] = static_cast<float>(mean_s);
    estimates_.energy_j()[slot] = static_cast<float>(energy_of(truth, mean_s, goal.period_s));
    estimates_.energy_bound_j()[slot] =
        static_cast<float>(energy_of(truth, bound_s, goal.period_s));
    bound_s_[slot] = bound_s;
    lost_[slot] = ends_here ? lost_to_overrun(truth, goal) : lost_[*before];  // E17
    const double q = estimates_.accuracy()[slot];
    estimates_.net_probability()[slot] = static_cast<float>(probability - lost_[slot]);
    estimates_.net_accuracy()[slot] =
        static_cast<float>(q - (q - profile_.fail_accuracy) * lost_[slot]);
}

Decision OracleCausalScheme::next(const InputGoal& goal) {
    const auto environment = trace_.environment[n_++ % trace_.inputs];
    const auto& truths = truths_[static_cast<std::size_t>(environment)];
    for (std::size_t level = 0; level < table_.levels(); ++level) {
        const std::size_t begin = table_.level_begin(level);
        for (std::size_t slot = begin; slot < table_.level_begin(level + 1); ++slot) {
            std::optional<std::size_t> before;
            if (level > 0) {
                before = table_.level_begin(level - 1) + slot - begin;
            }
            estimate(slot, before, goal, truths);
        }
    }
    const Selection selection = select(estimates_, goal);
    const std::size_t slot = selection.slot;
    const std::size_t chosen = table_.configuration_of(slot);
    const double profiled_s = profile_.configurations[chosen].latency_s;
    Decision decision{.configuration = chosen,
                      .feasible = selection.feasible,
                      .deadline_probability = estimates_.deadline_probability()[slot],
                      .accuracy = estimates_.accuracy()[slot],
                      .xi_mean = truths[chosen].mean_s / profiled_s,
                      .xi_expected = truths[chosen].quantile_s(kChanceOfStage) / profiled_s};
    if (trace_.has_power) {
        decision.energy_j = estimates_.energy_j()[slot];
    }
    return decision;
}

std::size_t best_fixed_configuration(const Profile& profile, const Trace& trace,
                                     const Workload& workload, const EstimatorOptions& estimator,
                                     std::span<const std::size_t> candidates) {
    std::size_t best = candidates[0];
    std::optional<std::tuple<bool, double, double, double>> best_rank;
    std::vector<PlayedInput> inputs;
    for (const std::size_t candidate : candidates) {
        const auto scheme = make_fixed(profile, candidate, estimator);
        inputs.clear();
        replay(profile, trace, workload, *scheme,
               [&](const PlayedInput& input) { inputs.push_back(input); });
        const RunFigures figures =
            figures_of(inputs, workload.goal, profile.fail_accuracy, workload.miss_limit);
        const double energy_j = figures.energy_j.value_or(0);
        const double latency_s = figures.latency_mean_s.value_or(0);
        double cost = energy_j;
        if (objective_of(workload.goal) == Objective::kMaximiseAccuracy) {
            cost = -figures.accuracy.value_or(0);
        } else if (objective_of(workload.goal) == Objective::kMinimiseLatency || !trace.has_power) {
            cost = latency_s;
        }
        // If every one violates a goal: deadline first, then accuracy, then energy.
        const std::tuple<bool, double, double, double> rank =
            figures.violated ? std::tuple{true, static_cast<double>(figures.deadline_misses),
                                          -figures.accuracy.value_or(0), energy_j}
                             : std::tuple{false, cost, energy_j, latency_s};
        if (!best_rank || rank < *best_rank) {
            best_rank = rank;
            best = candidate;
        }
    }
    return best;
}

}  // namespace alert
