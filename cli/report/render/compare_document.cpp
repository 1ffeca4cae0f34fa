#include "cli/report/render/compare_document.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

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

Cell violations_cell(std::size_t violated) {
    return Cell(violated).toned(violated > 0 ? Tone::kBad : Tone::kPlain);
}

Section summary_section(const Comparison& comparison, const ComparisonGroup& group,
                        const std::string& heading) {
    const auto [name, show] = style_of(group.objective);
    Section section{.heading = heading};
    section.table.columns = {{.key = "scheme", .name = "scheme", .shrinkable = true},
                             {.key = "violated", .name = "violated", .show = Show::kCount},
                             {.key = "violated_strict", .name = "at 1 %", .show = Show::kCount},
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
        section.table.rows.push_back(
            {figures.scheme, violations_cell(figures.violated),
             violations_cell(figures.violated_strict), figures.settings, mean.mean, mean.std,
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
             result.run.deadline_misses, violated_cell(result.run)});
    }
    mark_modelled(section, group.energy_source);
    return section;
}

/// "10 %"; the limits of all schemes, where they are several.
std::string limits_text(const Comparison& comparison) {
    std::set<double> limits;
    for (const ComparisonGroup& group : comparison.groups) {
        for (const SchemeFigures& figures : group.schemes) {
            limits.insert(figures.miss_limit);
        }
    }
    return limits.size() == 1 ? fmt::format("{:.6g} %", *limits.begin() * 100)
                              : "the share that its --miss-limit states";
}

std::vector<std::string> explanation(const Comparison& comparison) {
    return {fmt::format(
                "violated: settings of which a goal was violated, the deadline when more than {} "
                "of the inputs missed it; at 1 %: when more than 1 % did",
                limits_text(comparison)),
            "energy, error (1 - accuracy), latency: mean and standard deviation over the settings "
            "that the scheme does not violate",
            fmt::format("ratio: that mean over {}'s, both over the settings that neither violates "
                        "(shared); 25 % and 75 %: quartiles of the ratios of single settings",
                        comparison.reference)};
}

/// A scheme of a group of a comparison.
struct Summed {
    const Comparison* comparison;
    const ComparisonGroup* group;
    const SchemeFigures* figures;
};

template <class T>
FilledColumn<Summed> of_scheme(const char* key, T SchemeFigures::*member) {
    return {{key}, [member](const Summed& row) { return Cell(row.figures->*member); }};
}

FilledColumn<Summed> of_metric(const char* key, Metric metric,
                               std::optional<double> MetricMean::*member) {
    return {{key}, [metric, member](const Summed& row) {
                return Cell(mean_of(*row.figures, metric).*member);
            }};
}

template <class T>
FilledColumn<Summed> of_ratios(const char* key, T RatioSpread::*member) {
    return {{key}, [member](const Summed& row) {
                return row.figures->ratios ? Cell(*row.figures->ratios.*member) : Cell();
            }};
}

const std::vector<FilledColumn<Summed>>& summary_columns() {
    static const std::vector<FilledColumn<Summed>> columns = {
        {{"objective"}, [](const Summed& row) { return db::name_of(row.group->objective); }},
        {{"profile"}, [](const Summed& row) { return row.group->profile; }},
        {{"environment"},
         [](const Summed& row) {
             return row.group->environment.empty() ? std::string(kAll) : row.group->environment;
         }},
        {{"trace"}, [](const Summed& row) { return row.group->trace; }},
        of_scheme("scheme", &SchemeFigures::scheme),
        of_scheme("settings", &SchemeFigures::settings),
        of_scheme("violated", &SchemeFigures::violated),
        of_scheme("violated_strict", &SchemeFigures::violated_strict),
        of_scheme("miss_limit", &SchemeFigures::miss_limit),
        of_metric("energy_j", Metric::kEnergy, &MetricMean::mean),
        of_metric("energy_std_j", Metric::kEnergy, &MetricMean::std),
        {{"energy_source"}, [](const Summed& row) { return row.group->energy_source; }},
        of_metric("error", Metric::kError, &MetricMean::mean),
        of_metric("error_std", Metric::kError, &MetricMean::std),
        of_metric("latency_s", Metric::kLatency, &MetricMean::mean),
        of_metric("latency_std_s", Metric::kLatency, &MetricMean::std),
        {{"normalised_to"}, [](const Summed& row) { return row.comparison->reference; }},
        of_scheme("shared", &SchemeFigures::shared),
        of_scheme("normalised", &SchemeFigures::normalised),
        of_ratios("ratio_mean", &RatioSpread::mean),
        of_ratios("ratio_std", &RatioSpread::std),
        of_ratios("ratio_p25", &RatioSpread::p25),
        of_ratios("ratio_p50", &RatioSpread::p50),
        of_ratios("ratio_p75", &RatioSpread::p75)};
    return columns;
}

