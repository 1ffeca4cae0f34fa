#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <ostream>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

/// Rows described once and written as a table for people or as CSV (json.h: as JSON).
namespace alert::cli {

enum class Format { kTable, kJson, kCsv };

/// How a column is shown to people; JSON and CSV get the plain value in the key's unit.
enum class Show {
    kText,  ///< left-aligned; all others are right-aligned
    kCount,
    kNumber,
    kDuration,
    kPower,
    kEnergy,
    kFrequency,
    kAccuracy,
    kProbability,
    kYesNo,  ///< of a bool or 0/1
};

struct Column {
    std::string key;   ///< for JSON and CSV, with unit: "latency_mean_s"; empty: not there
    std::string name;  ///< for people: "latency"; empty: not in tables
    Show show = Show::kText;
    bool shrinkable = false;  ///< cut with … when the table would be too wide
};

enum class Tone { kPlain, kGood, kBad, kDim };

/// One value of a row; empty (monostate) is "not measured".
struct Cell {
    using Value = std::variant<std::monostate, bool, std::int64_t, double, std::string>;
    Value value;
    Tone tone = Tone::kPlain;

    Cell() = default;
    Cell(bool b) : value(b) {}
    Cell(std::integral auto i) : value(static_cast<std::int64_t>(i)) {}
    Cell(std::floating_point auto d) : value(static_cast<double>(d)) {}
    Cell(std::string s) : value(std::move(s)) {}
    Cell(std::string_view s) : value(std::string(s)) {}
    Cell(const char* s) : value(std::string(s)) {}
    template <class T>
    Cell(const std::optional<T>& v) {
        if (v) {
            value = Cell(*v).value;
        }
    }
    Cell toned(Tone t) && {
        tone = t;
        return std::move(*this);
    }
};

using Row = std::vector<Cell>;

struct Records {
    std::vector<Column> columns;
    std::vector<Row> rows;  ///< each as long as `columns`
};

/// Where a table goes.
struct TableStyle {
    int width = 80;       ///< columns of the screen
    bool colour = false;  ///< ANSI colours: only on a terminal, and not under NO_COLOR
};

/// Header, thin rule, rows. Columns that are empty in every row are left out.
void write_table(std::ostream& out, const Records& records, const TableStyle& style);

/// One row as "name   value" lines; empty values are left out.
void write_facts(std::ostream& out, std::span<const Column> columns, const Row& row,
                 const TableStyle& style);

/// A heading over a table or facts.
void write_heading(std::ostream& out, std::string_view text, const TableStyle& style);

/// A header of keys, then the rows; quoted as RFC 4180 says, only where needed; lines end with \n.
/// A record is one line: control characters in a text are written out, as in tables.
void write_csv(std::ostream& out, const Records& records);
void write_csv_header(std::ostream& out, std::span<const Column> columns);
void write_csv_row(std::ostream& out, std::span<const Column> columns, const Row& row);

/// The text of a cell as people see it.
std::string shown(const Column& column, const Cell& cell);

}  // namespace alert::cli
