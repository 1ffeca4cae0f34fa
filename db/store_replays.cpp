#include <utility>

#include "db/store_impl.h"

namespace alert::db {

std::vector<std::int64_t> Store::add_replays(std::span<const ReplayRow> replays) {
    const Connection& connection = *impl_->connection;
    Transaction transaction(connection);
    Statement add(connection, fmt::format("INSERT INTO replay (run_id, {}) VALUES (?, {})",
                                          columns<ReplayRow>(), marks<ReplayRow>()));
    std::vector<std::int64_t> ids;
    for (const ReplayRow& r : replays) {
        RunRow run = r.run;
        run.kind = "replay";
        run.finished = true;
        ids.push_back(insert_run(connection, run));
        add.run_with(std::tuple_cat(std::tie(ids.back()), members(r)));
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
                      fmt::format("SELECT {} FROM replay f JOIN run r ON r.id = f.run_id "
                                  "WHERE ?1 IS NULL OR r.label = ?1 ORDER BY r.id",
                                  columns<ReplayRow>("f")));
    figures.start(label);
    std::vector<ReplayRow> replays;
    for (RunRow& run : read_runs(runs)) {
        figures.step();
        ReplayRow& r = replays.emplace_back();
        r.run = std::move(run);
        figures.read_into(members(r));
    }
    return replays;
}

}  // namespace alert::db
