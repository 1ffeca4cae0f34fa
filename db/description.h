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
    std::string_view owner;  ///< the column of models and settings that refers to it
    std::string_view verb;   ///< the command that creates one
};
inline constexpr Kept kProfiles{"profile", "profile_id", "alert profile"};
inline constexpr Kept kTraces{"trace", "trace_id", "alert trace"};

/// The id of the profile or trace with this label. Throws RequestError that lists the labels.
std::int64_t labelled_id(const Connection& connection, const Kept& kept, std::string_view label);

/// Throws RequestError if the label is in use.
void check_unused(const Connection& connection, const Kept& kept, std::string_view label);

/// Renames the one with this label to LABEL~1, LABEL~2, ...; returns the new label.
std::string retire(const Connection& connection, const Kept& kept, std::string_view label);

/// Adds the rows without an id and sets their ids; updates those with one.
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
