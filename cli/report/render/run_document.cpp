#include "cli/report/render/run_document.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "cli/report/render/labels.h"
#include "cli/report/render/run_records.h"
#include "cli/text/format.h"

namespace alert::cli {
namespace {

constexpr std::size_t kMostConfigurations = 10;  // shown; the others are summed up

/// "cannot tell, needs 459 inputs"
std::string full_text(const BinomialVerdict& verdict) {
    return verdict.inputs_needed > 0 ? fmt::format("{}, needs {} inputs", text_of(verdict.verdict),
                                                   format_count(verdict.inputs_needed))
                                     : std::string(text_of(verdict.verdict));
}

/// "99 %": as it was given, without further digits.
std::string share_text(double share) {
    return fmt::format("{:.6g} %", share * 100);
}

Cell kept_cell(std::optional<bool> kept) {
    if (!kept) {
        return Cell("not measured").toned(Tone::kDim);
    }
    return *kept ? Cell("kept").toned(Tone::kGood) : Cell("violated").toned(Tone::kBad);
}

std::string count_of(std::int64_t part, std::int64_t all) {
    if (all == 0) {
        return "no input";
    }
    return fmt::format("{} of {} inputs ({})", format_count(part), format_count(all),
                       format_probability(static_cast<double>(part) / static_cast<double>(all)));
}

Section asked_section(const RunReport& report) {
    const db::RunRow& run = report.run;
    const db::RunSummaryRow& summary = report.summary;
    Section section;
    add_fact(section, "profile", run.profile);
    add_fact(section, "scheme",
             fmt::format("{}, estimator {}, window {}", run.scheme, run.estimator, run.window));
    add_fact(section, "objective", objective_text(run.objective));
    add_fact(section, "period",
             run.period_s ? format_duration(run.period_s) + (run.shared ? " a group" : "") +
                                (run.paced ? "" : ", not paced")
                          : "");
    add_fact(section, "environment", run.environment);
    add_fact(section, "trace", run.trace);
    add_fact(section, "data", run.data_file);
    add_fact(section, "energy from", source_text(summary.energy_source));
    add_fact(section, "machine", machine_text(run.machine));
    add_fact(section, "started", run.created_at);
    add_fact(section, "inputs",
             report.complete() ? format_count(summary.inputs)
                               : fmt::format("{} of {} planned", format_count(summary.inputs),
                                             format_count(run.inputs_planned)));
    return section;
}

void add_goal(Records& table, const std::string& goal, std::optional<bool> kept,
              const std::string& measured, const std::string& verdict) {
    table.rows.push_back({goal, kept_cell(kept), measured});
    if (!verdict.empty()) {
        table.rows.push_back({"", "", verdict});
    }
}

std::string mean_and_error(const RunReport& report) {
    const std::string mean = format_accuracy(report.summary.accuracy);
    return mean.empty() || !report.summary.accuracy_error
               ? mean
               : fmt::format("{} ± {}", mean, format_accuracy(report.summary.accuracy_error));
}

/// "312 mJ ± 4.1 mJ per input"
std::string energy_and_error(const RunReport& report) {
    const std::string mean = format_energy(report.summary.energy_j);
    const std::string error =
        report.energy_error_j ? fmt::format(" ± {}", format_energy(report.energy_error_j)) : "";
    return fmt::format("{}{} per input{}", mean, error,
                       is_modelled(report.summary.energy_source) ? ", modelled" : "");
}

void add_energy_goal(Records& table, const RunReport& report) {
    const EnergyResult& energy = *report.energy;
    std::string measured, verdict;
    if (report.summary.energy_j) {
        measured = fmt::format("{}; {} of inputs above", energy_and_error(report),
                               format_accuracy(report.summary.energy_over));
    }
    if (energy.verdict) {
        verdict = energy.share
                      ? fmt::format("kept for >= {}: {}", share_text(*energy.share),
                                    full_text(*energy.verdict))
                      : fmt::format("mean within it: {} (95 % interval ± {})",
                                    full_text(*energy.verdict), format_energy(energy.half_width_j));
    }
    add_goal(table, "energy " + format_energy(energy.asked_j), energy.kept, measured, verdict);
}

void add_deadline_goal(Records& table, const RunReport& report) {
    const DeadlineResult& deadline = *report.deadline;
    std::string goal = "deadline " + format_duration(deadline.asked_s);
    std::string measured = fmt::format(
        "{} missed it;", count_of(report.summary.deadline_misses, report.summary.inputs));
    for (const LimitResult& limit : deadline.limits) {
        table.rows.push_back({std::exchange(goal, ""), kept_cell(limit.kept),
                              fmt::format("{} {} may", std::exchange(measured, "if"),
                                          share_text(limit.miss_limit))});
    }
    table.rows.push_back({"", "",
                          fmt::format("kept for >= {}: {}", share_text(deadline.share),
                                      full_text(deadline.verdict))});
}

Section goals_section(const RunReport& report) {
    Section section{.heading = "Goals"};
    section.table.columns = {{.key = "goal", .name = "goal"},
                             {.key = "result", .name = "result"},
                             {.key = "measured", .name = "measured", .shrinkable = true}};
    if (report.deadline) {
        add_deadline_goal(section.table, report);
    }
    if (report.accuracy) {
        const AccuracyResult& accuracy = *report.accuracy;
        add_goal(section.table, "accuracy " + format_accuracy(accuracy.asked), accuracy.kept,
                 mean_and_error(report),
                 accuracy.verdict
                     ? fmt::format("right and in time for >= {}: {}", share_text(accuracy.asked),
                                   text_of(*accuracy.verdict))
                     : "");
    }
    if (report.energy) {
        add_energy_goal(section.table, report);
    }
    return section;
}

/// "▁▁▂▇▇▂": from the minimum to the maximum.
std::string sparkline(std::span<const double> values) {
    static constexpr std::string_view kBars[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    if (values.empty()) {
        return "";
    }
    const auto [least, most] = std::minmax_element(values.begin(), values.end());
    std::string line;
    for (const double value : values) {
        const double height = *most > *least ? (value - *least) / (*most - *least) : 0;
        line += kBars[std::lround(height * static_cast<double>(std::size(kBars) - 1))];
    }
    return line;
}

Section results_section(const RunReport& report) {
    const db::RunSummaryRow& summary = report.summary;
    Section section{.heading = "Results"};
    if (!report.accuracy) {
        add_fact(section, "accuracy", mean_and_error(report));
    }
    if (!report.deadline && summary.deadline_misses > 0) {
        add_fact(section, "missed", count_of(summary.deadline_misses, summary.inputs));
    }
    add_fact(section, "never started",
             report.never_started > 0 ? count_of(report.never_started, summary.inputs) : "");
    if (const auto& groups = report.groups) {
        add_fact(section, "groups",
                 fmt::format("{} of {:.1f} inputs, sharing a deadline; {} late ({})",
                             format_count(groups->groups), groups->inputs_mean,
                             format_count(groups->late),
                             format_probability(static_cast<double>(groups->late) /
                                                static_cast<double>(groups->groups))));
        add_fact(section, "of a group",
                 fmt::format(
                     "{} answered in time{}, on average", format_probability(groups->answered_mean),
                     groups->accuracy_mean ? ", accuracy " + format_accuracy(groups->accuracy_mean)
                                           : ""));
    }
    if (summary.energy_j && !report.energy) {
        add_fact(section, "energy", energy_and_error(report));
    }
    if (report.decision_p50_s) {
        add_fact(section, "decisions",
                 fmt::format("median {}, p99 {}{}", format_duration(report.decision_p50_s),
                             format_duration(report.decision_p99_s),
                             report.decision_share
                                 ? fmt::format(", {} of the inferences' time",
                                               format_probability(report.decision_share))
                                 : ""));
    }
    if (report.xi_mean) {
        add_fact(section, "slowdown xi",
                 fmt::format("mean {}, from {} to {}", format_number(report.xi_mean),
                             format_number(report.xi_min), format_number(report.xi_max)));
        add_fact(section, "over the run", sparkline(report.xi_course));
    }
    return section;
}

Row spread_row(std::string_view what, const TimeSpread& spread) {
    return {what, spread.mean_s, spread.p50_s, spread.p95_s, spread.p99_s, spread.max_s};
}

Section times_section(const RunReport& report) {
    Section section{.heading = "Times"};
    section.table.columns = {{.key = "time", .name = "time"}};
    for (const char* name : {"mean", "median", "p95", "p99", "max"}) {
        section.table.columns.push_back({.key = name, .name = name, .show = Show::kDuration});
    }
    if (report.response) {
        section.table.rows.push_back(spread_row("response (from arrival)", *report.response));
    }
    if (report.latency) {
        section.table.rows.push_back(spread_row("latency (inference)", *report.latency));
    }
    return section;
}

/// The most used ones; all others in one line.
std::vector<ConfigurationUse> most_used(std::vector<ConfigurationUse> uses) {
    if (uses.size() <= kMostConfigurations + 1) {
        return uses;
    }
    ConfigurationUse others{.model = fmt::format("{} others", uses.size() - kMostConfigurations)};
    double latency_s = 0;
    for (std::size_t i = kMostConfigurations; i < uses.size(); ++i) {
        others.inputs += uses[i].inputs;
        others.share += uses[i].share;
        others.deadline_misses += uses[i].deadline_misses;
        latency_s += uses[i].latency_mean_s * static_cast<double>(uses[i].inputs);
    }
    others.latency_mean_s = latency_s / static_cast<double>(others.inputs);
    uses.resize(kMostConfigurations);
    uses.push_back(others);
    return uses;
}

Section course_section(const RunReport& report) {
    Section section{.heading = "Over the run", .table = part_records(report.parts)};
    mark_modelled(section, report.summary.energy_source);
    return section;
}

}  // namespace

Document document_of(const RunReport& report) {
    Document document{.title = fmt::format("Run {} {}", report.run.id,
                                           report.run.label.empty()
                                               ? "(no label)"
                                               : fmt::format("\"{}\"", report.run.label))};
    document.sections.push_back(asked_section(report));
    const Section configurations = {.heading = "Configurations that ran",
                                    .table = use_records(most_used(report.configurations))};
    for (Section section : {goals_section(report), results_section(report), times_section(report),
                            configurations, course_section(report)}) {
        if (!section.table.rows.empty() || !section.facts.empty()) {
            document.sections.push_back(std::move(section));
        }
    }
    if (!report.warnings.empty()) {
        document.sections.push_back({.heading = "Warnings", .notes = report.warnings});
    }
    return document;
}

}  // namespace alert::cli
