#include "cli/report/profile_report.h"

#include <algorithm>
#include <map>
#include <numeric>

#include "cli/report/warnings.h"

namespace alert::cli {
namespace {

/// The position of each sampled setting, by name, from the least power (0) on.
std::map<std::string, int> sampled_settings(const db::ProfileRow& profile) {
    std::map<std::string, int> positions;
    for (const db::PowerSettingRow& setting : profile.settings) {
        if (setting.sampled) {
            positions[setting.name] = setting.position;
        }
    }
    return positions;
}

std::vector<OutputReport> outputs_of(const ProfileReport& report) {
    const std::map<std::string, int> sampled = sampled_settings(report.profile);
    const auto position = [&](const db::ProfileSummaryRow& row) {
        const auto found = sampled.find(row.power_setting);
        return found == sampled.end() ? -1 : found->second;
    };
    std::vector<OutputReport> outputs;
    for (std::size_t c = 0; c < report.configurations.size(); ++c) {
        const db::ProfileSummaryRow& row = report.configurations[c];
        auto output = std::find_if(outputs.begin(), outputs.end(), [&](const OutputReport& known) {
            return known.reference.model == row.model && known.reference.stage == row.stage;
        });
        if (output == outputs.end()) {
            outputs.push_back({.reference = row});
            output = outputs.end() - 1;
        }
        if (position(row) > position(output->reference)) {
            output->reference = row;
        }
        ++output->settings;
        if (report.pareto[c]) {
            output->front.push_back(c);
        }
    }
    return outputs;
}

}  // namespace

std::size_t ProfileReport::front_size() const {
    return static_cast<std::size_t>(std::count(pareto.begin(), pareto.end(), true));
}

std::vector<bool> pareto_front(std::span<const db::ProfileSummaryRow> configurations) {
    const bool with_energy = std::all_of(configurations.begin(), configurations.end(),
                                         [](const auto& row) { return row.energy_j.has_value(); });
    const auto energy = [&](const db::ProfileSummaryRow& row) {
        return with_energy ? *row.energy_j : 0;
    };
    const auto dominates = [&](const db::ProfileSummaryRow& a, const db::ProfileSummaryRow& b) {
        return a.latency_mean_s <= b.latency_mean_s && energy(a) <= energy(b) &&
               a.accuracy >= b.accuracy &&
               (a.latency_mean_s < b.latency_mean_s || energy(a) < energy(b) ||
                a.accuracy > b.accuracy);
    };
    std::vector<bool> front;
    for (const db::ProfileSummaryRow& row : configurations) {
        front.push_back(std::none_of(
            configurations.begin(), configurations.end(),
            [&](const db::ProfileSummaryRow& other) { return dominates(other, row); }));
    }
    return front;
}

ProfileReport report_on(const db::ProfileRow& profile,
                        std::vector<db::ProfileSummaryRow> configurations,
                        std::span<const db::Sample> samples) {
    ProfileReport report{.profile = profile, .configurations = std::move(configurations)};
    report.pareto = pareto_front(report.configurations);
    report.outputs = outputs_of(report);
    report.warnings = warnings_of(profile, samples);
    return report;
}

}  // namespace alert::cli
