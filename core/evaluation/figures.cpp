#include "core/evaluation/figures.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/evaluation/statistics.h"

namespace alert {

namespace {

// Keeps the rounding of sums and products from counting as a violation.
constexpr double kRounding = 1e-9;

bool any_violated(const RunFigures& figures, const Goal& goal, double miss_limit) {
    return deadline_kept(figures, goal, miss_limit) == false ||
           accuracy_kept(figures, goal) == false || energy_kept(figures, goal) == false;
}

}  // namespace

void RunTally::add(const CountedInput& input) {
    ++counts_.inputs;
    counts_.deadline_misses += input.met_deadline ? 0 : 1;
    if (input.correct) {
        accuracies_.push_back(!input.met_deadline ? fail_accuracy_ : *input.correct ? 1 : 0);
    }
    if (input.energy_j) {
        energies_j_.push_back(*input.energy_j);
    }
    if (input.latency_s) {
        latencies_s_.push_back(*input.latency_s);
    }
    if (input.group) {
        const bool first = input.group != std::exchange(group_, input.group);
        const bool first_late =
            !input.met_deadline && input.group != std::exchange(late_group_, input.group);
        counts_.groups = counts_.groups.value_or(0) + (first ? 1 : 0);
        counts_.groups_late = counts_.groups_late.value_or(0) + (first_late ? 1 : 0);
    }
}

RunFigures RunTally::figures(const Goal& goal, double miss_limit) const {
    RunFigures figures = counts_;
    if (!accuracies_.empty()) {
        figures.accuracy = mean_of(accuracies_);
    }
    if (accuracies_.size() > 1) {
        figures.accuracy_error =
            std_of(accuracies_) / std::sqrt(static_cast<double>(accuracies_.size()));
    }
    if (!energies_j_.empty()) {
        figures.energy_j = mean_of(energies_j_);
        if (goal.energy_j) {
            const auto over = std::count_if(energies_j_.begin(), energies_j_.end(),
                                            [&](double j) { return j > *goal.energy_j; });
            figures.energy_over =
                static_cast<double>(over) / static_cast<double>(energies_j_.size());
        }
    }
    if (const auto latency = spread_of(latencies_s_)) {
        figures.latency_mean_s = latency->mean_s;
        figures.latency_p50_s = latency->p50_s;
        figures.latency_p95_s = latency->p95_s;
        figures.latency_p99_s = latency->p99_s;
    }
    judge(figures, goal, miss_limit);
    return figures;
}

std::optional<bool> deadline_kept(const RunFigures& figures, const Goal& goal, double miss_limit) {
    if (!goal.deadline_s || figures.inputs == 0) {
        return {};
    }
    const double allowed = miss_limit * static_cast<double>(figures.inputs);
    return static_cast<double>(figures.deadline_misses) <= allowed * (1 + kRounding);
}

std::optional<bool> accuracy_kept(const RunFigures& figures, const Goal& goal) {
    if (!goal.accuracy || !figures.accuracy || !figures.accuracy_error) {
        return {};
    }
    return *goal.accuracy - *figures.accuracy <= *figures.accuracy_error + kRounding;
}

std::optional<bool> energy_kept(const RunFigures& figures, const Goal& goal) {
    if (!goal.energy_j || !figures.energy_j) {
        return {};
    }
    return *figures.energy_j <= *goal.energy_j * (1 + kRounding);
}

void judge(RunFigures& figures, const Goal& goal, double miss_limit) {
    figures.violated = any_violated(figures, goal, miss_limit);
    figures.violated_strict = any_violated(figures, goal, kStrictMissLimit);
}

std::optional<TimeSpread> spread_of(const std::vector<double>& times_s) {
    if (times_s.empty()) {
        return {};
    }
    return TimeSpread{.mean_s = mean_of(times_s),
                      .p50_s = percentile(times_s, 0.50),
                      .p95_s = percentile(times_s, 0.95),
                      .p99_s = percentile(times_s, 0.99),
                      .max_s = *std::max_element(times_s.begin(), times_s.end())};
}

}  // namespace alert
