#include "cli/report/render/write_records.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "alert/error.h"
#include "cli/report/render/csv.h"
#include "cli/report/render/json.h"

namespace alert::cli {

void write_records(std::ostream& out, const Records& records, Format format,
                   const TableStyle& style) {
    switch (format) {
        case Format::kJson:
            write_json(out, to_json(records));
            break;
        case Format::kCsv:
            write_csv(out, records);
            break;
        case Format::kTable:
            write_table(out, records, style);
    }
}

RecordStream::RecordStream(std::ostream& out, Format format, std::vector<Column> columns)
    : out_(out), format_(format), columns_(std::move(columns)) {
    if (format_ == Format::kTable) {
        throw Error("a table cannot be written row by row; use --format json or csv");
    }
    if (format_ == Format::kCsv) {
        write_csv_header(out_, columns_);
    }
}

void RecordStream::write(const Row& row) {
    if (format_ == Format::kCsv) {
        write_csv_row(out_, columns_, row);
    } else {
        write_json_line(out_, to_json(columns_, row));
    }
    out_.flush();
}

}  // namespace alert::cli
