#include "cli/report/warnings.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "cli/text/format.h"
#include "core/evaluation/statistics.h"

namespace alert::cli {
namespace {

// The share of outliers that is worth a warning; a few preempted inferences are not.
constexpr double kManyOutliers = 0.02;
// Reading the clock and entering the network take about a microsecond: 1 % of this.
constexpr double kShortForClock = 100e-6;
constexpr std::string_view kShort =
    "is short for the clock, which takes about a microsecond to read; latencies below 100 us are "
    "known to a few percent only";
// The median of fewer latencies than this is not meaningful.
constexpr std::size_t kFewest = 5;

/// An input, and the ratio of its latency to the median of its configuration.
struct Ratio {
    std::size_t input = 0;
    double value = 0;
};

/// In the order of the inputs, without those beside a co-runner, where variation is expected.
std::vector<Ratio> quiet_ratios(std::span<const db::RunInput> inputs) {
    using Key = std::tuple<std::string_view, std::optional<int>, std::string_view>;
    std::map<Key, std::vector<std::size_t>> groups;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        const db::RunInput& input = inputs[i];
        if (input.latency_s && input.environment == "default") {
            groups[{input.model, input.stage, input.power_setting}].push_back(i);
        }
    }
    std::vector<Ratio> ratios;
    for (const auto& [key, members] : groups) {
        std::vector<double> latencies;
        for (const std::size_t i : members) {
            latencies.push_back(*inputs[i].latency_s);
        }
        const double median = latencies.size() < kFewest ? 0 : percentile(latencies, 0.5);
        for (std::size_t k = 0; k < members.size() && median > 0; ++k) {
            ratios.push_back({members[k], latencies[k] / median});
        }
    }
    std::sort(ratios.begin(), ratios.end(),
              [](const Ratio& a, const Ratio& b) { return a.input < b.input; });
    return ratios;
}

std::string outlier_line(std::string_view what, std::size_t found, std::size_t all) {
    return fmt::format(
        "{}: {} of {} latencies ({}) are outliers (modified z-score above 3.5; Iglewicz and "
        "Hoaglin 1993): something else ran on this machine",
        what, found, all, format_accuracy(static_cast<double>(found) / static_cast<double>(all)));
}

bool many(std::size_t found, std::size_t all) {
    return static_cast<double>(found) > kManyOutliers * static_cast<double>(all);
}

void add_outlier_warnings(std::vector<std::string>& warnings,
                          std::span<const db::RunInput> inputs) {
    const std::vector<Ratio> ratios = quiet_ratios(inputs);
    std::vector<double> values;
    values.reserve(ratios.size());
    for (const Ratio& ratio : ratios) {
        values.push_back(ratio.value);
    }
    const std::vector<std::size_t> odd = outliers(values);
    std::size_t slow_first = 0;
    double slowest = 0;
    while (slow_first < odd.size() && odd[slow_first] == slow_first &&
           ratios[slow_first].input == slow_first && values[slow_first] > 1) {
        slowest = std::max(slowest, values[slow_first++]);
    }
    if (slow_first > 0) {
        warnings.push_back(fmt::format(
            "the first {} slower than the rest, up to {} times: the networks were not warm, or the "
            "machine was not quiet",
            slow_first == 1 ? "input was" : fmt::format("{} inputs were", slow_first),
            format_number(slowest)));
    }
    if (many(odd.size(), values.size())) {
        warnings.push_back(outlier_line("the machine was not quiet", odd.size(), values.size()));
    }
}

void add_clock_warning(std::vector<std::string>& warnings, std::span<const db::RunInput> inputs) {
    std::vector<double> latencies;
    for (const db::RunInput& input : inputs) {
        if (input.latency_s) {
            latencies.push_back(*input.latency_s);
        }
    }
    const double median = latencies.empty() ? kShortForClock : percentile(latencies, 0.5);
    if (median < kShortForClock) {
        warnings.push_back(
            fmt::format("the median latency of {} {}", format_duration(median), kShort));
    }
}

/// Latencies of the last output of one model under one setting.
using Key = std::pair<std::int64_t, std::int64_t>;

std::map<Key, std::vector<double>> last_outputs(const db::ProfileRow& profile,
                                                std::span<const db::Sample> samples) {
    std::map<std::int64_t, int> stages;
    for (const db::ModelRow& model : profile.models) {
        stages[model.id] = model.stages;
    }
    std::map<Key, std::vector<double>> latencies;
    for (const db::Sample& sample : samples) {
        const auto last = stages.find(sample.model_id);
        if (last != stages.end() && sample.stage == last->second && sample.latency_s) {
            latencies[{sample.model_id, sample.setting_id}].push_back(*sample.latency_s);
        }
    }
    return latencies;
}

}  // namespace

std::vector<std::string> warnings_of(const db::RunRow& run, std::span<const db::RunInput> inputs) {
    std::vector<std::string> warnings = run.warnings;
    if (run.kind != "live" || inputs.empty()) {
        return warnings;
    }
    add_outlier_warnings(warnings, inputs);
    add_clock_warning(warnings, inputs);
    return warnings;
}

std::vector<std::string> warnings_of(const db::ProfileRow& profile,
                                     std::span<const db::Sample> samples) {
    std::vector<std::string> warnings = profile.warnings;
    const auto measured = last_outputs(profile, samples);
    for (const db::ModelRow& model : profile.models) {
        for (const db::PowerSettingRow& setting : profile.settings) {
            const auto found = measured.find({model.id, setting.id});
            if (found == measured.end()) {
                continue;
            }
            const std::vector<double>& latencies = found->second;
            const std::string name = fmt::format("{} at {}", model.name, setting.name);
            const std::size_t odd = outliers(latencies).size();
            if (many(odd, latencies.size())) {
                warnings.push_back(outlier_line(name, odd, latencies.size()));
            }
            const double median = percentile(latencies, 0.5);
            if (median < kShortForClock) {
                warnings.push_back(fmt::format("{}: {} {}", name, format_duration(median), kShort));
            }
        }
    }
    return warnings;
}

}  // namespace alert::cli
