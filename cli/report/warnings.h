#pragma once

#include <span>
#include <string>
#include <vector>

#include "db/records.h"

/// What makes the numbers of a report doubtful, one line each. The warnings that were stored when
/// the numbers were taken come first; those that follow are seen in the numbers themselves.
namespace alert::cli {

std::vector<std::string> warnings_of(const db::RunRow& run, std::span<const db::RunInput> inputs);

std::vector<std::string> warnings_of(const db::ProfileRow& profile,
                                     std::span<const db::Sample> samples);

}  // namespace alert::cli
