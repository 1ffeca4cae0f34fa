#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "alert/goal.h"
#include "core/evaluation/figures.h"

/// Rows of the store as plain structs. Names follow the columns (docs/store.md); units are in the
/// names; what was not measured is empty. `id` 0 means "not stored yet".
namespace alert::db {

/// Objectives as the store and the flags name them.
inline constexpr std::array<std::pair<Objective, std::string_view>, 3> kObjectives{{
    {Objective::kMinimiseEnergy, "energy"},
    {Objective::kMaximiseAccuracy, "accuracy"},
    {Objective::kMinimiseLatency, "latency"},
}};

std::string_view name_of(Objective objective);
/// The objective with this name; the tables admit no other names.
Objective objective_of(std::string_view name);

struct Machine {
    std::string hostname, cpu, kernel, libtorch_version, alert_version;
    int cores = 0;
    std::int64_t memory_bytes = 0;
    std::string system_id{};  ///< hash of /etc/machine-id; empty: none, or in a container
};

struct PowerSettingRow {
    std::int64_t id = 0;
    std::string name;                 ///< as in flags: "40W"
    int position = 0;                 ///< from the least power (0) to the most
    double stretch = 1;               ///< latency relative to the setting that was sampled
    std::optional<double> power_w{};  ///< modelled power while inferring; empty when measured
    bool sampled = true;              ///< false: derived from the sampled setting by `stretch`
};

struct ModelRow {
    std::int64_t id = 0;
    std::string name, title, file;
    std::string file_hash;                 ///< detects a network that changed since it was measured
    int stages = 0;                        ///< 0 for a traditional model
    std::optional<std::string> form = {};  ///< "plain", "optimised"; empty if none was chosen
    int position = 0;
};

/// What a profile and a trace have in common: what was measured, where and how.
struct Description {
    std::int64_t id = 0;
    std::string label;
    std::string created_at;  ///< UTC, ISO 8601
    Machine machine;
    std::string task, data_file, models_path;
    std::string data_hash;      ///< detects a data file that changed since it was measured
    std::string power_spec;     ///< "emulated:server"
    std::string platform_json;  ///< the platform file, empty on hardware
    std::optional<std::string> energy_source;
    std::optional<double> idle_power_w;  ///< of a trace: unless a sample has its own
    std::string device;
    int threads = 1;
    std::int64_t inputs = 0;  ///< number requested
    double rest_s = 0;        ///< idle time before a timed inference, with groups before a group
    double fail_accuracy = 0;
    int top = 1;  ///< correct: the label is among this many best classes
    bool complete = false;
    std::vector<ModelRow> models;
    std::vector<PowerSettingRow> settings;
    std::vector<std::string> warnings;  ///< why the numbers may be doubtful, one line each
};

struct ProfileRow : Description {
    std::optional<double> energy_resolution_s;  ///< the meter's update interval; empty: modelled
    double precision = 0;  ///< requested relative half-width of the mean latency's interval
};

/// One output of one inference.
struct Sample {
    std::int64_t model_id = 0, setting_id = 0;
    std::int64_t round = 0;  ///< order of measurement within the model and setting
    int stage = 0;           ///< 0 for a traditional model
    std::int64_t input = 0;  ///< n, position in the data file
    /// From the start of the inference, after the rest, to this output; empty: answered for the
    /// accuracy only.
    std::optional<double> latency_s{};
    std::optional<double> latency_back_to_back_s{};  ///< right after an inference; empty: not timed
    std::optional<double> power_w{};
    std::optional<double> idle_power_w{};  ///< in the rest before; empty: none, or not measured
    bool correct = false;
    std::optional<double> log_loss{};  ///< -ln of the label's probability; empty: not requested
};

/// A row of the view profile_summary.
struct ProfileSummaryRow {
    std::string profile, model;
    std::optional<int> stage;
    std::string power_setting;
    std::optional<double> power_w;
    double latency_mean_s = 0;
    std::optional<double> latency_std_s;  ///< empty for a single sample
    std::optional<double> energy_j;
    std::optional<std::string> energy_source;
    double accuracy = 0, fail_accuracy = 0;
    std::int64_t samples = 0;
    std::optional<double> perplexity{};      ///< empty: not requested
    std::optional<double> energy_error_j{};  ///< standard error; empty: modelled
    /// Number of inputs whose label has a score of -inf; they make the perplexity infinite.
    std::optional<std::int64_t> infinite_losses{};
    /// Mean latency right after an inference; empty without a rest, when latency_mean_s is that.
    std::optional<double> latency_back_to_back_s{};
    std::optional<double> idle_power_w{};  ///< mean in the rests; empty: not measured there
};

struct RunRow {
    std::int64_t id = 0;
    std::string label, created_at, profile, scheme, estimator;
    Objective objective = Objective::kMaximiseAccuracy;
    std::optional<double> deadline_s, accuracy_goal, energy_goal_j, period_s;
    std::optional<double> confidence;  ///< empty if not given
    double miss_limit = kMissLimit;    ///< share of misses beyond which the deadline is violated
    int window = 20;
    bool paced = true;
    bool shared = false;  ///< the inputs of a group share deadline_s; period_s is between groups
    std::uint64_t seed = 0;
    std::string kind = "live";  ///< "live" or "replay"
    std::optional<std::string> trace;
    std::string environment = "default";
    std::optional<std::string> energy_source;
    std::optional<double> energy_resolution_s{};  ///< as in ProfileRow
    std::string data_file, data_hash;
    Machine machine;
    std::int64_t inputs_planned = 0;
    bool finished = false;  ///< false while running, and after a kill
    std::vector<std::string> warnings;
};

/// One input of a run: the fields of `run --json`.
struct RunInput {
    std::int64_t n = 0;                      ///< 0, 1, 2, ... in order of arrival
    std::optional<std::int64_t> group_id{};  ///< whose deadline it shares; empty: its own deadline
    std::string model, power_setting;        ///< of the configuration that ran (or was to run)
    std::optional<int> stage;                ///< the one that answered; empty: traditional model
    std::optional<int> stage_limit;          ///< the last stage that the decision allowed
    std::optional<double> deadline_s;        ///< compared with response_s
    std::optional<double> latency_s;         ///< empty if the input never started
    std::optional<double> response_s;        ///< empty if the input never started
    bool met_deadline = false;
    std::optional<double> energy_j;
    double accuracy_expected = 0;
    std::optional<bool> correct;  ///< false if the answer was late or missing
    std::optional<double> deadline_probability;
    double xi_mean = 1, xi_std = 0, idle_ratio = 0, decision_s = 0;
    std::string environment = "default";  ///< what was running beside it
};

/// The goals that the run was given.
Goal goal_of(const RunRow& run);

/// A row of the view run_summary; of a run without stored figures they are computed.
struct RunSummaryRow : RunFigures {
    std::int64_t run = 0;
    std::string profile, scheme, estimator, objective;
    std::optional<double> deadline_s, accuracy_goal, energy_goal_j;
    double miss_limit = kMissLimit;
    std::optional<std::string> energy_source;
    std::string kind;
    std::optional<std::string> trace;
    std::string environment, label;
};

/// How much an environment of a trace slowed down a reference loop.
struct TraceContention {
    std::string environment;  ///< "compute", "memory"
    int workers = 0;
    double slowdown = 1;  ///< time of the loop beside the workers / alone
};

/// The request of an `alert trace`, and where it ran. Its models and settings are its own, not a
/// profile's: a trace is matched with a profile by names.
struct TraceRow : Description {
    std::string environment = "default";  ///< as in --environment
    std::uint64_t seed = 0;
    std::vector<TraceContention> contention;
    std::vector<std::size_t> groups;  ///< sizes, one after another; empty: the data has none
};

/// One output of one inference of a trace, under a sampled setting.
struct TraceSample {
    std::int64_t model_id = 0, setting_id = 0;
    std::int64_t n = 0;                    ///< 0, 1, 2, ...
    int stage = 0;                         ///< 0 for a traditional model
    double latency_s = 0;                  ///< from the start of the inference to this output
    std::optional<double> power_w{};       ///< measured while inferring
    std::optional<double> idle_power_w{};  ///< measured when idle in this environment
    bool correct = false;
    std::string environment = "default";  ///< what was running beside it
};

/// The results of a configuration in one of a trace's environments.
struct TraceSummaryRow {
    std::string model;
    std::optional<int> stage;
    std::string power_setting, environment;
    std::int64_t inputs = 0;
    double latency_mean_s = 0, accuracy = 0;
};

/// A run, live or a replay, with its stored figures.
struct RunResult : RunFigures {
    RunRow run;
};

}  // namespace alert::db
