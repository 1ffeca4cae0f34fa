#include "cli/jobs/grid_file.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <fstream>
#include <string>
#include <string_view>

#include "alert/error.h"
#include "cli/text/printable.h"
#include "cli/text/suggest.h"
#include "cli/text/units.h"

namespace alert::cli {

namespace {

const std::vector<std::string>& columns() {
    static const std::vector<std::string> names = {"objective", "deadline", "accuracy", "energy",
                                                   "period"};
    return names;
}

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view kSpace = " \t\r";
    const std::size_t first = text.find_first_not_of(kSpace);
    return first == std::string_view::npos
               ? ""
               : text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

std::vector<std::string> cells_of(std::string_view line) {
    std::vector<std::string> cells;
    for (;;) {
        const std::size_t comma = line.find(',');
        std::string_view cell = trimmed(line.substr(0, comma));
        if (cell.size() > 1 && cell.front() == '"' && cell.back() == '"') {
            cell = cell.substr(1, cell.size() - 2);
        }
        cells.emplace_back(cell);
        if (comma == std::string_view::npos) {
            return cells;
        }
        line.remove_prefix(comma + 1);
    }
}

Objective objective_named(const std::string& name) {
    std::vector<std::string> names;
    for (const auto& [objective, known] : db::kObjectives) {
        if (known == name) {
            return objective;
        }
        names.emplace_back(known);
    }
    throw RequestError(fmt::format("objective {}: not one of {}{}", name, fmt::join(names, ", "),
                                   did_you_mean(name, names)));
}

void check_header(const std::vector<std::string>& header) {
    for (std::size_t i = 0; i < header.size(); ++i) {
        if (std::find(columns().begin(), columns().end(), header[i]) == columns().end()) {
            throw RequestError(
                fmt::format("column {}: not one of {}{}", header[i].empty() ? "\"\"" : header[i],
                            fmt::join(columns(), ", "), did_you_mean(header[i], columns())));
        }
        if (std::find(header.begin(), header.begin() + static_cast<std::ptrdiff_t>(i), header[i]) !=
            header.begin() + static_cast<std::ptrdiff_t>(i)) {
            throw RequestError(fmt::format("column {}: given twice", header[i]));
        }
    }
}

void set_cell(GoalRequest& request, const std::string& column, const std::string& cell) {
    if (cell.empty()) {
        return;
    }
    if (column == "objective") {
        request.objective = objective_named(cell);
    } else if (column == "deadline") {
        request.deadline_s = parse_quantity(column, cell, Dimension::kDuration);
    } else if (column == "accuracy") {
        request.accuracy = parse_quantity(column, cell, Dimension::kAccuracy);
    } else if (column == "energy") {
        request.energy_j = parse_quantity(column, cell, Dimension::kEnergy);
    } else {
        request.period_s = parse_quantity(column, cell, Dimension::kDuration);
    }
}

GoalRequest setting_of(const std::vector<std::string>& header,
                       const std::vector<std::string>& cells) {
    if (cells.size() != header.size()) {
        throw RequestError(
            fmt::format("{} cells where the header has {}", cells.size(), header.size()));
    }
    GoalRequest request;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        set_cell(request, header[i], cells[i]);
    }
    goal_of(request);  // throws if this is no goal
    return request;
}

}  // namespace

std::vector<GoalRequest> read_grid(const std::filesystem::path& file) {
    std::ifstream in(file);
    std::error_code ignored;
    if (!in || std::filesystem::is_directory(file, ignored)) {
        throw RequestError(fmt::format(
            "--grid {}: the file cannot be read; write paper, or the name of a CSV file",
            file.string()));
    }
    std::vector<std::string> header;
    std::vector<GoalRequest> settings;
    std::string line;
    for (int number = 1; std::getline(in, line); ++number) {
        if (number == 1 && line.starts_with(kByteOrderMark)) {
            line.erase(0, kByteOrderMark.size());
        }
        const std::string_view text = trimmed(line);
        if (text.empty() || text.front() == '#') {
            continue;
        }
        try {
            if (header.empty()) {
                header = cells_of(text);
                check_header(header);
            } else {
                settings.push_back(setting_of(header, cells_of(text)));
            }
        } catch (const RequestError& error) {
            throw RequestError(fmt::format("{}:{}: {}", file.string(), number, error.what()));
        }
    }
    if (settings.empty()) {
        throw RequestError(
            fmt::format("--grid {}: holds no setting; write a header (such as deadline,accuracy), "
                        "then one per line",
                        file.string()));
    }
    return settings;
}

}  // namespace alert::cli
