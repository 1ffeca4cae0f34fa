#pragma once

#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>

#include "db/records.h"

/// Every column of the store that corresponds to a member of a row, listed once and in the order in
/// which it is shown. SQL statements, the values that are bound and read, JSON and CSV are derived
/// from these lists.
namespace alert::db {

/// A column and its member.
template <class Row, class T>
struct Field {
    std::string_view column;
    T Row::*member;
};
template <class Row, class T>
Field(std::string_view, T Row::*) -> Field<Row, T>;

/// A name, which the table stores as the id of a row in another table; the view has the name.
template <class Row>
struct Reference {
    std::string_view column;
    std::string_view id_column;
    std::string Row::*member;
};
template <class Row>
Reference(std::string_view, std::string_view, std::string Row::*) -> Reference<Row>;

/// `kList`: a tuple of the fields of a row.
template <class Row>
struct Fields;

template <>
struct Fields<Machine> {
    static constexpr std::tuple kList{
        Field{"hostname", &Machine::hostname},
        Field{"cpu", &Machine::cpu},
        Field{"cores", &Machine::cores},
        Field{"kernel", &Machine::kernel},
        Field{"libtorch_version", &Machine::libtorch_version},
        Field{"alert_version", &Machine::alert_version},
        Field{"memory_bytes", &Machine::memory_bytes},
        Field{"system_id", &Machine::system_id},
    };
};

template <>
struct Fields<ModelRow> {
    static constexpr std::tuple kList{
        Field{"name", &ModelRow::name},         Field{"title", &ModelRow::title},
        Field{"file", &ModelRow::file},         Field{"file_hash", &ModelRow::file_hash},
        Field{"stages", &ModelRow::stages},     Field{"form", &ModelRow::form},
        Field{"position", &ModelRow::position},
    };
};

template <>
struct Fields<PowerSettingRow> {
    static constexpr std::tuple kList{
        Field{"name", &PowerSettingRow::name},       Field{"position", &PowerSettingRow::position},
        Field{"stretch", &PowerSettingRow::stretch}, Field{"power_w", &PowerSettingRow::power_w},
        Field{"sampled", &PowerSettingRow::sampled},
    };
};

/// Of the tables profile and trace, without the machine.
template <>
struct Fields<Description> {
    static constexpr std::tuple kList{
        Field{"label", &Description::label},
        Field{"created_at", &Description::created_at},
        Field{"task", &Description::task},
        Field{"data_file", &Description::data_file},
        Field{"data_hash", &Description::data_hash},
        Field{"models_path", &Description::models_path},
        Field{"power_spec", &Description::power_spec},
        Field{"platform_json", &Description::platform_json},
        Field{"energy_source", &Description::energy_source},
        Field{"idle_power_w", &Description::idle_power_w},
        Field{"device", &Description::device},
        Field{"threads", &Description::threads},
        Field{"inputs", &Description::inputs},
        Field{"rest_s", &Description::rest_s},
        Field{"fail_accuracy", &Description::fail_accuracy},
        Field{"top", &Description::top},
        Field{"complete", &Description::complete},
        Field{"warnings", &Description::warnings},
    };
};

template <>
struct Fields<ProfileRow> {
    static constexpr std::tuple kList =
        std::tuple_cat(Fields<Description>::kList,
                       std::tuple{Field{"energy_resolution_s", &ProfileRow::energy_resolution_s},
                                  Field{"precision", &ProfileRow::precision}});
};

template <>
struct Fields<Sample> {
    static constexpr std::tuple kList{
        Field{"model_id", &Sample::model_id},
        Field{"setting_id", &Sample::setting_id},
        Field{"round", &Sample::round},
        Field{"stage", &Sample::stage},
        Field{"input", &Sample::input},
        Field{"latency_s", &Sample::latency_s},
        Field{"latency_back_to_back_s", &Sample::latency_back_to_back_s},
        Field{"power_w", &Sample::power_w},
        Field{"idle_power_w", &Sample::idle_power_w},
        Field{"correct", &Sample::correct},
        Field{"log_loss", &Sample::log_loss},
    };
};

template <>
struct Fields<ProfileSummaryRow> {
    static constexpr std::tuple kList{
        Field{"profile", &ProfileSummaryRow::profile},
        Field{"model", &ProfileSummaryRow::model},
        Field{"stage", &ProfileSummaryRow::stage},
        Field{"power_setting", &ProfileSummaryRow::power_setting},
        Field{"power_w", &ProfileSummaryRow::power_w},
        Field{"latency_mean_s", &ProfileSummaryRow::latency_mean_s},
        Field{"latency_std_s", &ProfileSummaryRow::latency_std_s},
        Field{"energy_j", &ProfileSummaryRow::energy_j},
        Field{"energy_source", &ProfileSummaryRow::energy_source},
        Field{"accuracy", &ProfileSummaryRow::accuracy},
        Field{"fail_accuracy", &ProfileSummaryRow::fail_accuracy},
        Field{"samples", &ProfileSummaryRow::samples},
        Field{"perplexity", &ProfileSummaryRow::perplexity},
        Field{"energy_error_j", &ProfileSummaryRow::energy_error_j},
        Field{"infinite_losses", &ProfileSummaryRow::infinite_losses},
        Field{"latency_back_to_back_s", &ProfileSummaryRow::latency_back_to_back_s},
        Field{"idle_power_w", &ProfileSummaryRow::idle_power_w},
    };
};

/// Of the table run, without the profile, the machine and deadline_per (`shared`).
template <>
struct Fields<RunRow> {
    static constexpr std::tuple kList{
        Field{"label", &RunRow::label},
        Field{"created_at", &RunRow::created_at},
        Field{"scheme", &RunRow::scheme},
        Field{"estimator", &RunRow::estimator},
        Field{"objective", &RunRow::objective},
        Field{"deadline_s", &RunRow::deadline_s},
        Field{"accuracy_goal", &RunRow::accuracy_goal},
        Field{"energy_goal_j", &RunRow::energy_goal_j},
        Field{"period_s", &RunRow::period_s},
        Field{"confidence", &RunRow::confidence},
        Field{"miss_limit", &RunRow::miss_limit},
        Field{"window_inputs", &RunRow::window},
        Field{"paced", &RunRow::paced},
        Field{"seed", &RunRow::seed},
        Field{"kind", &RunRow::kind},
        Field{"trace", &RunRow::trace},
        Field{"environment", &RunRow::environment},
        Field{"energy_source", &RunRow::energy_source},
        Field{"energy_resolution_s", &RunRow::energy_resolution_s},
        Field{"data_file", &RunRow::data_file},
        Field{"data_hash", &RunRow::data_hash},
        Field{"inputs_planned", &RunRow::inputs_planned},
        Field{"finished", &RunRow::finished},
        Field{"warnings", &RunRow::warnings},
    };
};

template <>
struct Fields<RunInput> {
    static constexpr std::tuple kList{
        Field{"n", &RunInput::n},
        Reference{"model", "model_id", &RunInput::model},
        Field{"stage", &RunInput::stage},
        Reference{"power_setting", "setting_id", &RunInput::power_setting},
        Field{"deadline_s", &RunInput::deadline_s},
        Field{"latency_s", &RunInput::latency_s},
        Field{"response_s", &RunInput::response_s},
        Field{"met_deadline", &RunInput::met_deadline},
        Field{"energy_j", &RunInput::energy_j},
        Field{"accuracy_expected", &RunInput::accuracy_expected},
        Field{"correct", &RunInput::correct},
        Field{"deadline_probability", &RunInput::deadline_probability},
        Field{"xi_mean", &RunInput::xi_mean},
        Field{"xi_std", &RunInput::xi_std},
        Field{"idle_ratio", &RunInput::idle_ratio},
        Field{"decision_s", &RunInput::decision_s},
        Field{"stage_limit", &RunInput::stage_limit},
        Field{"environment", &RunInput::environment},
        Field{"group_id", &RunInput::group_id},
    };
};

template <>
struct Fields<RunSummaryRow> {
    static constexpr std::tuple kList{
        Field{"run", &RunSummaryRow::run},
        Field{"profile", &RunSummaryRow::profile},
        Field{"scheme", &RunSummaryRow::scheme},
        Field{"estimator", &RunSummaryRow::estimator},
        Field{"objective", &RunSummaryRow::objective},
        Field{"deadline_s", &RunSummaryRow::deadline_s},
        Field{"accuracy_goal", &RunSummaryRow::accuracy_goal},
        Field{"energy_goal_j", &RunSummaryRow::energy_goal_j},
        Field{"inputs", &RunSummaryRow::inputs},
        Field{"deadline_misses", &RunSummaryRow::deadline_misses},
        Field{"accuracy", &RunSummaryRow::accuracy},
        Field{"energy_j", &RunSummaryRow::energy_j},
        Field{"energy_over", &RunSummaryRow::energy_over},
        Field{"energy_source", &RunSummaryRow::energy_source},
        Field{"latency_p50_s", &RunSummaryRow::latency_p50_s},
        Field{"latency_p95_s", &RunSummaryRow::latency_p95_s},
        Field{"latency_p99_s", &RunSummaryRow::latency_p99_s},
        Field{"violated", &RunSummaryRow::violated},
        Field{"kind", &RunSummaryRow::kind},
        Field{"trace", &RunSummaryRow::trace},
        Field{"environment", &RunSummaryRow::environment},
        Field{"label", &RunSummaryRow::label},
        Field{"accuracy_error", &RunSummaryRow::accuracy_error},
        Field{"latency_mean_s", &RunSummaryRow::latency_mean_s},
        Field{"groups", &RunSummaryRow::groups},
        Field{"groups_late", &RunSummaryRow::groups_late},
        Field{"miss_limit", &RunSummaryRow::miss_limit},
        Field{"violated_strict", &RunSummaryRow::violated_strict},
    };
};

template <>
struct Fields<TraceRow> {
    static constexpr std::tuple kList = std::tuple_cat(
        Fields<Description>::kList,
        std::tuple{Field{"environment", &TraceRow::environment}, Field{"seed", &TraceRow::seed}});
};

template <>
struct Fields<TraceContention> {
    static constexpr std::tuple kList{
        Field{"environment", &TraceContention::environment},
        Field{"workers", &TraceContention::workers},
        Field{"slowdown", &TraceContention::slowdown},
    };
};

template <>
struct Fields<TraceSample> {
    static constexpr std::tuple kList{
        Field{"model_id", &TraceSample::model_id},
        Field{"setting_id", &TraceSample::setting_id},
        Field{"n", &TraceSample::n},
        Field{"stage", &TraceSample::stage},
        Field{"latency_s", &TraceSample::latency_s},
        Field{"power_w", &TraceSample::power_w},
        Field{"idle_power_w", &TraceSample::idle_power_w},
        Field{"correct", &TraceSample::correct},
        Field{"environment", &TraceSample::environment},
    };
};

/// Of the table run_figures.
template <>
struct Fields<RunFigures> {
    static constexpr std::tuple kList{
        Field{"inputs", &RunFigures::inputs},
        Field{"deadline_misses", &RunFigures::deadline_misses},
        Field{"accuracy", &RunFigures::accuracy},
        Field{"accuracy_error", &RunFigures::accuracy_error},
        Field{"energy_j", &RunFigures::energy_j},
        Field{"energy_over", &RunFigures::energy_over},
        Field{"latency_mean_s", &RunFigures::latency_mean_s},
        Field{"latency_p50_s", &RunFigures::latency_p50_s},
        Field{"latency_p95_s", &RunFigures::latency_p95_s},
        Field{"latency_p99_s", &RunFigures::latency_p99_s},
        Field{"violated", &RunFigures::violated},
        Field{"violated_strict", &RunFigures::violated_strict},
        Field{"groups", &RunFigures::groups},
        Field{"groups_late", &RunFigures::groups_late},
    };
};

/// Calls `visit` with every field, in order.
template <class Row, class Visit>
constexpr void for_each_field(const Visit& visit) {
    std::apply([&](const auto&... field) { (visit(field), ...); }, Fields<Row>::kList);
}

/// The members of a row that have columns, as a tuple of references.
template <class Row>
auto members(Row& row) {
    return std::apply([&](const auto&... field) { return std::tie(row.*(field.member)...); },
                      Fields<std::remove_const_t<Row>>::kList);
}

/// "p.label, p.created_at, ...", with the alias of the table in a query, or without one.
template <class Row>
std::string columns(std::string_view table = {}) {
    std::string text;
    for_each_field<Row>([&](const auto& field) {
        text.append(text.empty() ? "" : ", ").append(table);
        text.append(table.empty() ? "" : ".").append(field.column);
    });
    return text;
}

/// The column of the table, which may differ from that of the view.
template <class Row, class T>
std::string_view table_column(const Field<Row, T>& field) {
    return field.column;
}
template <class Row>
std::string_view table_column(const Reference<Row>& field) {
    return field.id_column;
}

/// The columns of the table.
template <class Row>
std::string table_columns() {
    std::string text;
    for_each_field<Row>([&](const auto& field) {
        text.append(text.empty() ? "" : ", ").append(table_column(field));
    });
    return text;
}

/// "?, ?, ...": a placeholder for each column.
template <class Row>
std::string marks() {
    std::string text;
    for_each_field<Row>([&](const auto&) { text += text.empty() ? "?" : ", ?"; });
    return text;
}

}  // namespace alert::db
