#pragma once

#include "db/connection.h"

namespace alert::db {

/// "ALR1": distinguishes an alert store from other SQLite files (PRAGMA application_id).
inline constexpr int kApplicationId = 0x414c5231;
/// "ALRT": stores from before the first release, which are refused.
inline constexpr int kApplicationIdBeforeRelease = 0x414c5254;
/// Version of the tables and views (PRAGMA user_version).
inline constexpr int kSchemaVersion = 1;

/// How a file identifies itself.
struct Identity {
    int application_id = 0;
    int version = 0;     ///< PRAGMA user_version
    bool empty = false;  ///< no table at all, as in a new file
};
Identity identify(const Connection& connection);

/// Throws RequestError if the file is neither an alert store of this version nor new.
void check_identity(const Connection& connection, const Identity& identity);

/// Creates the tables of a new file, in one transaction; does nothing if they exist.
void create_schema(const Connection& connection);

}  // namespace alert::db
