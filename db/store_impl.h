#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "db/connection.h"
#include "db/store.h"

namespace alert::db {

struct Store::Impl {
    std::unique_ptr<Connection> connection;
};

/// The id of this machine's row, which is made if it is not there.
std::int64_t machine_id(const Connection& connection, const Machine& machine);

/// The id of the profile, or RequestError that lists the labels there are.
std::int64_t profile_id(const Connection& connection, std::string_view label);

/// Doubts are stored as one text, one a line.
std::string join_lines(std::span<const std::string> lines);
std::vector<std::string> split_lines(const std::string& text);

}  // namespace alert::db
