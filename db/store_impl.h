#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "db/connection.h"
#include "db/store.h"

namespace alert::db {

struct Store::Impl {
    std::unique_ptr<Connection> connection;
};

/// The id of this machine's row, which is made if it is not there.
std::int64_t machine_id(const Connection& connection, const Machine& machine);

/// Adds the run's row; returns its id.
std::int64_t insert_run(const Connection& connection, const RunRow& run);

/// The query for runs, oldest first, that a condition on `r`, the table run, lets through; and its
/// rows, once it is started.
std::string runs_where(std::string_view condition);
std::vector<RunRow> read_runs(Statement& statement);

/// Doubts are stored as one text, one a line.
std::string join_lines(std::span<const std::string> lines);
std::vector<std::string> split_lines(const std::string& text);

}  // namespace alert::db
