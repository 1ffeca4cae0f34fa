#pragma once

#include <span>
#include <string>
#include <vector>

#include "db/records.h"

/// Why the numbers of a report may be doubtful, one line each: first the warnings that were stored
/// with them, then those that follow from the numbers themselves.
namespace alert::cli {

std::vector<std::string> warnings_of(const db::RunRow& run, std::span<const db::RunInput> inputs);

std::vector<std::string> warnings_of(const db::ProfileRow& profile,
                                     std::span<const db::Sample> samples);

}  // namespace alert::cli
