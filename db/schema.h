#pragma once

#include "db/connection.h"

namespace alert::db {

/// "ALR1": what tells an alert store from any other SQLite file (PRAGMA application_id).
inline constexpr int kApplicationId = 0x414c5231;
/// "ALRT": the stores of before the first release, which are not read.
inline constexpr int kApplicationIdBeforeRelease = 0x414c5254;
/// Version of the tables and views (PRAGMA user_version).
inline constexpr int kSchemaVersion = 1;

/// What a file says of itself.
struct Identity {
    int application_id = 0;
    int version = 0;     ///< PRAGMA user_version
    bool empty = false;  ///< no table at all, as in a new file
};
Identity identify(const Connection& connection);

/// Throws RequestError when the file is neither an alert store of this version nor new.
void check_identity(const Connection& connection, const Identity& identity);

/// Makes the tables of a new file, in one transaction; no work when they are there.
void create_schema(const Connection& connection);

}  // namespace alert::db
