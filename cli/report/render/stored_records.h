#pragma once

#include <optional>
#include <type_traits>
#include <vector>

#include "cli/report/render/records.h"
#include "db/fields.h"

/// Rows of the store's tables and views for JSON and CSV: the columns listed in db/fields.h, with
/// booleans as 0 or 1.
namespace alert::cli {

template <class From>
std::vector<Column> stored_columns() {
    std::vector<Column> columns;
    db::for_each_field<From>([&](const auto& field) {
        columns.push_back({.key = std::string(field.column), .name = ""});
    });
    return columns;
}

template <class T>
Cell stored_cell(const T& value) {
    if constexpr (std::is_same_v<T, bool>) {
        return value ? 1 : 0;
    } else {
        return value;
    }
}

template <class T>
Cell stored_cell(const std::optional<T>& value) {
    return value ? stored_cell(*value) : Cell();
}

template <class From>
Row stored_row(const From& from) {
    Row row;
    db::for_each_field<From>(
        [&](const auto& field) { row.push_back(stored_cell(from.*field.member)); });
    return row;
}

}  // namespace alert::cli
