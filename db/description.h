#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "db/connection.h"
#include "db/records.h"

/// What profiles and traces have in common: a unique label, models and power settings.
namespace alert::db {

/// One of the two kinds.
struct Kept {
    std::string_view table;
    std::string_view owner;  ///< the column of models and settings that points at it
    std::string_view verb;   ///< the command that makes one
};
inline constexpr Kept kProfiles{"profile", "profile_id", "alert profile"};
inline constexpr Kept kTraces{"trace", "trace_id", "alert trace"};

/// The id of what has the label, or RequestError that lists the labels there are.
std::int64_t labelled_id(const Connection& connection, const Kept& kept, std::string_view label);

/// Throws RequestError where the label is taken.
void check_unused(const Connection& connection, const Kept& kept, std::string_view label);

/// Renames what has the label to LABEL~1, LABEL~2, ...; returns the new label.
std::string retire(const Connection& connection, const Kept& kept, std::string_view label);

/// Adds the rows without an id, which they then have, and changes those with one.
void store_models(const Connection& connection, const Kept& kept, std::int64_t owner,
                  std::vector<ModelRow>& models);
void store_settings(const Connection& connection, const Kept& kept, std::int64_t owner,
                    std::vector<PowerSettingRow>& settings);

/// In the order of their positions.
std::vector<ModelRow> read_models(const Connection& connection, const Kept& kept,
                                  std::int64_t owner);
std::vector<PowerSettingRow> read_settings(const Connection& connection, const Kept& kept,
                                           std::int64_t owner);

}  // namespace alert::db
