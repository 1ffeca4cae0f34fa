#include "cli/report/render/compare_document.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/report/render/labels.h"
#include "cli/text/format.h"

namespace alert::cli {

namespace {

constexpr const char* kAll = "all";  // of environments together

/// How an objective's metric is shown.
struct MetricStyle {
    std::string name;
    Show show;
};

MetricStyle style_of(Objective objective) {
    switch (metric_of(objective)) {
        case Metric::kEnergy:
            return {"energy", Show::kEnergy};
        case Metric::kError:
            return {"error", Show::kAccuracy};
        case Metric::kLatency:
            break;
    }
    return {"latency", Show::kDuration};
}

const MetricMean& mean_of(const SchemeFigures& figures, Metric metric) {
    return figures.means[static_cast<std::size_t>(metric)];
}

std::string conditions_text(const ComparisonGroup& group) {
    if (group.environment.empty()) {
        return "all environments";
    }
    return group.trace ? fmt::format("{}, trace {}", group.environment, *group.trace)
                       : group.environment + ", live";
}

bool several_profiles(const Comparison& comparison) {
    const auto& groups = comparison.groups;
    return std::any_of(groups.begin(), groups.end(),
                       [&](const auto& group) { return group.profile != groups.front().profile; });
}

Section summary_section(const Comparison& comparison, const ComparisonGroup& group,
                        const std::string& heading) {
    const auto [name, show] = style_of(group.objective);
    Section section{.heading = heading};
    section.table.columns = {{.key = "scheme", .name = "scheme", .shrinkable = true},
                             {.key = "violated", .name = "violated", .show = Show::kCount},
                             {.key = "settings", .name = "of", .show = Show::kCount},
                             {.key = "mean", .name = name, .show = show},
                             {.key = "std", .name = "std", .show = show},
                             {.key = "shared", .name = "shared", .show = Show::kCount},
                             {.key = "normalised", .name = "ratio", .show = Show::kNumber},
                             {.key = "p25", .name = "25 %", .show = Show::kNumber},
                             {.key = "p75", .name = "75 %", .show = Show::kNumber}};
    for (const SchemeFigures& figures : group.schemes) {
        const MetricMean& mean = mean_of(figures, metric_of(group.objective));
        std::optional<double> p25, p75;
        if (figures.ratios) {
            p25 = figures.ratios->p25;
            p75 = figures.ratios->p75;
        }
        Cell violated(figures.violated);
        section.table.rows.push_back(
            {figures.scheme,
             figures.violated > 0 ? std::move(violated).toned(Tone::kBad) : violated,
             figures.settings, mean.mean, mean.std,
             figures.scheme == comparison.reference ? Cell() : Cell(figures.shared),
             figures.normalised, p25, p75});
    }
    mark_modelled(section, group.energy_source);
    return section;
}

Section detail_section(const ComparisonGroup& group, const std::string& heading) {
    const auto [name, show] = style_of(group.objective);
    Section section{.heading = heading + ", every setting"};
    section.table.columns = {
        {.key = "deadline_s", .name = "deadline", .show = Show::kDuration},
        {.key = "accuracy_goal", .name = "least acc.", .show = Show::kAccuracy},
        {.key = "energy_goal_j", .name = "most energy", .show = Show::kEnergy},
        {.key = "scheme", .name = "scheme", .shrinkable = true},
        {.key = "value", .name = name, .show = show},
        {.key = "normalised", .name = "ratio", .show = Show::kNumber},
        {.key = "deadline_misses", .name = "missed", .show = Show::kCount},
        {.key = "violated", .name = "violated"}};
    for (const SettingResult& result : group.results) {
        const db::RunRow& run = result.run.run;
        section.table.rows.push_back(
            {run.deadline_s, run.accuracy_goal, run.energy_goal_j, result.scheme,
             value_of(metric_of(group.objective), result.run), result.normalised,
             result.run.deadline_misses,
             result.run.violated ? Cell("yes").toned(Tone::kBad) : Cell()});
    }
    mark_modelled(section, group.energy_source);
    return section;
}

std::vector<std::string> explanation(const Comparison& comparison) {
    return {
        "energy, error (1 - accuracy), latency: mean and standard deviation over the settings "
        "that the scheme does not violate",
        fmt::format("ratio: that mean over {}'s, both over the settings that neither violates "
                    "(shared); 25 % and 75 %: quartiles of the ratios of single settings",
                    comparison.reference)};
}

Row summary_row(const Comparison& comparison, const ComparisonGroup& group,
                const SchemeFigures& figures) {
    const MetricMean& energy = mean_of(figures, Metric::kEnergy);
    const MetricMean& error = mean_of(figures, Metric::kError);
    const MetricMean& latency = mean_of(figures, Metric::kLatency);
    Row row = {db::name_of(group.objective),
               group.profile,
               group.environment.empty() ? std::string(kAll) : group.environment,
               group.trace,
               figures.scheme,
               figures.settings,
               figures.violated,
               energy.mean,
               energy.std,
               group.energy_source,
               error.mean,
               error.std,
               latency.mean,
               latency.std,
               comparison.reference,
               figures.shared,
               figures.normalised};
    if (const auto& ratios = figures.ratios) {
        row.insert(row.end(), {ratios->mean, ratios->std, ratios->p25, ratios->p50, ratios->p75});
    } else {
        row.resize(row.size() + 5);
    }
    return row;
}

Records summary_records(const Comparison& comparison) {
    Records records{.columns = keyed_columns(
                        {"objective", "profile",    "environment", "trace",         "scheme",
                         "settings",  "violated",   "energy_j",    "energy_std_j",  "energy_source",
                         "error",     "error_std",  "latency_s",   "latency_std_s", "normalised_to",
                         "shared",    "normalised", "ratio_mean",  "ratio_std",     "ratio_p25",
                         "ratio_p50", "ratio_p75"}),
                    .rows = {}};
    for (const ComparisonGroup& group : comparison.groups) {
        for (const SchemeFigures& figures : group.schemes) {
            records.rows.push_back(summary_row(comparison, group, figures));
        }
    }
    return records;
}

Records detail_records(const Comparison& comparison) {
    Records records{.columns = keyed_columns(
                        {"run", "objective", "profile", "environment", "trace", "deadline_s",
                         "accuracy_goal", "energy_goal_j", "period_s", "scheme", "inputs",
                         "deadline_misses", "accuracy", "energy_j", "energy_over", "energy_source",
                         "latency_mean_s", "violated", "normalised"}),
                    .rows = {}};
    for (const ComparisonGroup& group : comparison.groups) {
        for (const SettingResult& result : group.results) {
            const db::ReplayRow& r = result.run;
            records.rows.push_back({r.run.id, db::name_of(group.objective), group.profile,
                                    group.environment, group.trace, r.run.deadline_s,
                                    r.run.accuracy_goal, r.run.energy_goal_j, r.run.period_s,
                                    result.scheme, r.inputs, r.deadline_misses, r.accuracy,
                                    r.energy_j, r.energy_over, r.run.energy_source,
                                    r.latency_mean_s, r.violated ? 1 : 0, result.normalised});
        }
    }
    return records;
}

}  // namespace

Document document_of(const Comparison& comparison, bool detail) {
    Document document{.title = "Comparison of schemes"};
    Section facts;
    if (!several_profiles(comparison)) {
        add_fact(facts, "profile", comparison.groups.front().profile);
    }
    add_fact(facts, "ratio to", comparison.reference);
    add_fact(facts, "energy from", source_text(comparison.groups.front().energy_source));
    document.sections.push_back(std::move(facts));
    for (const ComparisonGroup& group : comparison.groups) {
        std::string heading =
            fmt::format("{}: {}", objective_text(group.objective), conditions_text(group));
        if (several_profiles(comparison)) {
            heading += fmt::format(", profile {}", group.profile);
        }
        document.sections.push_back(summary_section(comparison, group, heading));
        if (detail && !group.results.empty()) {
            document.sections.push_back(detail_section(group, heading));
        }
    }
    document.sections.push_back(
        {.heading = "What the columns mean", .footnotes = explanation(comparison)});
    if (!comparison.doubts.empty()) {
        document.sections.push_back({.heading = "Doubts", .notes = comparison.doubts});
    }
    return document;
}

Records comparison_records(const Comparison& comparison, bool detail) {
    return detail ? detail_records(comparison) : summary_records(comparison);
}

Records replay_records(std::span<const db::ReplayRow> replays) {
    Records records{
        .columns = {{.key = "run", .name = ""},
                    {.key = "profile", .name = ""},
                    {.key = "scheme", .name = "scheme", .shrinkable = true},
                    {.key = "estimator", .name = ""},
                    {.key = "objective", .name = ""},
                    {.key = "deadline_s", .name = ""},
                    {.key = "accuracy_goal", .name = ""},
                    {.key = "energy_goal_j", .name = ""},
                    {.key = "inputs", .name = ""},
                    {.key = "deadline_misses", .name = "missed", .show = Show::kCount},
                    {.key = "accuracy", .name = "accuracy", .show = Show::kAccuracy},
                    {.key = "accuracy_error", .name = "±", .show = Show::kAccuracy},
                    {.key = "energy_j", .name = "energy", .show = Show::kEnergy},
                    {.key = "energy_over", .name = "above", .show = Show::kAccuracy},
                    {.key = "energy_source", .name = ""},
                    {.key = "latency_mean_s", .name = "latency", .show = Show::kDuration},
                    {.key = "latency_p50_s", .name = ""},
                    {.key = "latency_p95_s", .name = ""},
                    {.key = "latency_p99_s", .name = "p99", .show = Show::kDuration},
                    {.key = "violated", .name = "violated", .show = Show::kYesNo},
                    {.key = "kind", .name = ""},
                    {.key = "trace", .name = ""},
                    {.key = "environment", .name = ""},
                    {.key = "label", .name = ""},
                    {.key = "groups", .name = ""},
                    {.key = "groups_late", .name = "groups late", .show = Show::kCount}},
        .rows = {}};
    for (const db::ReplayRow& r : replays) {
        records.rows.push_back(
            {r.run.id,
             r.run.profile,
             r.run.scheme,
             r.run.estimator,
             db::name_of(r.run.objective),
             r.run.deadline_s,
             r.run.accuracy_goal,
             r.run.energy_goal_j,
             r.inputs,
             r.deadline_misses,
             r.accuracy,
             r.accuracy_error,
             r.energy_j,
             r.energy_over,
             r.run.energy_source,
             r.latency_mean_s,
             r.latency_p50_s,
             r.latency_p95_s,
             r.latency_p99_s,
             Cell(r.violated ? 1 : 0).toned(r.violated ? Tone::kBad : Tone::kPlain),
             r.run.kind,
             r.run.trace,
             r.run.environment,
             r.run.label,
             r.groups,
             r.groups_late});
    }
    return records;
}

Document document_of(std::span<const db::ReplayRow> replays) {
    const db::RunRow& run = replays.front().run;
    Document document{.title = fmt::format("Replay of trace \"{}\"", run.trace.value_or(""))};
    Section facts;
    add_fact(facts, "profile", run.profile);
    add_fact(facts, "environment", run.environment);
    add_fact(facts, "objective", objective_text(run.objective));
    add_fact(facts, "deadline", run.deadline_s, Show::kDuration);
    add_fact(facts, "least acc.", run.accuracy_goal, Show::kAccuracy);
    add_fact(facts, "most energy", run.energy_goal_j, Show::kEnergy);
    add_fact(facts, "period", run.period_s, Show::kDuration);
    add_fact(facts, "inputs", replays.front().inputs, Show::kCount);
    if (replays.front().groups) {
        add_fact(facts, "groups",
                 format_count(*replays.front().groups) + ", which share deadline and period");
    }
    add_fact(facts, "energy from", source_text(run.energy_source));
    Section section{.table = replay_records(replays)};
    mark_modelled(section, run.energy_source);
    document.sections = {std::move(facts), std::move(section)};
    return document;
}

Json json_of(const Comparison& comparison, bool detail) {
    Json json{{"normalised_to", comparison.reference},
              {"schemes", to_json(summary_records(comparison))}};
    if (detail) {
        json["settings"] = to_json(detail_records(comparison));
    }
    json["doubts"] = comparison.doubts;
    return json;
}

}  // namespace alert::cli
