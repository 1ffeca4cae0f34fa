#pragma once

#include <filesystem>
#include <memory>

#include "db/connection.h"
#include "db/store.h"

namespace alert::db {

/// Throws RequestError if the file cannot be created or written; changes nothing.
void check_store_writable(const std::filesystem::path& file);

/// Opens the file as a store, ready for use. Throws an error of one line that says why it cannot.
std::unique_ptr<Connection> open_store(const std::filesystem::path& file, Store::Mode mode);

}  // namespace alert::db
