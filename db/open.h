#pragma once

#include <filesystem>
#include <memory>

#include "db/connection.h"
#include "db/store.h"

namespace alert::db {

/// Throws RequestError where the file cannot be made or written; changes nothing.
void check_store_writable(const std::filesystem::path& file);

/// Opens the file as a store, ready for use, or throws the one line that says why not.
std::unique_ptr<Connection> open_store(const std::filesystem::path& file, Store::Mode mode);

}  // namespace alert::db
