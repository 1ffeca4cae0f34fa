#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <utility>

#include "core/error.h"
#include "db/description.h"
#include "db/store_impl.h"

namespace alert::db {
namespace {

/// deadline_per.
constexpr std::string_view kPerInput = "input", kPerGroup = "group";

Objective objective_of(std::string_view name) {
    // The table admits no other name.
    return std::find_if(kObjectives.begin(), kObjectives.end(),
                        [&](const auto& entry) { return entry.second == name; })
        ->first;
}

[[noreturn]] void fail_without_run(const Connection& connection, std::int64_t run_id) {
    throw RequestError(
        fmt::format("no run {} in store {}; `alert report run` lists those there are", run_id,
                    connection.file()));
}

std::string summaries_where(std::string_view condition) {
    return fmt::format(
        "SELECT run, profile, scheme, estimator, objective, deadline_s, accuracy_goal, "
        "energy_goal_j, inputs, deadline_misses, accuracy, energy_j, energy_over, energy_source, "
        "latency_p50_s, latency_p95_s, latency_p99_s, violated, kind, trace, environment, label "
        "FROM run_summary WHERE {} ORDER BY run",
        condition);
}

std::vector<RunSummaryRow> read_summaries(Statement& statement) {
    std::vector<RunSummaryRow> rows;
    while (statement.step()) {
        RunSummaryRow& r = rows.emplace_back();
        statement.read(r.run, r.profile, r.scheme, r.estimator, r.objective, r.deadline_s,
                       r.accuracy_goal, r.energy_goal_j, r.inputs, r.deadline_misses, r.accuracy,
                       r.energy_j, r.energy_over, r.energy_source, r.latency_p50_s, r.latency_p95_s,
                       r.latency_p99_s, r.violated, r.kind, r.trace, r.environment, r.label);
    }
    return rows;
}

/// Ids by name, of a profile's models or of its settings.
class Ids {
   public:
    Ids(const Connection& connection, const char* what, const char* sql, std::int64_t profile)
        : connection_(connection), what_(what) {
        Statement statement(connection, sql);
        statement.start(profile);
        while (statement.step()) {
            std::string name;
            std::int64_t id = 0;
            statement.read(name, id);
            ids_.emplace(std::move(name), id);
        }
    }

    std::int64_t of(const std::string& name) const {
        const auto found = ids_.find(name);
        if (found == ids_.end()) {
            throw Error(
                fmt::format("store {}: the run's profile has no {} {}; run with the "
                            "profile that has it",
                            connection_.file(), what_, name));
        }
        return found->second;
    }

