#include "cli/report/render/labels.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace alert::cli {

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

Json json_of(const std::vector<db::ModelRow>& models) {
    static const std::vector<FilledColumn<db::ModelRow>> columns = {
        {{"model"}, &db::ModelRow::name},
        {{"title"}, &db::ModelRow::title},
        {{"stages"}, &db::ModelRow::stages},
        {{"file"}, &db::ModelRow::file},
        {{"form"}, &db::ModelRow::form}};
    return to_json(records_of(columns, models));
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
