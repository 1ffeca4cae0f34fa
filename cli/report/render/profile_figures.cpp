#include "cli/report/render/profile_figures.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/report/render/labels.h"
#include "cli/report/render/plot.h"
#include "cli/text/format.h"

namespace alert::cli {
namespace {

constexpr int kHeight = 340;

std::string name_of(const db::ProfileSummaryRow& row) {
    return row.stage ? fmt::format("{}/{}", row.model, *row.stage) : row.model;
}

/// Logarithmic, as latencies and energies of a family span decades.
template <class Value>
Axis cost_axis(const ProfileReport& report, std::string title, Show show, Value value) {
    double low = value(report.configurations.front()), high = low;
    for (const db::ProfileSummaryRow& row : report.configurations) {
        low = std::min(low, value(row));
        high = std::max(high, value(row));
    }
    return {.title = std::move(title),
            .show = show,
            .low = low * 0.8,
            .high = high * 1.25,
            .logarithmic = true};
}

Axis accuracy_axis(const ProfileReport& report) {
    double low = 1, high = 0;
    for (const db::ProfileSummaryRow& row : report.configurations) {
        low = std::min(low, row.accuracy);
        high = std::max(high, row.accuracy);
    }
    const double margin = std::max(0.005, (high - low) * 0.08);
    return {.title = "accuracy",
            .show = Show::kAccuracy,
            .low = std::max(0.0, low - margin),
            .high = std::min(1.0, high + margin)};
}

template <class Value>
std::string scatter(const ProfileReport& report, const Axis& cost, Value value) {
    Plot plot(cost, accuracy_axis(report), kHeight);
    // The stages of an anytime model belong together.
    std::vector<Point> stages;
    const auto& outputs = report.outputs;
    for (std::size_t i = 0; i < outputs.size(); ++i) {
        const db::ProfileSummaryRow& row = outputs[i].reference;
        stages.push_back({value(row), row.accuracy});
        if (!row.stage || i + 1 == outputs.size() || outputs[i + 1].reference.model != row.model) {
            if (stages.size() > 1) {
                plot.curve(stages, "link");
            }
            stages.clear();
        }
    }
    for (const bool on_front : {false, true}) {
        for (std::size_t i = 0; i < report.configurations.size(); ++i) {
            const db::ProfileSummaryRow& row = report.configurations[i];
            if (report.pareto[i] == on_front) {
                plot.dot({value(row), row.accuracy}, 3.2, on_front ? "dot" : "faint",
                         fmt::format("{}@{}: {}, {}", name_of(row), row.power_setting,
                                     shown({.key = "", .name = "", .show = cost.show}, value(row)),
                                     format_accuracy(row.accuracy)));
            }
        }
    }
    // Beside the most expensive of the row, where there is more room.
    for (const OutputReport& output : outputs) {
        double dearest = value(output.reference);
        for (const db::ProfileSummaryRow& row : report.configurations) {
            if (row.model == output.reference.model && row.stage == output.reference.stage) {
                dearest = std::max(dearest, value(row));
            }
        }
        plot.name({dearest, output.reference.accuracy}, name_of(output.reference));
    }
    return plot.svg(fmt::format("Accuracy over {}", cost.title));
}

}  // namespace

std::vector<Figure> figures_of(const ProfileReport& report) {
    std::vector<Figure> figures;
    if (report.configurations.empty()) {
        return figures;
    }
    const auto latency = [](const db::ProfileSummaryRow& row) { return row.latency_mean_s; };
    figures.push_back(
        {.title = "Accuracy over latency",
         .svg =
             scatter(report, cost_axis(report, "mean latency", Show::kDuration, latency), latency),
         .caption = "Every configuration; blue: on the Pareto front. A row of dots is one model "
                    "under all settings, with the most power on the left; dotted: stages of one "
                    "network."});
    const bool with_energy =
        std::all_of(report.configurations.begin(), report.configurations.end(),
                    [](const auto& row) { return row.energy_j.value_or(0) > 0; });
    if (with_energy) {
        const auto energy = [](const db::ProfileSummaryRow& row) { return *row.energy_j; };
        figures.push_back(
            {.title = "Accuracy over energy",
             .svg = scatter(report,
                            cost_axis(report, "energy of one inference", Show::kEnergy, energy),
                            energy),
             .caption = fmt::format("Source of the energy: {}.",
                                    source_text(report.profile.energy_source))});
    }
    return figures;
}

}  // namespace alert::cli
