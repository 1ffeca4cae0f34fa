#include "db/open.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <system_error>
#include <thread>

#include "alert/error.h"
#include "db/schema.h"

namespace alert::db {
namespace {

namespace fs = std::filesystem;

bool allowed(const fs::path& path, int how) {
    return ::faccessat(AT_FDCWD, path.c_str(), how, AT_EACCESS) == 0;
}

fs::path folder_of(const fs::path& file) {
    return fs::absolute(file).parent_path();
}

/// Throws errors that SQLite would only call "unable to open database file". Returns whether the
/// file exists.
bool check_path(const fs::path& file) {
    std::error_code error;
    const fs::file_status status = fs::status(file, error);
    if (status.type() == fs::file_type::not_found) {
        return false;
    }
    if (status.type() == fs::file_type::none) {
        throw RequestError(
            fmt::format("store {}: {}; check its folders, or name another with "
                        "--store",
                        file.string(), error.message()));
    }
    if (!fs::is_regular_file(status)) {
        throw RequestError(fmt::format("store {}: {}; name a file with --store", file.string(),
                                       fs::is_directory(status) ? "is a folder" : "is not a file"));
    }
    if (!allowed(file, R_OK)) {
        throw RequestError(
            fmt::format("store {0}: no permission to read it; get it (chmod u+r "
                        "{0}), or name another with --store",
                        file.string()));
    }
    return true;
}

void check_writable(const fs::path& file, bool exists) {
    const fs::path folder = folder_of(file);
    std::error_code ignored;
    if (!fs::exists(folder, ignored)) {
        throw RequestError(
            fmt::format("store {}: the folder {} does not exist; make it, or name "
                        "another store with --store",
                        file.string(), folder.string()));
    }
    if (exists && !allowed(file, W_OK)) {
        throw RequestError(
            fmt::format("store {0}: it is read-only; make it writable (chmod u+w "
                        "{0}), or name another with --store",
                        file.string()));
    }
    if (!allowed(folder, W_OK | X_OK)) {
        throw RequestError(
            fmt::format("store {}: no permission to write in the folder {}; get "
                        "it, or name another store with --store",
                        file.string(), folder.string()));
    }
}

/// Switching to WAL does not wait by itself for another process that is creating the same store.
void use_wal(const Connection& connection) {
    constexpr auto kPause = std::chrono::milliseconds(5);
    constexpr int kTries = 1000;
    for (int i = 0; i < kTries; ++i) {
        if (connection.script_unless_busy("PRAGMA journal_mode = WAL")) {
            return;
        }
        std::this_thread::sleep_for(kPause);
    }
    connection.script("PRAGMA journal_mode = WAL");
}

void check_there(const fs::path& file) {
    if (!check_path(file)) {
        throw RequestError(fmt::format(
            "no store at {}; run `alert profile` first or name one with --store", file.string()));
    }
}

std::unique_ptr<Connection> open_writable(const fs::path& file) {
    check_store_writable(file);
    auto connection = std::make_unique<Connection>(file.string(), Connection::Access::kCreate);
    const Identity identity = identify(*connection);
    check_identity(*connection, identity);
    if (identity.empty) {
        create_schema(*connection);
    }
    use_wal(*connection);
    // In WAL mode, NORMAL preserves every committed transaction if the process dies. A power
    // failure can lose the last ones, but never damages the store.
    connection->script("PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON");
    return connection;
}

/// In WAL mode SQLite creates files beside the store even for reading. If the folder does not
/// permit that, nobody can be writing either, and the file is complete unless a killed writer left
/// its log.
std::unique_ptr<Connection> open_readable(const fs::path& file, Identity& identity) {
    auto connection = std::make_unique<Connection>(file.string(), Connection::Access::kReadWrite);
    const fs::path log = file.string() + "-wal";
    std::error_code ignored;
    const bool log_is_empty = !fs::exists(log, ignored) || fs::file_size(log, ignored) == 0;
    try {
        identity = identify(*connection);
    } catch (const RequestError&) {
        if (allowed(folder_of(file), W_OK)) {
            throw;
        }
        if (!log_is_empty) {
            throw RequestError(fmt::format(
                "store {0}: its folder is read-only, and {0}-wal holds what was stored last; copy "
                "both to a folder that can be written and name the copy with --store: cp {0} "
                "{0}-wal FOLDER",
                file.string()));
        }
        connection = std::make_unique<Connection>(file.string(), Connection::Access::kImmutable);
        identity = identify(*connection);
    }
    return connection;
}

std::unique_ptr<Connection> open_for_reading(const fs::path& file) {
    check_there(file);
    Identity identity;
    auto connection = open_readable(file, identity);
    check_identity(*connection, identity);
    if (identity.empty) {
        throw RequestError(fmt::format(
            "store {}: it is empty; run `alert profile` first or name another with --store",
            file.string()));
    }
    connection->script("PRAGMA query_only = ON");
    return connection;
}

}  // namespace

void check_store_writable(const fs::path& file) {
    check_writable(file, check_path(file));
}

std::unique_ptr<Connection> open_store(const fs::path& file, Store::Mode mode) {
    if (mode == Store::Mode::kRead) {
        return open_for_reading(file);
    }
    if (mode == Store::Mode::kExisting) {
        check_there(file);
    }
    return open_writable(file);
}

}  // namespace alert::db
