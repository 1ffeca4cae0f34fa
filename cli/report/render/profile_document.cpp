#include "cli/report/render/profile_document.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/report/render/labels.h"
#include "cli/report/render/stored_records.h"
#include "cli/text/format.h"

namespace alert::cli {
namespace {

Section header_section(const ProfileReport& report) {
    const db::ProfileRow& profile = report.profile;
    Section section;
    add_description(section, profile, "alert profile");
    add_fact(section, "meter updates",
             profile.energy_resolution_s
                 ? fmt::format("every {}", format_duration(profile.energy_resolution_s))
                 : "");
    add_fact(section, "idle power", profile.idle_power_w, Show::kPower);
    add_fact(section, "inputs", profile.inputs, Show::kCount);
    add_fact(section, "precision",
             profile.precision > 0
                 ? fmt::format("{} of the mean latency", format_accuracy(profile.precision))
                 : "fixed number of samples");
    add_fact(section, "latencies",
             profile.rest_s > 0
                 ? fmt::format("after an idle time of {}", format_duration(profile.rest_s))
                 : "back to back");
    add_fact(section, "right answer",
             profile.top > 1 ? fmt::format("the label is among the {} best", profile.top) : "");
    add_fact(section, "no answer",
             fmt::format("counts {} accuracy", format_accuracy(profile.fail_accuracy)));
    return section;
}

/// A configuration, for people.
const std::vector<FilledColumn<db::ProfileSummaryRow>>& measured_columns() {
    using Measured = db::ProfileSummaryRow;
    static const std::vector<FilledColumn<Measured>> columns = {
        {{"", "model", Show::kText, true}, &Measured::model},
        {{"", "stage", Show::kCount}, &Measured::stage},
        {{"", "setting"}, &Measured::power_setting},
        {{"", "latency", Show::kDuration}, &Measured::latency_mean_s},
        {{"", "± std", Show::kDuration}, &Measured::latency_std_s},
        {{"", "power", Show::kPower}, &Measured::power_w},
        {{"", "energy", Show::kEnergy}, &Measured::energy_j},
        {{"", "± error", Show::kEnergy}, &Measured::energy_error_j},
        {{"", "accuracy", Show::kAccuracy}, &Measured::accuracy}};
    return columns;
}

/// A model or one of its stages: its reference configuration, and more.
std::vector<FilledColumn<OutputReport>> output_columns(bool same_setting) {
    std::vector<FilledColumn<OutputReport>> columns;
    for (const auto& [column, cell] : measured_columns()) {
        columns.push_back(
            {column, [cell = cell](const OutputReport& output) { return cell(output.reference); }});
    }
    columns[2].column.name = same_setting ? "" : "setting";
    columns.push_back({{"", "perplexity", Show::kNumber}, [](const OutputReport& output) {
                           return Cell(output.reference.perplexity);
                       }});
    columns.push_back({{"", "front", Show::kCount}, [](const OutputReport& output) {
                           return Cell(fmt::format("{}/{}", output.front.size(), output.settings));
                       }});
    return columns;
}

void explain_errors(Section& section, const ProfileReport& report) {
    if (report.profile.energy_resolution_s) {
        section.footnotes.push_back(
            "± error: standard error of the energy, from the samples and the resolution of the "
            "meter");
    }
}

/// A label whose score is -inf makes the perplexity infinite.
void explain_infinite(Section& section, const ProfileReport& report) {
    std::vector<std::string> counts;
    for (const OutputReport& output : report.outputs) {
        const auto infinite = output.reference.infinite_losses.value_or(0);
        if (infinite > 0) {
            const auto stage = output.reference.stage;
            counts.push_back(fmt::format("{}{}: {}", output.reference.model,
                                         stage ? fmt::format("/{}", *stage) : "",
                                         format_count(infinite)));
        }
    }
    if (!counts.empty()) {
        section.footnotes.push_back(
            fmt::format("perplexity ∞: the label of some inputs has a score of -inf ({})",
                        fmt::join(counts, ", ")));
    }
}

/// The setting is part of the heading if it is the same for all.
Section outputs_section(const ProfileReport& report) {
    const auto& outputs = report.outputs;
    const std::string setting = outputs.empty() ? "" : outputs.front().reference.power_setting;
    const bool same = std::all_of(outputs.begin(), outputs.end(), [&](const OutputReport& output) {
        return output.reference.power_setting == setting;
    });
    Section section{.heading = same ? fmt::format("Models at {}", setting) : "Models"};
    section.table = records_of(output_columns(same), outputs);
    mark_modelled(section, report.profile.energy_source);
    explain_errors(section, report);
    explain_infinite(section, report);
    section.footnotes.push_back("front: under how many of the settings it is on the Pareto front");
    return section;
}

/// "40W", or "40W–80W".
std::string range_text(const std::string& low, const std::string& high) {
    return low == high ? low : fmt::format("{}–{}", low, high);
}

Section front_section(const ProfileReport& report) {
    Section section{.heading = fmt::format("Pareto front: {} of {} configurations",
                                           report.front_size(), report.configurations.size())};
    section.table.columns = {{.key = "", .name = "model", .shrinkable = true},
                             {.key = "", .name = "stage", .show = Show::kCount},
                             {.key = "", .name = "settings"},
                             {.key = "", .name = "latency", .show = Show::kNumber},
                             {.key = "", .name = "energy", .show = Show::kEnergy},
                             {.key = "", .name = "accuracy", .show = Show::kAccuracy}};
    for (const OutputReport& output : report.outputs) {
        if (output.front.empty()) {
            continue;
        }
        // In the order of the settings, from the least power: the slowest comes first.
        const auto& first = report.configurations[output.front.front()];
        const auto& last = report.configurations[output.front.back()];
        const bool by_energy = first.energy_j <= last.energy_j;
        section.table.rows.push_back(
            {first.model, first.stage, range_text(first.power_setting, last.power_setting),
             range_text(format_duration(last.latency_mean_s),
                        format_duration(first.latency_mean_s)),
             range_text(format_energy((by_energy ? first : last).energy_j),
                        format_energy((by_energy ? last : first).energy_j)),
             first.accuracy});
    }
    mark_modelled(section, report.profile.energy_source);
    section.footnotes.push_back(fmt::format(
        "no other configuration is as fast,{} and as accurate, and better in one; --full lists all",
        report.configurations.empty() || report.configurations.front().energy_j ? " as frugal"
                                                                                : ""));
    return section;
}

Section all_section(const ProfileReport& report) {
    Section section{.heading = fmt::format("All {} configurations", report.configurations.size())};
    section.table = records_of(measured_columns(), report.configurations);
    section.table.columns.push_back({.key = "", .name = "front"});
    for (std::size_t i = 0; i < report.configurations.size(); ++i) {
        section.table.rows[i].emplace_back(report.pareto[i] ? "yes" : "");
    }
    mark_modelled(section, report.profile.energy_source);
    explain_errors(section, report);
    section.footnotes.push_back(
        fmt::format("front: on the Pareto front ({} are)", report.front_size()));
    return section;
}

}  // namespace

Document document_of(const ProfileReport& report, bool full) {
    Document document{.title = fmt::format("Profile \"{}\"", report.profile.label)};
    document.sections.push_back(header_section(report));
    if (report.configurations.empty()) {
        document.sections.push_back({.heading = "Nothing was measured yet"});
    } else if (full) {
        document.sections.push_back(all_section(report));
    } else {
        document.sections.push_back(outputs_section(report));
        document.sections.push_back(front_section(report));
    }
    if (!report.warnings.empty()) {
        document.sections.push_back({.heading = "Warnings", .notes = report.warnings});
    }
    return document;
}

Json json_of(const ProfileReport& report) {
    const db::ProfileRow& profile = report.profile;
    Json json = json_of(profile, "profile");
    json["energy_resolution_s"] = to_json(Cell(profile.energy_resolution_s));
    json["inputs"] = profile.inputs;
    json["precision"] = profile.precision;
    json["models"] = json_of(profile.models);
    json["configurations"] = to_json(configuration_records({&report, 1}));
    json["warnings"] = report.warnings;
    return json;
}

// The column pareto follows samples.
Records configuration_records(std::span<const ProfileReport> reports) {
    Records records{.columns = stored_columns<db::ProfileSummaryRow>(), .rows = {}};
    const auto samples = std::find_if(records.columns.begin(), records.columns.end(),
                                      [](const Column& column) { return column.key == "samples"; });
    const auto place = samples - records.columns.begin() + 1;
    records.columns.insert(records.columns.begin() + place, {.key = "pareto", .name = ""});
    for (const ProfileReport& report : reports) {
        for (std::size_t i = 0; i < report.configurations.size(); ++i) {
            Row& row = records.rows.emplace_back(stored_row(report.configurations[i]));
            row.insert(row.begin() + place, Cell(report.pareto[i] ? 1 : 0));
        }
    }
    return records;
}

}  // namespace alert::cli
