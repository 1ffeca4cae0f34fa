#include "db/schema.h"

#include <fmt/format.h>

#include <array>

#include "core/error.h"
#include "db/schema_sql.h"

namespace alert::db {
namespace {

constexpr std::array<const char*, 4> kSteps{kSchemaSql, kSchema2Sql, kSchema3Sql, kSchema4Sql};

int number(const Connection& connection, const char* sql) {
    Statement statement(connection, sql);
    int value = 0;
    if (statement.step()) {
        statement.read(value);
    }
    return value;
}

Identity identify_now(const Connection& connection) {
    return {.application_id = number(connection, "PRAGMA application_id"),
            .version = number(connection, "PRAGMA user_version"),
            .empty = number(connection, "SELECT count(*) FROM sqlite_schema") == 0};
}

}  // namespace

std::span<const char* const> schema_steps() {
    return kSteps;
}

Identity identify(const Connection& connection) {
    // One transaction, so that another process that is just creating the store is seen before or
    // after, not in between.
    const Transaction transaction(connection, Transaction::Kind::kRead);
    return identify_now(connection);
}

void check_identity(const Connection& connection, const Identity& identity, int latest) {
    const bool fresh = identity.empty && identity.application_id == 0;
    if (identity.application_id != kApplicationId && !fresh) {
        throw RequestError(
            fmt::format("{}: an SQLite file of another program, not an alert store; name another "
                        "with --store",
                        connection.file()));
    }
    if (identity.version > latest) {
        throw RequestError(
            fmt::format("store {}: written by a newer alert (store version {}, this one knows up "
                        "to {}); use that alert, or name another store with --store",
                        connection.file(), identity.version, latest));
    }
}

void migrate(const Connection& connection, std::span<const char* const> steps) {
    const int latest = static_cast<int>(steps.size());
    Transaction transaction(connection);
    const Identity identity = identify_now(connection);  // another process may have been faster
    check_identity(connection, identity, latest);
    if (identity.version == latest) {
        return;
    }
    for (const char* step : steps.subspan(static_cast<std::size_t>(identity.version))) {
        connection.script(step);
    }
    connection.script(
        fmt::format("PRAGMA application_id = {}; PRAGMA user_version = {}", kApplicationId, latest)
            .c_str());
    transaction.commit();
}

}  // namespace alert::db
