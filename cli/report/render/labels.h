#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/report/render/document.h"
#include "cli/report/render/json.h"
#include "db/records.h"

/// What several reports show in the same words.
namespace alert::cli {

/// "modelled:server" is computed from a platform file; "measured:..." comes from a meter.
bool is_modelled(const std::optional<std::string>& energy_source);

/// The source and what it means; "no source" if there is none.
std::string source_text(const std::optional<std::string>& energy_source);

/// "least energy"
std::string objective_text(Objective objective);

/// "node7: Xeon Gold 6126, 2 cores, Linux 6.1.0"
std::string machine_text(const db::Machine& machine);
Json json_of(const db::Machine& machine);

/// Name, stages, file and form of every model.
Json json_of(const std::vector<db::ModelRow>& models);

/// When, where and on what a profile or trace was measured. `command` resumes it: "alert profile".
void add_description(Section& section, const db::Description& row, std::string_view command);

/// The same for JSON, with the label as `kind`: "profile"; without models.
Json json_of(const db::Description& row, const char* kind);

/// "no", "yes", or "at 1 %": only if no more than that share of the inputs may miss the deadline.
Cell violated_cell(const RunFigures& figures);

/// If the numbers are modelled, marks the table's energy and power columns with a star and adds a
/// footnote that explains it.
void mark_modelled(Section& section, const std::optional<std::string>& energy_source);

}  // namespace alert::cli
