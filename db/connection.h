#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <vector>

#include "db/records.h"

struct sqlite3;
struct sqlite3_stmt;

namespace alert::db {

class Connection;

/// A prepared statement. Values are bound, and a row's columns are read, in order.
class Statement {
   public:
    Statement(const Connection& connection, std::string_view sql);
    ~Statement();
    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;

    /// Executes once with these values and discards rows; can be called again.
    template <typename... T>
    void run(const T&... values) {
        start(values...);
        while (step()) {
        }
    }

    /// Binds these values; the rows follow, one for each step().
    template <typename... T>
    void start(const T&... values) {
        finish();
        int index = 0;
        (bind(++index, values), ...);
    }

    /// Moves to the next row; false if there is none.
    bool step();

    /// Ends the execution before the last row. A statement that writes must end before a commit.
    void finish();

    /// Copies the first columns of the row into the variables; null becomes an empty optional.
    template <typename... T>
    void read(T&... out) const {
        int index = 0;
        (column(index++, out), ...);
    }

    /// The same for the values or variables of a tuple (fields.h).
    template <typename Values>
    void run_with(const Values& values) {
        std::apply([this](const auto&... value) { this->run(value...); }, values);
    }
    template <typename Values>
    void start_with(const Values& values) {
        std::apply([this](const auto&... value) { this->start(value...); }, values);
    }
    template <typename... T>
    void read_into(const std::tuple<T&...>& variables) const {
        std::apply([this](auto&... variable) { this->read(variable...); }, variables);
    }

   private:
    template <typename T>
    void bind(int index, const T& value) {
        if constexpr (std::is_floating_point_v<T>) {
            bind_double(index, value);
        } else if constexpr (std::is_integral_v<T>) {
            bind_int(index, static_cast<std::int64_t>(value));
        } else {
            bind_text(index, value);
        }
    }
    template <typename T>
    void bind(int index, const std::optional<T>& value) {
        if (value) {
            bind(index, *value);
        } else {
            bind_null(index);
        }
    }

    template <typename T>
    void column(int index, T& out) const {
        if constexpr (std::is_same_v<T, bool>) {
            out = get_int(index) != 0;
        } else if constexpr (std::is_floating_point_v<T>) {
            out = get_double(index);
        } else if constexpr (std::is_integral_v<T>) {
            out = static_cast<T>(get_int(index));
        } else {
            out = get_text(index);
        }
    }
    template <typename T>
    void column(int index, std::optional<T>& out) const {
        if (is_null(index)) {
            out.reset();
        } else {
            column(index, out.emplace());
        }
    }

    // An objective is stored as its name, lines as one text.
    void bind(int index, Objective objective);
    void bind(int index, const std::vector<std::string>& lines);
    void column(int index, Objective& out) const;
    void column(int index, std::vector<std::string>& out) const;

    void bind_null(int index);
    void bind_int(int index, std::int64_t value);
    void bind_double(int index, double value);
    void bind_text(int index, std::string_view value);
    bool is_null(int index) const;
    std::int64_t get_int(int index) const;
    double get_double(int index) const;
    std::string get_text(int index) const;

    const Connection& connection_;
    sqlite3_stmt* statement_ = nullptr;
};

/// One open SQLite file. Errors of SQLite become one line with the file and the remedy:
/// RequestError for a file that is not a database or may not be opened, Error otherwise.
class Connection {
   public:
    enum class Access {
        kCreate,
        kReadWrite,  ///< or read-only, if the file is not writable
        kImmutable,  ///< no other process writes it meanwhile; needs no files beside it
    };

    Connection(const std::string& file, Access access);

    const std::string& file() const { return file_; }
    std::int64_t last_id() const;
    /// One or more statements without values.
    void script(const char* sql) const;
    /// Like script(), but returns false if another process holds the file.
    bool script_unless_busy(const char* sql) const;
    [[noreturn]] void fail(int code) const;

   private:
    friend class Statement;
    struct Closer {
        void operator()(sqlite3* handle) const;
    };
    std::string file_;
    std::unique_ptr<sqlite3, Closer> handle_;
};

/// All or nothing: rolled back if it goes out of scope without a commit.
class Transaction {
   public:
    enum class Kind {
        kWrite,  ///< takes the write lock at once: a second writer waits instead of failing later
        kRead,   ///< sees one state of the store, whatever is written meanwhile
    };

    explicit Transaction(const Connection& connection, Kind kind = Kind::kWrite);
    ~Transaction();
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;

    void commit();

   private:
    const Connection& connection_;
    bool open_ = true;
};

}  // namespace alert::db
