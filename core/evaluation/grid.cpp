#include "core/evaluation/grid.h"

#include <algorithm>
#include <array>
#include <limits>
#include <optional>

#include "alert/error.h"

namespace alert {

namespace {

constexpr int kSteps = 6;  // values of each constraint

using Values = std::array<double, kSteps>;

Values evenly(double low, double high) {
    Values values;
    for (int i = 0; i < kSteps; ++i) {
        values[static_cast<std::size_t>(i)] = low + (high - low) * i / (kSteps - 1);
    }
    return values;
}

Values energies(const Profile& profile, double idle_power_w, double period_s) {
    const EnergyRange range = energy_range(profile, idle_power_w, period_s);
    Values values;
    for (int i = 0; i < kSteps; ++i) {
        values[static_cast<std::size_t>(i)] =
            range.low_j + (range.high_j - range.low_j) * (i + 1) / kSteps;
    }
    return values;
}

// The setting with the most power of any configuration.
std::size_t most_powerful_setting(const Profile& profile) {
    return std::max_element(profile.configurations.begin(), profile.configurations.end(),
                            [](const auto& a, const auto& b) { return *a.power_w < *b.power_w; })
        ->setting;
}

void refuse_without_power(const Profile& profile) {
    if (profile.configurations.empty()) {
        throw RequestError("the profile has no configurations; measure it first");
    }
    for (const ProfiledConfiguration& configuration : profile.configurations) {
        if (!configuration.power_w) {
            throw RequestError(
                "the profile has no energy source, and two of the three objectives have energy "
                "goals; profile under a platform with one");
        }
    }
}

}  // namespace

GridRanges grid_ranges(const Profile& profile) {
    refuse_without_power(profile);
    const std::size_t setting = most_powerful_setting(profile);
    double anytime_s = 0, traditional_s = 0;
    GridRanges ranges{.accuracy_low = std::numeric_limits<double>::infinity()};
    for (const ProfiledConfiguration& c : profile.configurations) {
        ranges.accuracy_low = std::min(ranges.accuracy_low, c.accuracy);
        if (c.setting == setting) {
            double& slowest_s = c.stage > 0 ? anytime_s : traditional_s;
            slowest_s = std::max(slowest_s, c.latency_s);
        }
    }
    ranges.accuracy_high = profile.best_accuracy();
    ranges.reference_s = anytime_s > 0 ? anytime_s : traditional_s;
    return ranges;
}

EnergyRange energy_range(const Profile& profile, double idle_power_w, double period_s) {
    const auto fastest =
        std::min_element(profile.configurations.begin(), profile.configurations.end(),
                         [](const auto& a, const auto& b) { return a.latency_s < b.latency_s; });
    EnergyRange range{.low_j = *fastest->power_w * std::max(fastest->latency_s, period_s)};
    for (const ProfiledConfiguration& c : profile.configurations) {
        if (c.latency_s <= period_s) {
            range.low_j = std::min(
                range.low_j, *c.power_w * c.latency_s + idle_power_w * (period_s - c.latency_s));
        }
        range.high_j = std::max(range.high_j, *c.power_w * period_s);
    }
    return range;
}

std::vector<Workload> paper_grid(const Profile& profile, double idle_power_w, std::size_t inputs,
                                 int window, double group_size) {
    const GridRanges ranges = grid_ranges(profile);
    const Values deadlines = evenly(0.4 * ranges.reference_s, 2 * ranges.reference_s);
    const Values accuracies = evenly(ranges.accuracy_low, ranges.accuracy_high);
    std::vector<Workload> grid;
    const auto add = [&](Goal goal, double period_s) {
        goal.period_s = period_s * group_size;
        if (goal.deadline_s) {
            *goal.deadline_s *= group_size;
        }
        grid.push_back(
            {.goal = goal, .inputs = inputs, .period_s = *goal.period_s, .window = window});
    };
    for (const double deadline_s : deadlines) {
        for (const double accuracy : accuracies) {
            add({.objective = Objective::kMinimiseEnergy,
                 .deadline_s = deadline_s,
                 .accuracy = accuracy,
                 .energy_j = {}},
                deadline_s);
        }
    }
    for (const double deadline_s : deadlines) {
        for (const double energy_j : energies(profile, idle_power_w, deadline_s)) {
            add({.objective = Objective::kMaximiseAccuracy,
                 .deadline_s = deadline_s,
                 .accuracy = {},
                 .energy_j = energy_j},
                deadline_s);
        }
    }
    const double period_s = 2 * ranges.reference_s;
    for (const double accuracy : accuracies) {
        for (const double energy_j : energies(profile, idle_power_w, period_s)) {
            add({.objective = Objective::kMinimiseLatency,
                 .deadline_s = {},
                 .accuracy = accuracy,
                 .energy_j = energy_j},
                period_s);
        }
    }
    return grid;
}

}  // namespace alert
