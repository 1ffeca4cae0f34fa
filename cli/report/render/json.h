#pragma once

#include <nlohmann/json_fwd.hpp>
#include <ostream>
#include <span>

#include "cli/report/render/records.h"

/// JSON over the rows of records.h. Numbers keep full double precision; what was not measured
/// (and NaN, infinity) is null. A caller that builds larger objects includes <nlohmann/json.hpp>.
namespace alert::cli {

using Json = nlohmann::ordered_json;

Json to_json(const Cell& cell);

/// One row as an object, keys in the order of the columns.
Json to_json(std::span<const Column> columns, const Row& row);

/// All rows as an array of objects.
Json to_json(const Records& records);

/// A result: one indented object (or array), newline at the end.
void write_json(std::ostream& out, const Json& json);

/// One object of a stream, on one line.
void write_json_line(std::ostream& out, const Json& json);

}  // namespace alert::cli
