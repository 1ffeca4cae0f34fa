#pragma once

#include <span>

#include "db/connection.h"

namespace alert::db {

/// "ALRT": what tells an alert store from any other SQLite file (PRAGMA application_id).
inline constexpr int kApplicationId = 0x414c5254;

/// Step n brings a store of version n to version n + 1; a new version is one more entry. Steps
/// that were released never change.
std::span<const char* const> schema_steps();

/// What a file says of itself.
struct Identity {
    int application_id = 0;
    int version = 0;     ///< PRAGMA user_version
    bool empty = false;  ///< no table at all, as in a new file
};
Identity identify(const Connection& connection);

/// Throws RequestError when the file is another program's or newer than `latest`.
void check_identity(const Connection& connection, const Identity& identity, int latest);

/// Brings an empty or older store up to date, in one transaction; no work when it is.
void migrate(const Connection& connection, std::span<const char* const> steps);

}  // namespace alert::db
