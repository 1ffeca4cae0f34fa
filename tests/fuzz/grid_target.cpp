// A CSV file of goals.
#include <fmt/format.h>

#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "cli/jobs/grid_file.h"
#include "cli/text/units.h"
#include "tests/fuzz/targets.h"

namespace alert::fuzz {

namespace {

using namespace alert::cli;

std::string cell(std::optional<double> value, Dimension dimension) {
    return value ? flag_text(*value, dimension) : "";
}

std::string written(const std::vector<GoalRequest>& goals) {
    std::string text = "objective,deadline,accuracy,energy,period\n";
    for (const GoalRequest& goal : goals) {
        text += fmt::format(
            "{},{},{},{},{}\n", goal.objective ? alert::db::name_of(*goal.objective) : "",
            cell(goal.deadline_s, Dimension::kDuration), cell(goal.accuracy, Dimension::kAccuracy),
            cell(goal.energy_j, Dimension::kEnergy), cell(goal.period_s, Dimension::kDuration));
    }
    return text;
}

bool same(std::optional<double> a, std::optional<double> b) {
    return a.has_value() == b.has_value() &&
           (!a || alike(*a, *b) || std::abs(*a - *b) < 1e-12);  // a share next to nothing
}

}  // namespace

void grid(std::string_view input) {
    const auto file = file_with(input, "grid.csv");
    const auto goals = accepted(input, [&] { return read_grid(file); });
    if (!goals) {
        return;
    }
    require(!goals->empty(), "a grid of nothing");
    for (const GoalRequest& goal : *goals) {
        goal_of(goal);
    }
    const auto again = read_grid(file_with(written(*goals), "again.csv"));
    require(again.size() == goals->size(), "read back in another number");
    for (std::size_t i = 0; i < again.size(); ++i) {
        const GoalRequest &a = (*goals)[i], &b = again[i];
        require(a.objective == b.objective && same(a.deadline_s, b.deadline_s) &&
                    same(a.accuracy, b.accuracy) && same(a.energy_j, b.energy_j) &&
                    same(a.period_s, b.period_s),
                "read back differently: " + written(*goals));
    }
}

}  // namespace alert::fuzz