   private:
    const Connection& connection_;
    const char* what_;
    std::map<std::string, std::int64_t, std::less<>> ids_;
};

}  // namespace

std::string_view name_of(Objective objective) {
    return std::find_if(kObjectives.begin(), kObjectives.end(),
                        [&](const auto& entry) { return entry.first == objective; })
        ->second;
}

std::int64_t insert_run(const Connection& connection, const RunRow& run) {
    Statement(
        connection,
        "INSERT INTO run (label, created_at, profile_id, scheme, estimator, objective, "
        "deadline_s, accuracy_goal, energy_goal_j, period_s, confidence, window_inputs, "
        "paced, seed, kind, trace, environment, energy_source, energy_resolution_s, "
        "data_file, data_hash, machine_id, inputs_planned, finished, doubts, deadline_per) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
        .run(run.label, run.created_at, labelled_id(connection, kProfiles, run.profile), run.scheme,
             run.estimator, name_of(run.objective), run.deadline_s, run.accuracy_goal,
             run.energy_goal_j, run.period_s, run.confidence, run.window, run.paced, run.seed,
             run.kind, run.trace, run.environment, run.energy_source, run.energy_resolution_s,
             run.data_file, run.data_hash, machine_id(connection, run.machine), run.inputs_planned,
             run.finished, join_lines(run.doubts), run.shared ? kPerGroup : kPerInput);
    return connection.last_id();
}

std::string runs_where(std::string_view condition) {
    return fmt::format(
        "SELECT r.id, r.label, r.created_at, p.label, r.scheme, r.estimator, r.objective, "
        "r.deadline_s, r.accuracy_goal, r.energy_goal_j, r.period_s, r.confidence, "
        "r.window_inputs, r.paced, r.seed, r.kind, r.trace, r.environment, r.energy_source, "
        "r.energy_resolution_s, r.data_file, r.data_hash, m.hostname, m.cpu, m.kernel, "
        "m.libtorch_version, "
        "m.alert_version, m.cores, m.memory_bytes, m.system_id, "
        "r.inputs_planned, r.finished, r.doubts, r.deadline_per FROM run r JOIN profile p ON p.id "
        "= r.profile_id "
        "JOIN machine m ON m.id = r.machine_id WHERE {} ORDER BY r.id",
        condition);
}

std::vector<RunRow> read_runs(Statement& statement) {
    std::vector<RunRow> runs;
    while (statement.step()) {
        RunRow& r = runs.emplace_back();
        std::string objective;
        std::string doubts, deadline_per;
        statement.read(r.id, r.label, r.created_at, r.profile, r.scheme, r.estimator, objective,
                       r.deadline_s, r.accuracy_goal, r.energy_goal_j, r.period_s, r.confidence,
                       r.window, r.paced, r.seed, r.kind, r.trace, r.environment, r.energy_source,
                       r.energy_resolution_s, r.data_file, r.data_hash, r.machine.hostname,
                       r.machine.cpu, r.machine.kernel, r.machine.libtorch_version,
                       r.machine.alert_version, r.machine.cores, r.machine.memory_bytes,
                       r.machine.system_id, r.inputs_planned, r.finished, doubts, deadline_per);
        r.shared = deadline_per == kPerGroup;
        r.objective = objective_of(objective);
        r.doubts = split_lines(doubts);
    }
    return runs;
}

RunRow Store::add_run(RunRow run) {
    Transaction transaction(*impl_->connection);
    run.id = insert_run(*impl_->connection, run);
    transaction.commit();
    return run;
}

void Store::finish_run(std::int64_t run_id, std::span<const std::string> doubts) {
    const Connection& connection = *impl_->connection;
    Transaction transaction(connection);
    Statement update(connection,
                     "UPDATE run SET finished = 1, doubts = ? WHERE id = ? RETURNING id");
    update.start(join_lines(doubts), run_id);
    if (!update.step()) {
        fail_without_run(connection, run_id);
    }
    update.finish();
    transaction.commit();
}

void Store::add_inputs(std::int64_t run_id, std::span<const RunInput> inputs) {
    const Connection& connection = *impl_->connection;
    Transaction transaction(connection);
    Statement find(connection, "SELECT profile_id FROM run WHERE id = ?");
    find.start(run_id);
    if (!find.step()) {
        fail_without_run(connection, run_id);
    }
    std::int64_t profile = 0;
    find.read(profile);
    find.finish();
    const Ids models(connection, "model", "SELECT name, id FROM model WHERE profile_id = ?",
                     profile);
    const Ids settings(connection, "power setting",
                       "SELECT name, id FROM power_setting WHERE profile_id = ?", profile);
    Statement add(connection,
                  "INSERT INTO input (run_id, n, model_id, stage, stage_limit, setting_id, "
                  "deadline_s, latency_s, response_s, met_deadline, energy_j, accuracy_expected, "
                  "correct, deadline_probability, xi_mean, xi_std, idle_ratio, decision_s, "
                  "environment, group_id) "
                  "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    for (const RunInput& i : inputs) {
        add.run(run_id, i.n, models.of(i.model), i.stage, i.stage_limit,
                settings.of(i.power_setting), i.deadline_s, i.latency_s, i.response_s,
                i.met_deadline, i.energy_j, i.accuracy_expected, i.correct, i.deadline_probability,
                i.xi_mean, i.xi_std, i.idle_ratio, i.decision_s, i.environment, i.group_id);
    }
    transaction.commit();
}

std::optional<RunRow> Store::find_run(std::int64_t run_id) const {
    Statement statement(*impl_->connection, runs_where("r.id = ?"));
    statement.start(run_id);
    std::vector<RunRow> found = read_runs(statement);
    return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

std::vector<std::int64_t> Store::run_ids(std::optional<std::string_view> label) const {
    Statement statement(*impl_->connection,
                        "SELECT id FROM run WHERE (?1 IS NULL OR label = ?1) AND (id NOT IN "
                        "(SELECT run_id FROM replay) OR EXISTS (SELECT 1 FROM input WHERE run_id = "
                        "run.id)) ORDER BY id");
    statement.start(label);
    std::vector<std::int64_t> ids;
    while (statement.step()) {
        statement.read(ids.emplace_back());
    }
    return ids;
}

std::vector<RunInput> Store::run_inputs(std::int64_t run_id) const {
    Statement statement(*impl_->connection,
                        "SELECT n, model, power_setting, stage, stage_limit, deadline_s, "
                        "latency_s, response_s, met_deadline, energy_j, accuracy_expected, "
                        "correct, deadline_probability, xi_mean, xi_std, idle_ratio, decision_s, "
                        "environment, group_id FROM run_input WHERE run = ? ORDER BY n");
    statement.start(run_id);
    std::vector<RunInput> inputs;
    while (statement.step()) {
        RunInput& i = inputs.emplace_back();
        statement.read(i.n, i.model, i.power_setting, i.stage, i.stage_limit, i.deadline_s,
                       i.latency_s, i.response_s, i.met_deadline, i.energy_j, i.accuracy_expected,
                       i.correct, i.deadline_probability, i.xi_mean, i.xi_std, i.idle_ratio,
                       i.decision_s, i.environment, i.group_id);
    }
    return inputs;
}

RunSummaryRow Store::run_summary(std::int64_t run_id) const {
    Statement statement(*impl_->connection, summaries_where("run = ?"));
    statement.start(run_id);
    const std::vector<RunSummaryRow> found = read_summaries(statement);
    if (found.empty()) {
        fail_without_run(*impl_->connection, run_id);
    }
    return found.front();
}

std::vector<RunSummaryRow> Store::run_summaries(std::optional<std::string_view> label) const {
    Statement statement(*impl_->connection, summaries_where("?1 IS NULL OR label = ?1"));
    statement.start(label);
    return read_summaries(statement);
}

}  // namespace alert::db
