#include "cli/report/render/run_records.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "cli/report/render/labels.h"
#include "cli/text/format.h"

namespace alert::cli {
namespace {

std::vector<Column> summary_columns() {
    return keyed_columns(
        {"run",           "profile",       "scheme",        "estimator",     "objective",
         "deadline_s",    "accuracy_goal", "energy_goal_j", "inputs",        "deadline_misses",
         "accuracy",      "energy_j",      "energy_over",   "energy_source", "latency_p50_s",
         "latency_p95_s", "latency_p99_s", "violated",      "kind",          "trace",
         "environment",   "label"});
}

Row summary_row(const db::RunSummaryRow& s) {
    return {
        s.run,           s.profile,       s.scheme,           s.estimator,     s.objective,
        s.deadline_s,    s.accuracy_goal, s.energy_goal_j,    s.inputs,        s.deadline_misses,
        s.accuracy,      s.energy_j,      s.energy_over,      s.energy_source, s.latency_p50_s,
        s.latency_p95_s, s.latency_p99_s, s.violated ? 1 : 0, s.kind,          s.trace,
        s.environment,   s.label};
}

template <class T>
Json json_or_null(const std::optional<T>& value) {
    return value ? Json(*value) : Json(nullptr);
}

Json json_or_null(const std::optional<Verdict>& verdict) {
    return verdict ? Json(text_of(*verdict)) : Json(nullptr);
}

Json json_or_null(const std::optional<TimeSpread>& spread) {
    if (!spread) {
        return nullptr;
    }
    return {{"mean_s", spread->mean_s},
            {"p50_s", spread->p50_s},
            {"p95_s", spread->p95_s},
            {"p99_s", spread->p99_s},
            {"max_s", spread->max_s}};
}

Json json_or_null(const std::optional<GroupResult>& groups) {
    if (!groups) {
        return nullptr;
    }
    return {{"groups", groups->groups},
            {"late", groups->late},
            {"inputs_mean", groups->inputs_mean},
            {"answered_mean", groups->answered_mean},
            {"accuracy_mean", json_or_null(groups->accuracy_mean)}};
}

Json goals_json(const RunReport& report) {
    Json goals{{"deadline", nullptr}, {"accuracy", nullptr}, {"energy", nullptr}};
    if (const auto& deadline = report.deadline) {
        const BinomialVerdict& verdict = deadline->verdict;
        goals["deadline"] = {
            {"asked_s", deadline->asked_s},
            {"kept", json_or_null(deadline->kept)},
            {"share_asked", deadline->share},
            {"verdict", text_of(verdict.verdict)},
            {"inputs_needed",
             verdict.inputs_needed > 0 ? Json(verdict.inputs_needed) : Json(nullptr)}};
    }
    if (const auto& accuracy = report.accuracy) {
        goals["accuracy"] = {{"asked", accuracy->asked},
                             {"kept", json_or_null(accuracy->kept)},
                             {"std_error", json_or_null(report.accuracy_std_error)},
                             {"verdict", json_or_null(accuracy->verdict)}};
    }
    if (const auto& energy = report.energy) {
        const auto verdict =
            energy->verdict ? std::optional(energy->verdict->verdict) : std::nullopt;
        goals["energy"] = {{"asked_j", energy->asked_j},
                           {"kept", json_or_null(energy->kept)},
                           {"half_width_j", json_or_null(energy->half_width_j)},
                           {"share_asked", json_or_null(energy->share)},
                           {"verdict", json_or_null(verdict)}};
    }
    return goals;
}

std::string range_text(const RunPart& part) {
    return part.first == part.last
               ? format_count(part.first)
               : fmt::format("{} to {}", format_count(part.first), format_count(part.last));
}

void add_request(Json& json, const RunReport& report) {
    json["complete"] = report.complete();
    json["inputs_planned"] = report.run.inputs_planned;
    json["created_at"] = report.run.created_at;
    json["data_file"] = report.run.data_file;
    json["period_s"] = json_or_null(report.run.period_s);
    json["confidence"] = json_or_null(report.run.confidence);
    json["window"] = report.run.window;
    json["deadline_per"] = report.run.shared ? "group" : "input";
    json["paced"] = report.run.paced;
    json["seed"] = report.run.seed;
    json["machine"] = json_of(report.run.machine);
}

}  // namespace

std::string_view text_of(Verdict verdict) {
    switch (verdict) {
        case Verdict::kYes:
            return "yes";
        case Verdict::kNo:
            return "no";
        case Verdict::kCannotTell:
            break;
    }
    return "cannot tell";
}

Records summary_records(std::span<const RunReport> reports) {
    Records records{.columns = summary_columns(), .rows = {}};
    for (Column& column :
         keyed_columns({"groups", "groups_late", "group_inputs_mean", "group_answered_mean",
                        "group_accuracy_mean", "energy_error_j"})) {
        records.columns.push_back(std::move(column));
    }
    for (const RunReport& report : reports) {
        Row& row = records.rows.emplace_back(summary_row(report.summary));
        if (const auto& groups = report.groups) {
            row.emplace_back(groups->groups);
            row.emplace_back(groups->late);
            row.emplace_back(groups->inputs_mean);
            row.emplace_back(groups->answered_mean);
            row.emplace_back(groups->accuracy_mean);
        }
        row.resize(records.columns.size() - 1);
        row.emplace_back(report.energy_error_j);
    }
    return records;
}

Records use_records(std::span<const ConfigurationUse> uses) {
    Records records{
        .columns = {{.key = "model", .name = "model", .shrinkable = true},
                    {.key = "stage", .name = "stage", .show = Show::kCount},
                    {.key = "power_setting", .name = "setting"},
                    {.key = "inputs", .name = "inputs", .show = Show::kCount},
                    {.key = "share", .name = "share", .show = Show::kProbability},
                    {.key = "latency_mean_s", .name = "mean latency", .show = Show::kDuration},
                    {.key = "deadline_misses", .name = "missed", .show = Show::kCount}},
        .rows = {}};
    for (const ConfigurationUse& use : uses) {
        records.rows.push_back({use.model, use.stage, use.power_setting, use.inputs, use.share,
                                use.latency_mean_s, use.deadline_misses});
    }
    return records;
}

Records part_records(std::span<const RunPart> parts) {
    Records records{
        .columns = {{.key = "first", .name = ""},
                    {.key = "last", .name = ""},
                    {.key = "", .name = "inputs"},
                    {.key = "environment", .name = "environment", .shrinkable = true},
                    {.key = "xi_mean", .name = "mean xi", .show = Show::kNumber},
                    {.key = "deadline_misses", .name = "missed", .show = Show::kCount},
                    {.key = "response_mean_s", .name = "response", .show = Show::kDuration},
                    {.key = "energy_j", .name = "energy", .show = Show::kEnergy},
                    {.key = "accuracy", .name = "accuracy", .show = Show::kAccuracy}},
        .rows = {}};
    for (const RunPart& part : parts) {
        records.rows.push_back({part.first, part.last, range_text(part), part.environment,
                                part.xi_mean, part.deadline_misses, part.response_mean_s,
                                part.energy_j, part.accuracy});
    }
    return records;
}

Json json_of(const RunReport& report) {
    Json json = to_json(summary_columns(), summary_row(report.summary));
    add_request(json, report);
    json["goals"] = goals_json(report);
    json["groups"] = json_or_null(report.groups);
    json["accuracy_std_error"] = json_or_null(report.accuracy_std_error);
    json["energy_error_j"] = json_or_null(report.energy_error_j);
    json["never_started"] = report.never_started;
    json["response"] = json_or_null(report.response);
    json["latency"] = json_or_null(report.latency);
    json["decision_p50_s"] = json_or_null(report.decision_p50_s);
    json["decision_p99_s"] = json_or_null(report.decision_p99_s);
    json["decision_share"] = json_or_null(report.decision_share);
    json["xi_mean"] = json_or_null(report.xi_mean);
    json["xi_min"] = json_or_null(report.xi_min);
    json["xi_max"] = json_or_null(report.xi_max);
    json["configurations"] = to_json(use_records(report.configurations));
    json["parts"] = to_json(part_records(report.parts));
    json["doubts"] = report.doubts;
    return json;
}

}  // namespace alert::cli
