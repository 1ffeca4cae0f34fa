#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/evaluation/figures.h"
#include "core/evaluation/statistics.h"
#include "db/records.h"

/// What `alert report run` tells of one run: rows of the store in, one struct out.
namespace alert::cli {

/// Whether the deadline was kept if this share of the inputs may miss it.
struct LimitResult {
    double miss_limit = 0;
    std::optional<bool> kept;  ///< empty: no input
};

/// The deadline goal. `kept` of this and the other goals is the rule of core/evaluation/figures.h.
struct DeadlineResult {
    double asked_s = 0;
    std::vector<LimitResult> limits;  ///< the run's first; always the paper's and the strict one
    double share = 0;                 ///< the claim the verdict is about: --confidence, else 99 %
    BinomialVerdict verdict;
};

struct AccuracyResult {
    double asked = 0;
    std::optional<bool> kept;        ///< empty: fewer than two inputs have a label
    std::optional<Verdict> verdict;  ///< of "at least this share is answered right and in time"
};

struct EnergyResult {
    double asked_j = 0;
    std::optional<bool> kept;                ///< empty: no energy was measured
    std::optional<double> half_width_j;      ///< of the 95 % interval of the mean
    std::optional<double> share;             ///< --confidence: the claim is about single inputs
    std::optional<BinomialVerdict> verdict;  ///< of that claim; without one, of the mean
};

/// How often one configuration ran.
struct ConfigurationUse {
    std::string model;
    std::optional<int> stage;  ///< that answered
    std::string power_setting;
    std::int64_t inputs = 0;
    double share = 0;  ///< of all inputs
    double latency_mean_s = 0;
    std::int64_t deadline_misses = 0;
};

/// A stretch of the run: inputs first..last.
struct RunPart {
    std::int64_t first = 0, last = 0;
    std::string environment;  ///< "default", or all that were met: "default, compute"
    double xi_mean = 0;
    std::int64_t deadline_misses = 0;
    std::optional<double> response_mean_s, energy_j, accuracy;
};

/// Of a run whose inputs share deadlines.
struct GroupResult {
    std::int64_t groups = 0;
    std::int64_t late = 0;   ///< an input of it was not answered in time
    double inputs_mean = 0;  ///< of a group
    /// Mean share of a group's inputs that were answered in time.
    double answered_mean = 0;
    std::optional<double> accuracy_mean;  ///< of a group's own; empty: no labels
};

struct RunReport {
    db::RunRow run;
    db::RunSummaryRow summary;
    /// Of the mean energy: how the inputs spread, and the step of the meter at either end of the
    /// run. Empty where it is modelled.
    std::optional<double> energy_error_j;
    std::int64_t never_started = 0;
    std::optional<DeadlineResult> deadline;
    std::optional<AccuracyResult> accuracy;
    std::optional<EnergyResult> energy;
    std::optional<GroupResult> groups;
    std::optional<TimeSpread> response, latency;
    std::vector<ConfigurationUse> configurations;  ///< most used first
    std::vector<RunPart> parts;                    ///< tenths of the run
    std::vector<double> xi_course;                 ///< mean xi of up to 40 stretches
    std::optional<double> xi_mean, xi_min, xi_max;
    std::optional<double> decision_p50_s, decision_p99_s;
    std::optional<double> decision_share;  ///< time of all decisions over that of all inferences
    std::vector<std::string> warnings;     ///< one line each

    bool complete() const { return run.finished && summary.inputs >= run.inputs_planned; }
};

/// `fail_accuracy` is that of the run's profile: what a missed input counts. `inputs` may be empty:
/// a replay that did not keep them, a run stopped before its first.
RunReport report_on(const db::RunRow& run, const db::RunSummaryRow& summary, double fail_accuracy,
                    std::span<const db::RunInput> inputs);

}  // namespace alert::cli
