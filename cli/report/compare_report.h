#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "db/records.h"

/// What `alert report compare` tells of several schemes over the same settings: runs in, one
/// struct out.
namespace alert::cli {

/// What can be averaged over settings. An objective makes one of them least.
enum class Metric { kEnergy, kError, kLatency };
inline constexpr std::size_t kMetrics = 3;

Metric metric_of(Objective objective);

/// Mean energy per input (J), share of inputs that were not answered right, mean latency (s).
std::optional<double> value_of(Metric metric, const db::RunResult& run);

/// Over settings; `std` is empty for a single one.
struct MetricMean {
    std::optional<double> mean, std;
};

/// Of the ratios of single settings; quartiles by nearest rank, `std` empty for a single one.
struct RatioSpread {
    double mean = 0;
    std::optional<double> std;
    double p25 = 0, p50 = 0, p75 = 0;
};

/// One scheme in one environment.
struct SchemeFigures {
    std::string scheme;                      ///< with what sets it apart: "alert (paper)"
    std::size_t settings = 0, violated = 0;  ///< the first counts the second
    std::size_t violated_strict = 0;         ///< by kStrictMissLimit
    double miss_limit = kMissLimit;          ///< of its runs
    std::array<MetricMean, kMetrics> means;  ///< over the settings that it does not violate

    // The objective's metric over the reference's, over the settings that neither violates.
    std::size_t shared = 0;            ///< how many these are
    std::optional<double> normalised;  ///< ratio of the means
    std::optional<RatioSpread> ratios;
};

/// One run of one setting.
struct SettingResult {
    std::string scheme;
    db::RunResult run;
    std::optional<double> normalised;  ///< empty where it or the reference violates the setting
};

/// All that was asked for the same objective, with one profile, under the same conditions.
struct ComparisonGroup {
    Objective objective = Objective::kMinimiseEnergy;
    std::string profile;
    std::string environment;           ///< empty: all environments together
    std::optional<std::string> trace;  ///< empty for live runs, and for all together
    std::optional<std::string> energy_source;
    std::vector<SchemeFigures> schemes;  ///< in the order of their first runs
    std::vector<SettingResult> results;  ///< by setting, then by scheme; empty for all together
};

struct Comparison {
    std::string reference;                ///< the scheme that others are held against
    std::vector<ComparisonGroup> groups;  ///< by objective, then profile; all together last
    std::vector<std::string> warnings;    ///< of the traces and live runs, one line each
    bool violated = false;                ///< some run violated its goals
};

struct CompareRequest {
    std::vector<std::string> schemes;  ///< empty: all
    /// Empty: oracle if it is there, else the first. Several names with commas between them: in
    /// every setting the best of these, one that keeps the goals before one that does not.
    std::string normalise_to;
};

/// `runs` in the order in which they were stored: of runs that differ in nothing, the last is
/// meant. Throws RequestError: no run is finished, a scheme that no run has.
Comparison compare(std::span<const db::RunResult> runs, const CompareRequest& request);

}  // namespace alert::cli
