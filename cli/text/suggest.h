#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace alert::cli {

/// Slips between two words: a letter added, left out, changed, or two neighbours swapped
/// (Damerau-Levenshtein, optimal string alignment).
std::size_t slips_between(std::string_view a, std::string_view b);

/// " (did you mean --deadline?)" for the candidate nearest to a wrong word; "" when none is near.
std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace alert::cli
