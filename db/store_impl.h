#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "db/connection.h"
#include "db/fields.h"
#include "db/store.h"

namespace alert::db {

struct Store::Impl {
    std::unique_ptr<Connection> connection;
};

/// The id of the machine's row, which is added if it does not exist.
std::int64_t machine_id(const Connection& connection, const Machine& machine);

/// Adds the description of a profile or trace to its table; returns its id.
template <class Row>
std::int64_t insert_described(const Connection& connection, std::string_view table,
                              const Row& row) {
    Statement(connection, fmt::format("INSERT INTO {} (machine_id, {}) VALUES (?, {})", table,
                                      columns<Row>(), marks<Row>()))
        .run_with(std::tuple_cat(std::tuple(machine_id(connection, row.machine)), members(row)));
    return connection.last_id();
}

/// All descriptions in the table, or only that with this label, oldest first. Reads only this table
/// and the machines.
template <class Row>
std::vector<Row> read_described(const Connection& connection, std::string_view table,
                                std::optional<std::string_view> label) {
    Statement statement(connection,
                        fmt::format("SELECT d.id, {}, {} FROM {} d JOIN machine m ON m.id = "
                                    "d.machine_id WHERE ?1 IS NULL OR d.label = ?1 ORDER BY d.id",
                                    columns<Row>("d"), columns<Machine>("m"), table));
    statement.start(label);
    std::vector<Row> rows;
    while (statement.step()) {
        Row& row = rows.emplace_back();
        statement.read_into(std::tuple_cat(std::tie(row.id), members(row), members(row.machine)));
    }
    return rows;
}

/// Adds rows that contain the ids they belong to.
template <class Row>
void insert_all(const Connection& connection, std::string_view table, std::span<const Row> rows) {
    Statement add(connection, fmt::format("INSERT INTO {} ({}) VALUES ({})", table, columns<Row>(),
                                          marks<Row>()));
    for (const Row& row : rows) {
        add.run_with(members(row));
    }
}

/// Reads the remaining rows of a statement that selects columns<Row>().
template <class Row>
std::vector<Row> read_all(Statement& statement) {
    std::vector<Row> rows;
    while (statement.step()) {
        statement.read_into(members(rows.emplace_back()));
    }
    return rows;
}

/// Adds the run's row; returns its id.
std::int64_t insert_run(const Connection& connection, const RunRow& run);

/// Throws the RequestError of a run that is not there.
[[noreturn]] void fail_without_run(const Connection& connection, std::int64_t run_id);

/// The query for the runs that satisfy a condition on `r`, the table run, oldest first.
/// read_runs() returns its rows once it is started.
std::string runs_where(std::string_view condition);
std::vector<RunRow> read_runs(Statement& statement);

}  // namespace alert::db
