#include "cli/report/render/csv.h"

#include <fmt/format.h>

#include "cli/text/format.h"
#include "cli/text/printable.h"

namespace alert::cli {
namespace {

/// Control characters are escaped, so that a record is one line of UTF-8 whatever names contain.
std::string csv_text(const Cell& cell) {
    if (const auto* text = std::get_if<std::string>(&cell.value)) {
        return printable(*text);
    }
    if (const auto* i = std::get_if<std::int64_t>(&cell.value)) {
        return fmt::format("{}", *i);
    }
    if (const auto* b = std::get_if<bool>(&cell.value)) {
        return *b ? "true" : "false";
    }
    const auto* d = std::get_if<double>(&cell.value);
    return d != nullptr ? plain_text(*d) : "";
}

std::string csv_quoted(const std::string& text) {
    if (text.find_first_of(",\"") == std::string::npos) {
        return text;
    }
    std::string quoted = "\"";
    for (const char c : text) {
        quoted.append(c == '"' ? 2 : 1, c);
    }
    return quoted + '"';
}

}  // namespace

void write_csv_header(std::ostream& out, std::span<const Column> columns) {
    std::string_view separator;
    for (const Column& column : columns) {
        if (!column.key.empty()) {
            out << separator << csv_quoted(column.key);
            separator = ",";
        }
    }
    out << '\n';
}

void write_csv_row(std::ostream& out, std::span<const Column> columns, const Row& row) {
    std::string_view separator;
    for (std::size_t c = 0; c < columns.size(); ++c) {
        if (!columns[c].key.empty()) {
            out << separator << csv_quoted(csv_text(row[c]));
            separator = ",";
        }
    }
    out << '\n';
}

void write_csv(std::ostream& out, const Records& records) {
    write_csv_header(out, records.columns);
    for (const Row& row : records.rows) {
        write_csv_row(out, records.columns, row);
    }
}

}  // namespace alert::cli
