#include "cli/report/render/json.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "cli/text/format.h"
#include "cli/text/printable.h"

namespace alert::cli {
namespace {

/// File names need not be UTF-8, but JSON must be. Control characters that JSON allows in strings
/// (DEL, C1, direction marks) are escaped, too, because JSON is also written to terminals.
std::string dumped(const Json& json, int indent) {
    const std::string text = json.dump(indent, ' ', false, Json::error_handler_t::replace);
    std::string safe;
    safe.reserve(text.size());
    for (std::size_t i = 0; i < text.size();) {
        const Character next = character_at(text, i);
        if (next.code >= 0x7f && is_control(next.code)) {
            safe += fmt::format("\\u{:04x}", static_cast<unsigned>(next.code));
        } else {
            safe.append(text, i, next.bytes);
        }
        i += next.bytes;
    }
    return safe;
}

}  // namespace

Json to_json(const Cell& cell) {
    return std::visit(
        [](const auto& value) -> Json {
            if constexpr (std::is_same_v<std::decay_t<decltype(value)>, std::monostate>) {
                return nullptr;
            } else if constexpr (std::is_same_v<std::decay_t<decltype(value)>, double>) {
                // JSON has no infinite numbers; null would say that it was not measured.
                return std::isinf(value) ? Json(plain_text(value)) : Json(value);
            } else {
                return value;
            }
        },
        cell.value);
}

Json to_json(std::span<const Column> columns, const Row& row) {
    Json object = Json::object();
    for (std::size_t c = 0; c < columns.size(); ++c) {
        if (!columns[c].key.empty()) {
            object[columns[c].key] = to_json(row[c]);
        }
    }
    return object;
}

Json to_json(const Records& records) {
    Json array = Json::array();
    for (const Row& row : records.rows) {
        array.push_back(to_json(records.columns, row));
    }
    return array;
}

void write_json(std::ostream& out, const Json& json) {
    out << dumped(json, 2) << '\n';
}

void write_json_line(std::ostream& out, const Json& json) {
    out << dumped(json, -1) << '\n';
}

}  // namespace alert::cli
