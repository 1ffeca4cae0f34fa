#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace alert::cli {

/// The edit distance of two words: letters added, left out or changed, or two neighbours swapped
/// (Damerau-Levenshtein, optimal string alignment).
std::size_t slips_between(std::string_view a, std::string_view b);

/// " (did you mean --deadline?)" with the candidate closest to a wrong word; "" if none is close.
std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace alert::cli
