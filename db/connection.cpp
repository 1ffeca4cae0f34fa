#include "db/connection.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sqlite3.h>

#include <cerrno>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <sstream>

#include "alert/error.h"
#include "db/store.h"

namespace alert::db {
namespace {

constexpr int kBusyTimeoutMs = 5000;

void square_root(sqlite3_context* context, int, sqlite3_value** values) {
    if (sqlite3_value_numeric_type(values[0]) != SQLITE_NULL) {
        sqlite3_result_double(context, std::sqrt(sqlite3_value_double(values[0])));
    }
}

/// The one mathematical function that the views need, as SQLite may be built without it.
int ensure_sqrt(sqlite3* handle) {
    if (sqlite3_compileoption_used("ENABLE_MATH_FUNCTIONS")) {
        return SQLITE_OK;
    }
    return sqlite3_create_function_v2(handle, "sqrt", 1, SQLITE_UTF8 | SQLITE_DETERMINISTIC,
                                      nullptr, square_root, nullptr, nullptr, nullptr);
}

/// A `file:` URI, with characters that would end the path percent-encoded.
std::string uri_of(const std::string& path, std::string_view parameters) {
    std::string uri = "file:";
    for (const char c : path) {
        if (c == '%' || c == '?' || c == '#') {
            uri += fmt::format("%{:02X}", static_cast<unsigned>(c));
        } else {
            uri += c;
        }
    }
    return uri.append(parameters);
}

int open_flags(Connection::Access access) {
    switch (access) {
        case Connection::Access::kCreate:
            return SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
        case Connection::Access::kReadWrite:
            return SQLITE_OPEN_READWRITE;
        case Connection::Access::kImmutable:
            break;
    }
    return SQLITE_OPEN_READONLY;
}

}  // namespace

Statement::Statement(const Connection& connection, std::string_view sql) : connection_(connection) {
    const int code = sqlite3_prepare_v2(connection.handle_.get(), sql.data(),
                                        static_cast<int>(sql.size()), &statement_, nullptr);
    if (code != SQLITE_OK) {
        connection.fail(code);
    }
}

Statement::~Statement() {
    sqlite3_finalize(statement_);
}

bool Statement::step() {
    const int code = sqlite3_step(statement_);
    if (code == SQLITE_ROW) {
        return true;
    }
    if (code != SQLITE_DONE) {
        const int extended = sqlite3_extended_errcode(connection_.handle_.get());
        sqlite3_reset(statement_);
        connection_.fail(extended);
    }
    sqlite3_reset(statement_);
    return false;
}

// sqlite3_reset would only repeat the error that step() has reported.
void Statement::finish() {
    sqlite3_reset(statement_);
}

void Statement::bind(int index, Objective objective) {
    bind_text(index, name_of(objective));
}

void Statement::bind(int index, const std::vector<std::string>& lines) {
    bind_text(index, fmt::format("{}", fmt::join(lines, "\n")));
}

void Statement::column(int index, Objective& out) const {
    out = objective_of(get_text(index));
}

void Statement::column(int index, std::vector<std::string>& out) const {
    out.clear();
    std::istringstream text(get_text(index));
    for (std::string line; std::getline(text, line);) {
        out.push_back(line);
    }
}

void Statement::bind_null(int index) {
    sqlite3_bind_null(statement_, index);
}

void Statement::bind_int(int index, std::int64_t value) {
    sqlite3_bind_int64(statement_, index, value);
}

void Statement::bind_double(int index, double value) {
    sqlite3_bind_double(statement_, index, value);
}

void Statement::bind_text(int index, std::string_view value) {
    // A null pointer would bind NULL instead of an empty text.
    const char* text = value.data() == nullptr ? "" : value.data();
    sqlite3_bind_text(statement_, index, text, static_cast<int>(value.size()), SQLITE_TRANSIENT);
}

bool Statement::is_null(int index) const {
    return sqlite3_column_type(statement_, index) == SQLITE_NULL;
}

std::int64_t Statement::get_int(int index) const {
    return sqlite3_column_int64(statement_, index);
}

double Statement::get_double(int index) const {
    return sqlite3_column_double(statement_, index);
}

std::string Statement::get_text(int index) const {
    const unsigned char* text = sqlite3_column_text(statement_, index);
    const int size = sqlite3_column_bytes(statement_, index);
    return text == nullptr
               ? std::string()
               : std::string(reinterpret_cast<const char*>(text), static_cast<std::size_t>(size));
}

Connection::Connection(const std::string& file, Access access) : file_(file) {
    // An absolute path, so that no name is special to SQLite (":memory:").
    const std::string path = std::filesystem::absolute(file).string();
    const std::string uri =
        uri_of(path, access == Access::kImmutable ? "?immutable=1" : std::string_view());
    sqlite3* handle = nullptr;
    int code = sqlite3_open_v2(uri.c_str(), &handle, open_flags(access) | SQLITE_OPEN_URI, nullptr);
    handle_.reset(handle);
    if (code == SQLITE_OK) {
        sqlite3_extended_result_codes(handle, 1);
        sqlite3_busy_timeout(handle, kBusyTimeoutMs);
        code = ensure_sqrt(handle);
    }
    if (code != SQLITE_OK) {
        fail(code);
    }
}

void Connection::Closer::operator()(sqlite3* handle) const {
    sqlite3_close_v2(handle);
}

std::int64_t Connection::last_id() const {
    return sqlite3_last_insert_rowid(handle_.get());
}

void Connection::script(const char* sql) const {
    const int code = sqlite3_exec(handle_.get(), sql, nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) {
        fail(code);
    }
}

bool Connection::script_unless_busy(const char* sql) const {
    const int code = sqlite3_exec(handle_.get(), sql, nullptr, nullptr, nullptr);
    if ((code & 0xff) == SQLITE_BUSY) {
        return false;
    }
    if (code != SQLITE_OK) {
        fail(code);
    }
    return true;
}

void Connection::fail(int code) const {
    const std::string reported = sqlite3_errmsg(handle_.get());
    const int cause = sqlite3_system_errno(handle_.get());
    switch (code & 0xff) {
        case SQLITE_NOTADB:
            throw RequestError(fmt::format(
                "{}: not an alert store (not even an SQLite file); name another with --store",
                file_));
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            throw Busy(fmt::format(
                "store {}: another process has held it for more than {} s; let it finish, or name "
                "another store with --store",
                file_, kBusyTimeoutMs / 1000));
        case SQLITE_FULL:
            throw Error(fmt::format(
                "store {}: the disk is full; free some space and run the command again (what was "
                "stored before is safe)",
                file_));
        case SQLITE_CORRUPT:
            throw Error(fmt::format(
                "store {}: the file is damaged; put a copy in its place or name another with "
                "--store (docs/store.md says how to save what can still be read)",
                file_));
        case SQLITE_READONLY:
            throw RequestError(fmt::format(
                "store {}: it is read-only; make it and its folder writable, or name another with "
                "--store",
                file_));
        case SQLITE_CANTOPEN:
        case SQLITE_PERM:
        case SQLITE_AUTH:
            throw RequestError(fmt::format(
                "store {}: cannot be opened ({}); check the permissions of the file and its "
                "folder, or name another with --store",
                file_, cause != 0 ? std::strerror(cause) : reported));
        case SQLITE_IOERR:
            throw Error(fmt::format(
                "store {}: reading or writing it failed ({}); check its disk, quota and file size "
                "limit, or name another store with --store",
                file_, reported));
        case SQLITE_CONSTRAINT:
            if (code == SQLITE_CONSTRAINT_PRIMARYKEY || code == SQLITE_CONSTRAINT_UNIQUE) {
                throw Error(fmt::format(
                    "store {}: another alert has stored the same in the meantime ({}); let it "
                    "finish, and run the command again",
                    file_, reported));
            }
            [[fallthrough]];
        default:
            throw Error(fmt::format("store {}: {}", file_, reported));
    }
}

Transaction::Transaction(const Connection& connection, Kind kind) : connection_(connection) {
    connection_.script(kind == Kind::kWrite ? "BEGIN IMMEDIATE" : "BEGIN");
}

Transaction::~Transaction() {
    if (open_) {
        // After some failures SQLite has already rolled back, and reports that there is no
        // transaction; that is fine.
        try {
            connection_.script("ROLLBACK");
        } catch (const Error&) {
        }
    }
}

void Transaction::commit() {
    connection_.script("COMMIT");
    open_ = false;
}

}  // namespace alert::db
