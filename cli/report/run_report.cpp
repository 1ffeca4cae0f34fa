#include "cli/report/run_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <tuple>

#include "cli/report/warnings.h"
#include "cli/text/format.h"

namespace alert::cli {
namespace {

constexpr double kUsualShare = 0.99;  // what the deadline verdict is about unless asked for
constexpr std::size_t kParts = 10;
constexpr std::size_t kCourse = 40;

using Inputs = std::span<const db::RunInput>;

/// The values of a field where there is one.
template <class Field>
std::vector<double> present(Inputs inputs, Field field) {
    std::vector<double> values;
    values.reserve(inputs.size());
    for (const db::RunInput& input : inputs) {
        if (const auto& value = input.*field) {
            values.push_back(static_cast<double>(*value));
        }
    }
    return values;
}

std::optional<double> mean_or_nothing(std::span<const double> values) {
    return values.empty() ? std::nullopt : std::optional(mean_of(values));
}

RunTally tally_of(Inputs inputs, double fail_accuracy) {
    RunTally tally(fail_accuracy);
    for (const db::RunInput& input : inputs) {
        tally.add({.met_deadline = input.met_deadline,
                   .correct = input.correct,
                   .energy_j = input.energy_j,
                   .latency_s = input.latency_s,
                   .group = input.group_id});
    }
    return tally;
}

Goal goal_of(const db::RunSummaryRow& summary) {
    return {.deadline_s = summary.deadline_s,
            .accuracy = summary.accuracy_goal,
            .energy_j = summary.energy_goal_j};
}

MeanInterval interval_of(std::span<const double> values) {
    CorrelatedMean mean;
    for (const double value : values) {
        mean.add(value);
    }
    return mean.interval();
}

std::optional<double> asked_share(const db::RunRow& run) {
    return run.confidence && *run.confidence > 0 ? run.confidence : std::nullopt;
}

std::vector<LimitResult> limit_results(const db::RunSummaryRow& summary) {
    std::vector<LimitResult> results;
    for (const double limit : {summary.miss_limit, kMissLimit, kStrictMissLimit}) {
        if (std::none_of(results.begin(), results.end(),
                         [&](const auto& known) { return known.miss_limit == limit; })) {
            results.push_back(
                {.miss_limit = limit, .kept = deadline_kept(summary, goal_of(summary), limit)});
        }
    }
    return results;
}

std::optional<DeadlineResult> deadline_result(const RunReport& report) {
    const db::RunSummaryRow& summary = report.summary;
    if (!summary.deadline_s) {
        return {};
    }
    DeadlineResult result{.asked_s = *summary.deadline_s,
                          .limits = limit_results(summary),
                          .share = asked_share(report.run).value_or(kUsualShare),
                          .verdict = {}};
    result.verdict =
        binomial_verdict(summary.inputs - summary.deadline_misses, summary.inputs, result.share);
    return result;
}

std::optional<AccuracyResult> accuracy_result(const RunReport& report, Inputs inputs) {
    const db::RunSummaryRow& summary = report.summary;
    if (!summary.accuracy_goal) {
        return {};
    }
    AccuracyResult result{.asked = *summary.accuracy_goal,
                          .kept = accuracy_kept(summary, goal_of(summary)),
                          .verdict = {}};
    const std::vector<double> correct = present(inputs, &db::RunInput::correct);
    if (!correct.empty()) {
        const auto right = std::count(correct.begin(), correct.end(), 1.0);
        result.verdict = binomial_verdict(right, std::ssize(correct), result.asked).verdict;
    }
    return result;
}

Verdict verdict_on_mean(const MeanInterval& interval, double most) {
    if (interval.mean + interval.half_width <= most) {
        return Verdict::kYes;
    }
    return interval.mean - interval.half_width > most ? Verdict::kNo : Verdict::kCannotTell;
}

std::optional<EnergyResult> energy_result(const RunReport& report, Inputs inputs) {
    const db::RunSummaryRow& summary = report.summary;
    if (!summary.energy_goal_j) {
        return {};
    }
    EnergyResult result{.asked_j = *summary.energy_goal_j,
                        .kept = energy_kept(summary, goal_of(summary))};
    if (!summary.energy_j) {
        return result;
    }
    const std::vector<double> spent = present(inputs, &db::RunInput::energy_j);
    if (spent.size() > 1) {
        result.half_width_j = interval_of(spent).half_width;
    }
    result.share = asked_share(report.run);
    if (result.share && !spent.empty()) {
        const auto within = std::count_if(spent.begin(), spent.end(),
                                          [&](double j) { return j <= result.asked_j; });
        result.verdict = binomial_verdict(within, std::ssize(spent), *result.share);
    } else if (result.half_width_j) {
        const MeanInterval interval{*summary.energy_j, *result.half_width_j};
        result.verdict = BinomialVerdict{.verdict = verdict_on_mean(interval, result.asked_j)};
    }
    return result;
}

std::vector<ConfigurationUse> configurations_used(Inputs inputs) {
    using Key = std::tuple<std::string_view, std::optional<int>, std::string_view>;
    std::map<Key, ConfigurationUse> uses;
    for (const db::RunInput& input : inputs) {
        if (!input.latency_s) {
            continue;
        }
        ConfigurationUse& use = uses[{input.model, input.stage, input.power_setting}];
        ++use.inputs;
        use.latency_mean_s += *input.latency_s;  // divided below
        use.deadline_misses += input.met_deadline ? 0 : 1;
    }
    std::vector<ConfigurationUse> sorted;
    for (auto& [key, use] : uses) {
        std::tie(use.model, use.stage, use.power_setting) = key;
        use.share = static_cast<double>(use.inputs) / static_cast<double>(inputs.size());
        use.latency_mean_s /= static_cast<double>(use.inputs);
        sorted.push_back(use);
    }
    std::stable_sort(sorted.begin(), sorted.end(),
                     [](const auto& a, const auto& b) { return a.inputs > b.inputs; });
    return sorted;
}

std::string environments_in(Inputs inputs) {
    std::vector<std::string_view> met;
    for (const db::RunInput& input : inputs) {
        if (std::find(met.begin(), met.end(), input.environment) == met.end()) {
            met.push_back(input.environment);
        }
    }
    std::string text;
    for (const std::string_view environment : met) {
        text.append(text.empty() ? "" : ", ").append(environment);
    }
    return text;
}

double mean_xi(Inputs inputs) {
    double sum = 0;
    for (const db::RunInput& input : inputs) {
        sum += input.xi_mean;
    }
    return sum / static_cast<double>(inputs.size());
}

/// Calls `visit` with up to `most` stretches of nearly the same length.
template <class Visit>
void for_each_part(Inputs inputs, std::size_t most, Visit visit) {
    const std::size_t parts = std::min(most, inputs.size());
    for (std::size_t i = 0; i < parts; ++i) {
        const std::size_t first = i * inputs.size() / parts;
        visit(inputs.subspan(first, (i + 1) * inputs.size() / parts - first));
    }
}

RunPart part_of(Inputs inputs, double fail_accuracy) {
    const RunFigures figures = tally_of(inputs, fail_accuracy).figures({});
    return {.first = inputs.front().n,
            .last = inputs.back().n,
            .environment = environments_in(inputs),
            .xi_mean = mean_xi(inputs),
            .deadline_misses = figures.deadline_misses,
            .response_mean_s = mean_or_nothing(present(inputs, &db::RunInput::response_s)),
            .energy_j = figures.energy_j,
            .accuracy = figures.accuracy};
}

void add_course(RunReport& report, Inputs inputs, double fail_accuracy) {
    for_each_part(inputs, kParts,
                  [&](Inputs part) { report.parts.push_back(part_of(part, fail_accuracy)); });
    for_each_part(inputs, kCourse, [&](Inputs part) { report.xi_course.push_back(mean_xi(part)); });
    const auto [least, most] =
        std::minmax_element(inputs.begin(), inputs.end(),
                            [](const auto& a, const auto& b) { return a.xi_mean < b.xi_mean; });
    report.xi_mean = mean_xi(inputs);
    report.xi_min = least->xi_mean;
    report.xi_max = most->xi_mean;
}

void add_decisions(RunReport& report, Inputs inputs) {
    std::vector<double> decisions;
    double decided_s = 0, inferred_s = 0;
    for (const db::RunInput& input : inputs) {
        decisions.push_back(input.decision_s);
        decided_s += input.decision_s;
        inferred_s += input.latency_s.value_or(0);
    }
    report.decision_p50_s = percentile(decisions, 0.5);
    report.decision_p99_s = percentile(decisions, 0.99);
    if (inferred_s > 0) {
        report.decision_share = decided_s / inferred_s;
    }
}

/// How long the run took: without pace the rests are nothing.
double spanned_s(const db::RunRow& run, Inputs inputs) {
    if (!run.paced || !run.period_s) {
        const std::vector<double> latencies = present(inputs, &db::RunInput::latency_s);
        return std::accumulate(latencies.begin(), latencies.end(), 0.0);
    }
    const std::int64_t periods = run.shared ? *inputs.back().group_id + 1 : std::ssize(inputs);
    return static_cast<double>(periods) * *run.period_s;
}

std::optional<double> energy_error_j(const db::RunRow& run, Inputs inputs) {
    const std::vector<double> spent_j = present(inputs, &db::RunInput::energy_j);
    if (!run.energy_resolution_s || spent_j.size() < 2) {
        return {};
    }
    const double spread_j = std_of(spent_j) / std::sqrt(static_cast<double>(spent_j.size()));
    // A reading lags by up to a step, evenly: the difference of two by step / sqrt(6).
    const double lag_s = *run.energy_resolution_s / std::sqrt(6.0);
    return std::hypot(spread_j, mean_of(spent_j) * lag_s / spanned_s(run, inputs));
}

std::string unfinished_line(const RunReport& report) {
    return fmt::format("the run was interrupted, or still goes on: {} of {} inputs are done",
                       format_count(report.summary.inputs),
                       format_count(report.run.inputs_planned));
}

std::optional<GroupResult> group_result(const db::RunSummaryRow& summary, Inputs inputs,
                                        double fail_accuracy) {
    if (!summary.groups || inputs.empty()) {
        return std::nullopt;
    }
    std::vector<double> sizes, answered, accuracies;
    for (auto first = inputs.begin(); first != inputs.end();) {
        const auto last = std::find_if(
            first, inputs.end(), [&](const auto& i) { return i.group_id != first->group_id; });
        const RunFigures group = tally_of({first, last}, fail_accuracy).figures({});
        first = last;
        const auto size = static_cast<double>(group.inputs);
        sizes.push_back(size);
        answered.push_back((size - static_cast<double>(group.deadline_misses)) / size);
        if (group.accuracy) {
            accuracies.push_back(*group.accuracy);
        }
    }
    return GroupResult{.groups = *summary.groups,
                       .late = summary.groups_late.value_or(0),
                       .inputs_mean = mean_of(sizes),
                       .answered_mean = mean_of(answered),
                       .accuracy_mean = mean_or_nothing(accuracies)};
}

}  // namespace

RunReport report_on(const db::RunRow& run, const db::RunSummaryRow& summary, double fail_accuracy,
                    std::span<const db::RunInput> inputs) {
    RunReport report{.run = run, .summary = summary};
    report.energy_error_j = energy_error_j(run, inputs);
    const std::vector<double> responses = present(inputs, &db::RunInput::response_s);
    report.never_started = std::ssize(inputs) - std::ssize(responses);
    report.response = spread_of(responses);
    report.latency = spread_of(present(inputs, &db::RunInput::latency_s));
    report.deadline = deadline_result(report);
    report.accuracy = accuracy_result(report, inputs);
    report.energy = energy_result(report, inputs);
    report.groups = group_result(summary, inputs, fail_accuracy);
    report.configurations = configurations_used(inputs);
    if (!inputs.empty()) {
        add_course(report, inputs, fail_accuracy);
        add_decisions(report, inputs);
    }
    report.warnings = warnings_of(run, inputs);
    if (!report.complete()) {
        report.warnings.insert(report.warnings.begin(), unfinished_line(report));
    }
    return report;
}

}  // namespace alert::cli
