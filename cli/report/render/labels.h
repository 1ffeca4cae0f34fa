#pragma once

#include <fmt/format.h>

#include <optional>
#include <string>
#include <vector>

#include "cli/report/render/document.h"
#include "cli/report/render/json.h"
#include "db/records.h"
#include "profiler/power/platform.h"

/// How both reports name the same things.
namespace alert::cli {

/// "modelled:server" is computed from a platform file; "measured:..." comes from a meter.
bool is_modelled(const std::optional<std::string>& energy_source);

/// The source with what it means; "no source" where there is none.
std::string source_text(const std::optional<std::string>& energy_source);

/// "least energy"
std::string objective_text(Objective objective);

/// "node7: Xeon Gold 6126, 2 cores, Linux 6.1.0"
std::string machine_text(const db::Machine& machine);
Json json_of(const db::Machine& machine);

/// Name, stages, file and form of every model.
Json json_of(const std::vector<db::ModelRow>& models);

/// "cpu, 2 threads"; where the settings say how many, "cpu".
template <class Row>
std::string device_text(const Row& row) {
    if (joins_threads(row.power_spec)) {
        return row.device;
    }
    return fmt::format("{}, {} {}", row.device, row.threads,
                       row.threads == 1 ? "thread" : "threads");
}

/// Marks the table's energy and power columns with a star and says under it what that means,
/// where the numbers are modelled.
void mark_modelled(Section& section, const std::optional<std::string>& energy_source);

}  // namespace alert::cli
