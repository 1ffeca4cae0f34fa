#include "cli/report/render/trace_document.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "cli/report/render/labels.h"

namespace alert::cli {
namespace {

/// An environment of the trace; the quiet one has no contention.
struct Surroundings {
    std::string name;
    std::int64_t inputs = 0;
    std::optional<int> workers;
    std::optional<double> slowdown;
};

/// Those that occurred, the quiet one first.
std::vector<Surroundings> surroundings_of(const TraceReport& report) {
    std::vector<Surroundings> met;
    for (const db::TraceSummaryRow& row : report.rows) {
        const bool known = std::any_of(met.begin(), met.end(), [&](const Surroundings& other) {
            return other.name == row.environment;
        });
        if (known) {
            continue;
        }
        Surroundings& found = met.emplace_back();
        found.name = row.environment;
        found.inputs = row.inputs;
        for (const db::TraceContention& contention : report.trace.contention) {
            if (contention.environment == row.environment) {
                found.workers = contention.workers;
                found.slowdown = contention.slowdown;
            }
        }
    }
    return met;
}

Section header_section(const TraceReport& report) {
    const db::TraceRow& trace = report.trace;
    Section section;
    add_description(section, trace, "alert trace");
    add_fact(section, "environment", trace.environment);
    add_fact(section, "inputs", fmt::format("{} of {}", report.recorded, trace.inputs));
    return section;
}

Cell reference_loop_cell(const Surroundings& e) {
    return e.slowdown ? Cell(fmt::format("{:.2f} times as slow", *e.slowdown)) : Cell();
}

const std::vector<FilledColumn<Surroundings>>& environment_columns() {
    static const std::vector<FilledColumn<Surroundings>> columns = {
        {{"environment", "environment"}, &Surroundings::name},
        {{"inputs", "inputs", Show::kCount}, &Surroundings::inputs},
        {{"workers", "workers", Show::kCount}, &Surroundings::workers},
        {{"slowdown"}, &Surroundings::slowdown},
        {{"", "reference loop", Show::kNumber}, reference_loop_cell}};
    return columns;
}

Section environments_section(const std::vector<Surroundings>& met) {
    return {.heading = "Environments", .table = records_of(environment_columns(), met)};
}

/// An output in an environment.
struct OutputThere {
    const db::TraceRow* trace;
    const db::TraceSummaryRow* output;
    const Surroundings* there;
};

template <class T>
FilledColumn<OutputThere> of_output(const char* key, T db::TraceSummaryRow::*member) {
    return {{key}, [member](const OutputThere& row) { return Cell(row.output->*member); }};
}

template <class T>
FilledColumn<OutputThere> of_there(const char* key, T Surroundings::*member) {
    return {{key}, [member](const OutputThere& row) { return Cell(row.there->*member); }};
}

const std::vector<FilledColumn<OutputThere>>& output_columns() {
    using Output = db::TraceSummaryRow;
    static const std::vector<FilledColumn<OutputThere>> columns = {
        {{"trace"}, [](const OutputThere& row) { return Cell(row.trace->label); }},
        of_output("model", &Output::model),
        of_output("stage", &Output::stage),
        of_output("power_setting", &Output::power_setting),
        of_output("environment", &Output::environment),
        of_there("workers", &Surroundings::workers),
        of_there("slowdown", &Surroundings::slowdown),
        of_output("inputs", &Output::inputs),
        of_output("latency_mean_s", &Output::latency_mean_s),
        of_output("accuracy", &Output::accuracy)};
    return columns;
}

const Surroundings& find_environment(const std::vector<Surroundings>& met,
                                     std::string_view environment) {
    return *std::find_if(met.begin(), met.end(),
                         [&](const Surroundings& e) { return e.name == environment; });
}

/// One row per output and setting, with the latencies in each environment side by side.
Section latencies_section(const TraceReport& report, const std::vector<Surroundings>& met) {
    Section section{.heading = "Mean latency"};
    section.table.columns = {{.key = "", .name = "model", .shrinkable = true},
                             {.key = "", .name = "stage", .show = Show::kCount},
                             {.key = "", .name = "setting"}};
    for (const Surroundings& e : met) {
        section.table.columns.push_back({.key = "", .name = e.name, .show = Show::kDuration});
    }
    const db::TraceSummaryRow* before = nullptr;
    for (const db::TraceSummaryRow& row : report.rows) {
        if (before == nullptr || before->model != row.model || before->stage != row.stage ||
            before->power_setting != row.power_setting) {
            section.table.rows.push_back({row.model, row.stage, row.power_setting});
            section.table.rows.back().resize(section.table.columns.size());
        }
        const std::ptrdiff_t at = &find_environment(met, row.environment) - met.data();
        section.table.rows.back()[3 + static_cast<std::size_t>(at)] = row.latency_mean_s;
        before = &row;
    }
    return section;
}

}  // namespace

Document document_of(const TraceReport& report) {
    const auto met = surroundings_of(report);
    Document document{.title = fmt::format("Trace \"{}\"", report.trace.label),
                      .sections = {header_section(report), environments_section(met),
                                   latencies_section(report, met)},
                      .figures = {}};
    if (!report.trace.warnings.empty()) {
        document.sections.push_back({.heading = "Warnings", .notes = report.trace.warnings});
    }
    return document;
}

Json json_of(const TraceReport& report) {
    const db::TraceRow& trace = report.trace;
    Json json = json_of(trace, "trace");
    json["environment"] = trace.environment;
    json["seed"] = trace.seed;
    json["inputs_planned"] = trace.inputs;
    json["inputs"] = report.recorded;
    json["models"] = json_of(trace.models);
    json["environments"] = to_json(records_of(environment_columns(), surroundings_of(report)));
    json["outputs"] = to_json(trace_records(report));
    json["warnings"] = trace.warnings;
    return json;
}

Records trace_records(const TraceReport& report) {
    const auto met = surroundings_of(report);
    std::vector<OutputThere> rows;
    for (const db::TraceSummaryRow& row : report.rows) {
        rows.push_back({&report.trace, &row, &find_environment(met, row.environment)});
    }
    return records_of(output_columns(), rows);
}

}  // namespace alert::cli
