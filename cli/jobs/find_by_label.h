#pragma once

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "alert/error.h"
#include "cli/text/suggest.h"

namespace alert::cli {

/// The profile or trace with this label, the newest (last) one if the label is empty. `what` is
/// "profile" or "trace", which is also the flag and the command. Throws RequestError if there is
/// none.
template <class Row>
Row find_by_label(std::vector<Row> rows, std::string_view what, const std::string& label) {
    if (rows.empty()) {
        throw RequestError(fmt::format("the store holds no {}; run `alert {}` first", what, what));
    }
    if (label.empty()) {
        return std::move(rows.back());
    }
    std::vector<std::string> labels;
    for (Row& row : rows) {
        if (row.label == label) {
            return std::move(row);
        }
        labels.push_back(row.label);
    }
    throw RequestError(fmt::format("--{} {}: not in the store{}; {}s: {}", what, label,
                                   did_you_mean(label, labels), what, fmt::join(labels, ", ")));
}

}  // namespace alert::cli
