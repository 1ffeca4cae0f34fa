#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

/// Rows described once, and written as a table for people (table.h), as CSV (csv.h) or as JSON
/// (json.h).
namespace alert::cli {

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

}  // namespace alert::cli
