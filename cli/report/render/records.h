#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

/// Rows that are described once and written as a table for people (table.h), as CSV (csv.h) or as
/// JSON (json.h).
namespace alert::cli {

/// How a column is shown to people; JSON and CSV have the plain value in the unit of the key.
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
    bool shrinkable = false;  ///< cut with … if the table is too wide
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

/// A column and what fills it: a member of the object behind the row, or a function of it.
template <class From>
struct FilledColumn {
    Column column;
    std::function<Cell(const From&)> cell;
};

/// A row for each of `rows`.
template <class From, class Rows>
Records records_of(const std::vector<FilledColumn<From>>& columns, const Rows& rows) {
    Records records;
    for (const FilledColumn<From>& filled : columns) {
        records.columns.push_back(filled.column);
    }
    for (const From& from : rows) {
        Row& row = records.rows.emplace_back();
        for (const FilledColumn<From>& filled : columns) {
            row.push_back(filled.cell(from));
        }
    }
    return records;
}

}  // namespace alert::cli