Records summary_records(const Comparison& comparison) {
    std::vector<Summed> rows;
    for (const ComparisonGroup& group : comparison.groups) {
        for (const SchemeFigures& figures : group.schemes) {
            rows.push_back({&comparison, &group, &figures});
        }
    }
    return records_of(summary_columns(), rows);
}

/// A run of a group of a comparison.
struct Detail {
    const ComparisonGroup* group;
    const SettingResult* result;
};

template <class T>
FilledColumn<Detail> of_run(const char* key, T db::RunRow::*member) {
    return {{key}, [member](const Detail& row) { return Cell(row.result->run.run.*member); }};
}

template <class T>
FilledColumn<Detail> of_figures(const char* key, T RunFigures::*member) {
    return {{key}, [member](const Detail& row) { return Cell(row.result->run.*member); }};
}

const std::vector<FilledColumn<Detail>>& detail_columns() {
    using Run = db::RunRow;
    using Figures = RunFigures;
    static const std::vector<FilledColumn<Detail>> columns = {
        of_run("run", &Run::id),
        {{"objective"}, [](const Detail& row) { return db::name_of(row.group->objective); }},
        {{"profile"}, [](const Detail& row) { return row.group->profile; }},
        {{"environment"}, [](const Detail& row) { return row.group->environment; }},
        {{"trace"}, [](const Detail& row) { return row.group->trace; }},
        of_run("deadline_s", &Run::deadline_s),
        of_run("accuracy_goal", &Run::accuracy_goal),
        of_run("energy_goal_j", &Run::energy_goal_j),
        of_run("period_s", &Run::period_s),
        {{"scheme"}, [](const Detail& row) { return row.result->scheme; }},
        of_figures("inputs", &Figures::inputs),
        of_figures("deadline_misses", &Figures::deadline_misses),
        of_figures("accuracy", &Figures::accuracy),
        of_figures("energy_j", &Figures::energy_j),
        of_figures("energy_over", &Figures::energy_over),
        of_run("energy_source", &Run::energy_source),
        of_figures("latency_mean_s", &Figures::latency_mean_s),
        {{"violated"}, [](const Detail& row) { return row.result->run.violated ? 1 : 0; }},
        {{"violated_strict"},
         [](const Detail& row) { return row.result->run.violated_strict ? 1 : 0; }},
        of_run("miss_limit", &Run::miss_limit),
        {{"normalised"}, [](const Detail& row) { return row.result->normalised; }}};
    return columns;
}

Records detail_records(const Comparison& comparison) {
    std::vector<Detail> rows;
    for (const ComparisonGroup& group : comparison.groups) {
        for (const SettingResult& result : group.results) {
            rows.push_back({&group, &result});
        }
    }
    return records_of(detail_columns(), rows);
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
    if (!comparison.warnings.empty()) {
        document.sections.push_back({.heading = "Warnings", .notes = comparison.warnings});
    }
    return document;
}

Records comparison_records(const Comparison& comparison, bool detail) {
    return detail ? detail_records(comparison) : summary_records(comparison);
}

Json json_of(const Comparison& comparison, bool detail) {
    Json json{{"normalised_to", comparison.reference},
              {"schemes", to_json(summary_records(comparison))}};
    if (detail) {
        json["settings"] = to_json(detail_records(comparison));
    }
    json["warnings"] = comparison.warnings;
    return json;
}

}  // namespace alert::cli
