#include "cli/report/render/run_figures.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "cli/report/render/labels.h"
#include "cli/report/render/plot.h"
#include "cli/text/format.h"

namespace alert::cli {
namespace {

using Inputs = std::span<const db::RunInput>;

constexpr int kHeight = 210, kRowHeight = 22;
constexpr std::size_t kMostDots = 1500;
constexpr std::size_t kMostRows = 12;  // configurations with a row of their own

Axis input_axis(Inputs inputs) {
    return {.title = "input",
            .show = Show::kCount,
            .low = static_cast<double>(inputs.front().n),
            .high = static_cast<double>(inputs.back().n + 1)};
}

/// The values of a field over the number of the input, if there are any.
template <class Field>
std::vector<Point> points_of(Inputs inputs, Field field) {
    std::vector<Point> points;
    for (const db::RunInput& input : inputs) {
        if (const std::optional<double> value = field(input)) {
            points.push_back({static_cast<double>(input.n), *value});
        }
    }
    return points;
}

/// From 0 to just above the highest point; logarithmic if a few points are far above the others.
Axis value_axis(std::string title, Show show, std::span<const Point> points, double at_least) {
    constexpr double kTowering = 8;
    std::vector<double> values;
    for (const Point& point : points) {
        values.push_back(point.y);
    }
    const auto [least, most] = std::minmax_element(values.begin(), values.end());
    const double high = std::max(*most, at_least) * 1.05;
    const double low = std::min(*least, at_least > 0 ? at_least : *least);
    const bool tower = low > 0 && high > kTowering * percentile(values, 0.5);
    return {.title = std::move(title),
            .show = show,
            .low = tower ? low * 0.8 : 0,
            .high = high > 0 ? high : 1,
            .logarithmic = tower};
}

void shade_environments(Plot& plot, Inputs inputs) {
    for (std::size_t first = 0, next = 0; first < inputs.size(); first = next) {
        const std::string& environment = inputs[first].environment;
        while (next < inputs.size() && inputs[next].environment == environment) {
            ++next;
        }
        if (environment != "default") {
            plot.shade(static_cast<double>(inputs[first].n),
                       static_cast<double>(inputs[next - 1].n + 1), environment, environment);
        }
    }
}

/// A dot for each input or, if there are too many, the range of each column of the screen. Returns
/// what the caption adds.
std::string_view draw(Plot& plot, std::span<const Point> points, const Axis& x) {
    if (points.size() > kMostDots) {
        plot.strokes(gathered(points, x.low, x.high, Plot::kColumns), "stroke");
        return " Each column spans the minimum to the maximum of its inputs.";
    }
    for (const Point& point : points) {
        plot.dot(point, 1.8, "dot");
    }
    return "";
}

Figure response_figure(const RunReport& report, Inputs inputs) {
    const Axis x = input_axis(inputs);
    const auto response = [](const db::RunInput& input) { return input.response_s; };
    const auto late = [](const db::RunInput& input) {
        return input.met_deadline ? std::nullopt : input.response_s;
    };
    const std::vector<Point> points = points_of(inputs, response);
    const double deadline = report.summary.deadline_s.value_or(0);
    Plot plot(x, value_axis("response", Show::kDuration, points, deadline), kHeight);
    shade_environments(plot, inputs);
    const std::string_view drawn = draw(plot, points, x);
    for (const ColumnRange& column :
         gathered(points_of(inputs, late), x.low, x.high, Plot::kColumns)) {
        plot.dot({column.x, column.high}, 2.4, "late");
    }
    if (deadline > 0) {
        plot.level(deadline, "deadline " + format_duration(deadline));
    }
    return {
        .title = "Response time",
        .svg = plot.svg("Response time over the inputs"),
        .caption = fmt::format(
            "From the arrival of {} to the answer. Red: the deadline was missed.{}{}",
            report.groups ? "an input's group" : "an input", drawn,
            report.never_started > 0 ? fmt::format(" {} inputs never started and are not drawn.",
                                                   format_count(report.never_started))
                                     : "")};
}

Figure slowdown_figure(Inputs inputs) {
    const Axis x = input_axis(inputs);
    std::vector<Point> means, edges;
    for (const db::RunInput& input : inputs) {
        const auto n = static_cast<double>(input.n);
        means.push_back({n, input.xi_mean});
        edges.push_back({n, std::max(0.0, input.xi_mean - input.xi_std)});
        edges.push_back({n, input.xi_mean + input.xi_std});
    }
    Plot plot(x, value_axis("slowdown xi", Show::kNumber, edges, 1), kHeight);
    shade_environments(plot, inputs);
    plot.band(gathered(edges, x.low, x.high, Plot::kColumns), "band");
    std::vector<Point> middle;
    for (const ColumnRange& column : gathered(means, x.low, x.high, Plot::kColumns)) {
        middle.push_back({column.x, (column.low + column.high) / 2});
    }
    plot.curve(middle, "curve");
    return {.title = "Slowdown",
            .svg = plot.svg("Estimated slowdown over the inputs"),
            .caption =
                "Latency relative to the profile, as estimated before each input: "
                "mean, and one standard deviation to each side."};
}

Figure energy_figure(const RunReport& report, Inputs inputs) {
    const Axis x = input_axis(inputs);
    const auto points = points_of(inputs, [](const db::RunInput& input) { return input.energy_j; });
    const double goal = report.summary.energy_goal_j.value_or(0);
    Plot plot(x, value_axis("energy", Show::kEnergy, points, goal), kHeight);
    shade_environments(plot, inputs);
    const std::string_view drawn = draw(plot, points, x);
    if (goal > 0) {
        plot.level(goal, "goal " + format_energy(goal));
    }
    return {.title = "Energy per input",
            .svg = plot.svg("Energy over the inputs"),
            .caption = fmt::format("Of the whole period, idle time included. Source: {}.{}",
                                   source_text(report.summary.energy_source), drawn)};
}

using Key = std::tuple<std::string_view, std::optional<int>, std::string_view>;

Key key_of(const db::RunInput& input) {
    return {input.model, input.stage, input.power_setting};
}

/// The most used configurations, from the fastest, each with its row; the last row is for all
/// others.
std::map<Key, std::size_t> rows_of(const RunReport& report, std::vector<std::string>& names) {
    const auto& uses = report.configurations;
    const bool all = uses.size() <= kMostRows;
    std::vector<const ConfigurationUse*> own;
    for (std::size_t i = 0; i < (all ? uses.size() : kMostRows - 1); ++i) {
        own.push_back(&uses[i]);
    }
    std::sort(own.begin(), own.end(),
              [](auto* a, auto* b) { return a->latency_mean_s < b->latency_mean_s; });
    std::map<Key, std::size_t> rows;
    for (const ConfigurationUse* use : own) {
        rows[{use->model, use->stage, use->power_setting}] = names.size();
        names.push_back(fmt::format("{}{}@{}", use->model,
                                    use->stage ? fmt::format("/{}", *use->stage) : "",
                                    use->power_setting));
    }
    if (!all) {
        names.push_back(fmt::format("{} others", uses.size() - own.size()));
    }
    return rows;
}

Figure configuration_figure(const RunReport& report, Inputs inputs) {
    std::vector<std::string> names;
    const std::map<Key, std::size_t> rows = rows_of(report, names);
    const Axis x = input_axis(inputs);
    const double column = (x.high - x.low) / Plot::kColumns;
    // Blocks of a row that are less than a column apart are merged.
    struct Block {
        double from = 0, to = -1;
    };
    std::vector<Block> open(names.size());
    Plot plot(x, {.title = "configuration", .rows = names},
              kRowHeight * static_cast<int>(std::max<std::size_t>(names.size(), 1)));
    shade_environments(plot, inputs);
    for (const db::RunInput& input : inputs) {
        if (!input.latency_s) {
            continue;
        }
        const auto row = rows.find(key_of(input));
        Block& block = open[row == rows.end() ? names.size() - 1 : row->second];
        const auto n = static_cast<double>(input.n);
        if (block.to >= block.from && n > block.to + column) {
            plot.block(block.from, block.to, static_cast<double>(&block - open.data()), "block");
            block.to = block.from - 1;
        }
        block = {.from = block.to < block.from ? n : block.from, .to = n + 1};
    }
    for (const Block& block : open) {
        if (block.to >= block.from) {
            plot.block(block.from, block.to, static_cast<double>(&block - open.data()), "block");
        }
    }
    return {.title = "Configuration that answered",
            .svg = plot.svg("Configuration over the inputs"),
            .caption = "From the fastest (top) to the slowest."};
}

}  // namespace

std::vector<Figure> figures_of(const RunReport& report, std::span<const db::RunInput> inputs) {
    std::vector<Figure> figures;
    if (inputs.empty()) {
        return figures;
    }
    if (report.response) {
        figures.push_back(response_figure(report, inputs));
    }
    figures.push_back(slowdown_figure(inputs));
    if (report.summary.energy_j) {
        figures.push_back(energy_figure(report, inputs));
    }
    if (!report.configurations.empty()) {
        figures.push_back(configuration_figure(report, inputs));
    }
    return figures;
}

}  // namespace alert::cli
