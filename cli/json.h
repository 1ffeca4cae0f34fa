#pragma once

#include <nlohmann/json_fwd.hpp>
#include <ostream>
#include <span>
#include <vector>

#include "cli/table.h"

/// JSON over the same rows as table.h. Numbers keep full double precision; what was not measured
/// (and NaN, infinity) is null. A caller that builds larger objects includes <nlohmann/json.hpp>.
namespace alert::cli {

using Json = nlohmann::ordered_json;

/// One row as an object, keys in the order of the columns.
Json to_json(std::span<const Column> columns, const Row& row);

/// All rows as an array of objects.
Json to_json(const Records& records);

/// A result: one indented object (or array), newline at the end.
void write_json(std::ostream& out, const Json& json);

/// A result in the format asked for.
void write_records(std::ostream& out, const Records& records, Format format,
                   const TableStyle& style);

/// A stream of rows, each written and flushed at once: one JSON object per line, or CSV with its
/// header first. A table needs all its rows: use write_table.
class RecordStream {
   public:
    RecordStream(std::ostream& out, Format format, std::vector<Column> columns);
    void write(const Row& row);

   private:
    std::ostream& out_;
    Format format_;
    std::vector<Column> columns_;
};

}  // namespace alert::cli
