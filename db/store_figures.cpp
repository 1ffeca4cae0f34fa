#include <utility>

#include "db/store_impl.h"

namespace alert::db {
namespace {

RunRow run_with(const Connection& connection, std::int64_t run_id) {
    Statement statement(connection, runs_where("r.id = ?"));
    statement.start(run_id);
    std::vector<RunRow> found = read_runs(statement);
    if (found.empty()) {
        fail_without_run(connection, run_id);
    }
    return std::move(found.front());
}

/// From the inputs that are stored.
RunFigures computed_figures(const Connection& connection, std::int64_t run_id) {
    const RunRow run = run_with(connection, run_id);
    Statement profile(connection, "SELECT fail_accuracy FROM profile WHERE label = ?");
    profile.start(run.profile);
    profile.step();
    double fail_accuracy = 0;
    profile.read(fail_accuracy);

    Statement inputs(connection,
                     "SELECT met_deadline, correct, energy_j, latency_s, group_id FROM input "
                     "WHERE run_id = ? ORDER BY n");
    inputs.start(run_id);
    RunTally tally(fail_accuracy);
    while (inputs.step()) {
        CountedInput input;
        inputs.read(input.met_deadline, input.correct, input.energy_j, input.latency_s,
                    input.group);
        tally.add(input);
    }
    return tally.figures(goal_of(run), run.miss_limit);
}

void store_figures(const Connection& connection, std::int64_t run_id, const RunFigures& figures) {
    Statement(connection, fmt::format("INSERT OR REPLACE INTO run_figures (run_id, {}) "
                                      "VALUES (?, {})",
                                      columns<RunFigures>(), marks<RunFigures>()))
        .run_with(std::tuple_cat(std::tie(run_id), members(figures)));
}

void end_run(const Connection& connection, std::int64_t run_id, bool finished,
             std::span<const std::string> warnings) {
    // Before the store is locked: nobody else adds inputs to this run.
    const RunFigures figures = computed_figures(connection, run_id);
    Transaction transaction(connection);
    Statement(connection, "UPDATE run SET finished = ?, warnings = ? WHERE id = ?")
        .run(finished, std::vector(warnings.begin(), warnings.end()), run_id);
    store_figures(connection, run_id, figures);
    transaction.commit();
}

/// Rows of run_summary; figures that are not stored are computed.
std::vector<RunSummaryRow> read_summaries(const Connection& connection, Statement& statement) {
    std::vector<RunSummaryRow> rows;
    while (statement.step()) {
        RunSummaryRow& row = rows.emplace_back();
        bool stored = false;
        statement.read_into(std::tuple_cat(std::tie(stored), members(row)));
        if (!stored) {
            static_cast<RunFigures&>(row) = computed_figures(connection, row.run);
        }
    }
    return rows;
}

std::string summaries_where(std::string_view condition) {
    return fmt::format(
        "SELECT run IN (SELECT run_id FROM run_figures), {} FROM run_summary WHERE {} ORDER BY run",
        columns<RunSummaryRow>(), condition);
}

}  // namespace

void Store::finish_run(std::int64_t run_id, std::span<const std::string> warnings) {
    end_run(*impl_->connection, run_id, true, warnings);
}

void Store::interrupt_run(std::int64_t run_id, std::span<const std::string> warnings) {
    end_run(*impl_->connection, run_id, false, warnings);
}

RunSummaryRow Store::run_summary(std::int64_t run_id) const {
    const Connection& connection = *impl_->connection;
    const Transaction transaction(connection, Transaction::Kind::kRead);
    Statement statement(connection, summaries_where("run = ?"));
    statement.start(run_id);
    const auto found = read_summaries(connection, statement);
    if (found.empty()) {
        fail_without_run(connection, run_id);
    }
    return found.front();
}

std::vector<RunSummaryRow> Store::run_summaries(std::optional<std::string_view> label) const {
    const Connection& connection = *impl_->connection;
    const Transaction transaction(connection, Transaction::Kind::kRead);
    Statement statement(connection, summaries_where("?1 IS NULL OR label = ?1"));
    statement.start(label);
    return read_summaries(connection, statement);
}

std::vector<std::int64_t> Store::add_replays(std::span<const RunResult> replays) {
    const Connection& connection = *impl_->connection;
    Transaction transaction(connection);
    std::vector<std::int64_t> ids;
    for (const RunResult& replay : replays) {
        RunRow run = replay.run;
        run.kind = "replay";
        run.finished = true;
        ids.push_back(insert_run(connection, run));
        store_figures(connection, ids.back(), replay);
    }
    transaction.commit();
    return ids;
}

std::vector<RunResult> Store::results(std::optional<std::string_view> label) const {
    const Connection& connection = *impl_->connection;
    const Transaction transaction(connection, Transaction::Kind::kRead);
    constexpr std::string_view kMeant = "r.finished AND (?1 IS NULL OR r.label = ?1)";
    Statement runs(connection, runs_where(fmt::format(
                                   "{} AND r.id IN (SELECT run_id FROM run_figures)", kMeant)));
    runs.start(label);
    Statement figures(connection,
                      fmt::format("SELECT {} FROM run_figures f JOIN run r ON r.id = f.run_id "
                                  "WHERE {} ORDER BY r.id",
                                  columns<RunFigures>("f"), kMeant));
    figures.start(label);
    std::vector<RunResult> results;
    for (RunRow& run : read_runs(runs)) {
        figures.step();
        RunResult& result = results.emplace_back();
        result.run = std::move(run);
        figures.read_into(members<RunFigures>(result));
    }
    return results;
}

}  // namespace alert::db
