#include <utility>

#include "db/store_impl.h"

namespace alert::db {

std::vector<std::int64_t> Store::add_replays(std::span<const ReplayRow> replays) {
    const Connection& connection = *impl_->connection;
    Transaction transaction(connection);
    Statement add(connection,
                  "INSERT INTO replay (run_id, inputs, deadline_misses, accuracy, accuracy_error, "
                  "energy_j, energy_over, latency_mean_s, latency_p50_s, latency_p95_s, "
                  "latency_p99_s, violated, groups, groups_late) "
                  "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    std::vector<std::int64_t> ids;
    for (const ReplayRow& r : replays) {
        RunRow run = r.run;
        run.kind = "replay";
        run.finished = true;
        ids.push_back(insert_run(connection, run));
        add.run(ids.back(), r.inputs, r.deadline_misses, r.accuracy, r.accuracy_error, r.energy_j,
                r.energy_over, r.latency_mean_s, r.latency_p50_s, r.latency_p95_s, r.latency_p99_s,
                r.violated, r.groups, r.groups_late);
    }
    transaction.commit();
    return ids;
}

std::vector<ReplayRow> Store::replays(std::optional<std::string_view> label) const {
    const Connection& connection = *impl_->connection;
    const Transaction transaction(connection, Transaction::Kind::kRead);
    Statement runs(connection, runs_where("r.id IN (SELECT run_id FROM replay) AND "
                                          "(?1 IS NULL OR r.label = ?1)"));
    runs.start(label);
    Statement figures(connection,
                      "SELECT f.inputs, f.deadline_misses, f.accuracy, f.accuracy_error, "
                      "f.energy_j, f.energy_over, f.latency_mean_s, f.latency_p50_s, "
                      "f.latency_p95_s, f.latency_p99_s, f.violated, f.groups, f.groups_late "
                      "FROM replay f JOIN run r ON r.id = f.run_id "
                      "WHERE ?1 IS NULL OR r.label = ?1 ORDER BY r.id");
    figures.start(label);
    std::vector<ReplayRow> replays;
    for (RunRow& run : read_runs(runs)) {
        figures.step();
        ReplayRow& r = replays.emplace_back();
        r.run = std::move(run);
        figures.read(r.inputs, r.deadline_misses, r.accuracy, r.accuracy_error, r.energy_j,
                     r.energy_over, r.latency_mean_s, r.latency_p50_s, r.latency_p95_s,
                     r.latency_p99_s, r.violated, r.groups, r.groups_late);
    }
    return replays;
}

}  // namespace alert::db
