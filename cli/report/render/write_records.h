#pragma once

#include <ostream>
#include <vector>

#include "cli/report/render/table.h"

/// Rows in the format asked for.
namespace alert::cli {

enum class Format { kTable, kJson, kCsv };

/// A result in that format.
void write_records(std::ostream& out, const Records& records, Format format,
                   const TableStyle& style);

/// A stream of rows, each written and flushed at once: one JSON object per line, or CSV with a
/// header. Not for tables, which need all their rows: use write_table.
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
