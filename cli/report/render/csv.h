#pragma once

#include <ostream>
#include <span>

#include "cli/report/render/records.h"

namespace alert::cli {

/// A header of keys, then the rows, quoted according to RFC 4180 where needed; lines end with \n. A
/// record is one line: control characters in text are escaped, as in tables.
void write_csv(std::ostream& out, const Records& records);
void write_csv_header(std::ostream& out, std::span<const Column> columns);
void write_csv_row(std::ostream& out, std::span<const Column> columns, const Row& row);

}  // namespace alert::cli
