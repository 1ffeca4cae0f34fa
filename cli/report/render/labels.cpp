#include "cli/report/render/labels.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "profiler/power/platform.h"

namespace alert::cli {

namespace {

/// "cpu, 2 threads"; "cpu" if the power settings set the threads.
std::string device_text(const db::Description& row) {
    if (joins_threads(row.power_spec)) {
        return row.device;
    }
    return fmt::format("{}, {} {}", row.device, row.threads,
                       row.threads == 1 ? "thread" : "threads");
}

}  // namespace

bool is_modelled(const std::optional<std::string>& energy_source) {
    return energy_source && energy_source->starts_with("modelled:");
}

std::string source_text(const std::optional<std::string>& energy_source) {
    if (!energy_source) {
        return "no source: energy was not measured";
    }
    return is_modelled(energy_source)
               ? *energy_source + " (computed from a platform file, not measured)"
               : *energy_source;
}

std::string objective_text(Objective objective) {
    switch (objective) {
        case Objective::kMinimiseEnergy:
            return "least energy";
        case Objective::kMaximiseAccuracy:
            return "best accuracy";
        case Objective::kMinimiseLatency:
            return "least latency";
    }
    return "";
}

std::string machine_text(const db::Machine& machine) {
    return fmt::format("{}: {}, {} {}, {}", machine.hostname, machine.cpu, machine.cores,
                       machine.cores == 1 ? "core" : "cores", machine.kernel);
}

Json json_of(const db::Machine& machine) {
    return {{"hostname", machine.hostname},
            {"cpu", machine.cpu},
            {"cores", machine.cores},
            {"kernel", machine.kernel},
            {"libtorch_version", machine.libtorch_version},
            {"alert_version", machine.alert_version}};
}

void add_description(Section& section, const db::Description& row, std::string_view command) {
    add_fact(section, "created", row.created_at);
    add_fact(
        section, "state",
        row.complete ? "complete" : fmt::format("incomplete; the same `{}` resumes it", command));
    add_fact(section, "machine", machine_text(row.machine));
    add_fact(section, "device", device_text(row));
    add_fact(section, "models", row.models_path);
    add_fact(section, "data", row.data_file);
    add_fact(section, "power", row.power_spec);
    add_fact(section, "energy from", source_text(row.energy_source));
}

Json json_of(const db::Description& row, const char* kind) {
    return {{kind, row.label},
            {"created_at", row.created_at},
            {"complete", row.complete},
            {"machine", json_of(row.machine)},
            {"device", row.device},
            {"threads", row.threads},
            {"task", row.task},
            {"models_path", row.models_path},
            {"data_file", row.data_file},
            {"power_spec", row.power_spec},
            {"energy_source", to_json(Cell(row.energy_source))},
            {"idle_power_w", to_json(Cell(row.idle_power_w))},
            {"rest_s", row.rest_s},
            {"fail_accuracy", row.fail_accuracy},
            {"top", row.top}};
}

Json json_of(const std::vector<db::ModelRow>& models) {
    static const std::vector<FilledColumn<db::ModelRow>> columns = {
        {{"model"}, &db::ModelRow::name},
        {{"title"}, &db::ModelRow::title},
        {{"stages"}, &db::ModelRow::stages},
        {{"file"}, &db::ModelRow::file},
        {{"form"}, &db::ModelRow::form}};
    return to_json(records_of(columns, models));
}

Cell violated_cell(const RunFigures& figures) {
    if (figures.violated) {
        return Cell(figures.violated_strict ? "yes" : "yes, not at 1 %").toned(Tone::kBad);
    }
    return figures.violated_strict ? Cell("at 1 %").toned(Tone::kBad) : Cell("no");
}

void mark_modelled(Section& section, const std::optional<std::string>& energy_source) {
    if (!is_modelled(energy_source)) {
        return;
    }
    bool marked = false;
    for (Column& column : section.table.columns) {
        if (column.show == Show::kEnergy || column.show == Show::kPower) {
            column.name += '*';
            marked = true;
        }
    }
    if (marked) {
        section.footnotes.push_back(fmt::format("* {}, not measured", *energy_source));
    }
}

}  // namespace alert::cli
