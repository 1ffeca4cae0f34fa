#pragma once

#include <ostream>
#include <span>
#include <string>
#include <string_view>

#include "cli/report/render/records.h"

/// Rows as a table for people.
namespace alert::cli {

/// Properties of the output.
struct TableStyle {
    int width = 80;       ///< columns of the screen
    bool colour = false;  ///< ANSI colours: only on a terminal and without NO_COLOR
};

/// Header, thin rule, rows. Columns that are empty in every row are left out.
void write_table(std::ostream& out, const Records& records, const TableStyle& style);

/// One row as "name   value" lines, without empty values.
void write_facts(std::ostream& out, std::span<const Column> columns, const Row& row,
                 const TableStyle& style);

/// A heading over a table or facts.
void write_heading(std::ostream& out, std::string_view text, const TableStyle& style);

/// The text of a cell as people see it.
std::string shown(const Column& column, const Cell& cell);

}  // namespace alert::cli
