#include "cli/report/render/run_records.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "cli/report/render/labels.h"
#include "cli/report/render/stored_records.h"
#include "cli/text/format.h"

namespace alert::cli {
namespace {

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

Json limits_json(const DeadlineResult& deadline) {
    Json limits = Json::array();
    for (const LimitResult& limit : deadline.limits) {
        limits.push_back({{"miss_limit", limit.miss_limit}, {"kept", json_or_null(limit.kept)}});
    }
    return limits;
}

Json goals_json(const RunReport& report) {
    Json goals{{"deadline", nullptr}, {"accuracy", nullptr}, {"energy", nullptr}};
    if (const auto& deadline = report.deadline) {
        const BinomialVerdict& verdict = deadline->verdict;
        goals["deadline"] = {
            {"asked_s", deadline->asked_s},
            {"kept", json_or_null(deadline->limits.front().kept)},
            {"miss_limits", limits_json(*deadline)},
            {"share_asked", deadline->share},
            {"verdict", text_of(verdict.verdict)},
            {"inputs_needed",
             verdict.inputs_needed > 0 ? Json(verdict.inputs_needed) : Json(nullptr)}};
    }
    if (const auto& accuracy = report.accuracy) {
        goals["accuracy"] = {{"asked", accuracy->asked},
                             {"kept", json_or_null(accuracy->kept)},
                             {"std_error", json_or_null(report.summary.accuracy_error)},
                             {"verdict", json_or_null(accuracy->verdict)}};
    }
    if (const auto& energy = report.energy) {
        goals["energy"] = {
            {"asked_j", energy->asked_j},
            {"kept", json_or_null(energy->kept)},
            {"half_width_j", json_or_null(energy->half_width_j)},
            {"share_asked", json_or_null(energy->share)},
            {"verdict", energy->verdict ? Json(text_of(energy->verdict->verdict)) : Json(nullptr)}};
    }
    return goals;
}

std::string range_text(const RunPart& part) {
    return part.first == part.last
               ? format_count(part.first)
               : fmt::format("{} to {}", format_count(part.first), format_count(part.last));
}

/// A column for runs whose inputs share deadlines; empty for others.
template <class T>
FilledColumn<RunReport> of_groups(const char* key, T GroupResult::*member) {
    return {{key}, [member](const RunReport& report) {
                return report.groups ? Cell(*report.groups.*member) : Cell();
            }};
}

/// What JSON and CSV have in addition to the columns of the view run_summary.
const std::vector<FilledColumn<RunReport>>& computed_columns() {
    static const std::vector<FilledColumn<RunReport>> columns = {
        of_groups("group_inputs_mean", &GroupResult::inputs_mean),
        of_groups("group_answered_mean", &GroupResult::answered_mean),
        of_groups("group_accuracy_mean", &GroupResult::accuracy_mean),
        {{"energy_error_j"}, &RunReport::energy_error_j}};
    return columns;
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
    Records records = records_of(computed_columns(), reports);
    const auto stored = stored_columns<db::RunSummaryRow>();
    records.columns.insert(records.columns.begin(), stored.begin(), stored.end());
    for (std::size_t i = 0; i < reports.size(); ++i) {
        const Row row = stored_row(reports[i].summary);
        records.rows[i].insert(records.rows[i].begin(), row.begin(), row.end());
    }
    return records;
}

Records use_records(std::span<const ConfigurationUse> uses) {
    using Use = ConfigurationUse;
    static const std::vector<FilledColumn<Use>> columns = {
        {{"model", "model", Show::kText, true}, &Use::model},
        {{"stage", "stage", Show::kCount}, &Use::stage},
        {{"power_setting", "setting"}, &Use::power_setting},
        {{"inputs", "inputs", Show::kCount}, &Use::inputs},
        {{"share", "share", Show::kProbability}, &Use::share},
        {{"latency_mean_s", "mean latency", Show::kDuration}, &Use::latency_mean_s},
        {{"deadline_misses", "missed", Show::kCount}, &Use::deadline_misses}};
    return records_of(columns, uses);
}

Records part_records(std::span<const RunPart> parts) {
    static const std::vector<FilledColumn<RunPart>> columns = {
        {{"first"}, &RunPart::first},
        {{"last"}, &RunPart::last},
        {{"", "inputs"}, range_text},
        {{"environment", "environment", Show::kText, true}, &RunPart::environment},
        {{"xi_mean", "mean xi", Show::kNumber}, &RunPart::xi_mean},
        {{"deadline_misses", "missed", Show::kCount}, &RunPart::deadline_misses},
        {{"response_mean_s", "response", Show::kDuration}, &RunPart::response_mean_s},
        {{"energy_j", "energy", Show::kEnergy}, &RunPart::energy_j},
        {{"accuracy", "accuracy", Show::kAccuracy}, &RunPart::accuracy}};
    return records_of(columns, parts);
}

Json json_of(const RunReport& report) {
    Json json = to_json(stored_columns<db::RunSummaryRow>(), stored_row(report.summary));
    add_request(json, report);
    json["goals"] = goals_json(report);
    json["groups"] = json_or_null(report.groups);
    json["accuracy_std_error"] = json_or_null(report.summary.accuracy_error);
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
    json["warnings"] = report.warnings;
    return json;
}

}  // namespace alert::cli
