#include "db/schema.h"

#include <fmt/format.h>

#include "alert/error.h"
#include "db/schema_sql.h"

namespace alert::db {
namespace {

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

Identity identify(const Connection& connection) {
    // One transaction, so that a store that another process is creating is not seen half
    // finished.
    const Transaction transaction(connection, Transaction::Kind::kRead);
    return identify_now(connection);
}

void check_identity(const Connection& connection, const Identity& identity) {
    if (identity.application_id == 0 && identity.empty) {
        return;
    }
    if (identity.application_id == kApplicationIdBeforeRelease) {
        throw RequestError(
            fmt::format("store {}: made before alert's first release, in tables that are no longer "
                        "read; name another with --store and profile again",
                        connection.file()));
    }
    if (identity.application_id != kApplicationId) {
        throw RequestError(
            fmt::format("{}: an SQLite file of another program, not an alert store; name another "
                        "with --store",
                        connection.file()));
    }
    if (identity.version != kSchemaVersion) {
        throw RequestError(
            fmt::format("store {}: of another alert (store version {}, this one knows {}); use the "
                        "alert that made it, or name another store with --store",
                        connection.file(), identity.version, kSchemaVersion));
    }
}

void create_schema(const Connection& connection) {
    Transaction transaction(connection);
    const Identity identity = identify_now(connection);  // another process may have been faster
    check_identity(connection, identity);
    if (identity.application_id == kApplicationId) {
        return;
    }
    connection.script(kSchemaSql);
    connection.script(fmt::format("PRAGMA application_id = {}; PRAGMA user_version = {}",
                                  kApplicationId, kSchemaVersion)
                          .c_str());
    transaction.commit();
}

}  // namespace alert::db
