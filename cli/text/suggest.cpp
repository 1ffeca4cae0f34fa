#include "cli/text/suggest.h"

#include <fmt/format.h>

#include <algorithm>

namespace alert::cli {

std::size_t slips_between(std::string_view a, std::string_view b) {
    const std::size_t width = b.size() + 1;
    std::vector<std::size_t> slips((a.size() + 1) * width);
    const auto at = [&](std::size_t i, std::size_t j) -> std::size_t& {
        return slips[i * width + j];
    };
    for (std::size_t i = 0; i <= a.size(); ++i) {
        for (std::size_t j = 0; j <= b.size(); ++j) {
            if (i == 0 || j == 0) {
                at(i, j) = i + j;
                continue;
            }
            const std::size_t change = a[i - 1] == b[j - 1] ? 0 : 1;
            at(i, j) = std::min({at(i - 1, j) + 1, at(i, j - 1) + 1, at(i - 1, j - 1) + change});
            const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if (swapped) {
                at(i, j) = std::min(at(i, j), at(i - 2, j - 2) + 1);
            }
        }
    }
    return at(a.size(), b.size());
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates) {
    // One edit in three letters is a typing error; more is another word. A word that is cut short
    // counts as one edit.
    const std::size_t allowed = std::max<std::size_t>(1, word.size() / 3);
    const std::string* nearest = nullptr;
    std::size_t least = allowed + 1;
    for (const std::string& candidate : candidates) {
        const bool cut_short = word.size() >= 3 && candidate.starts_with(word);
        const std::size_t slips = cut_short ? 1 : slips_between(word, candidate);
        if (slips < least && slips < candidate.size()) {
            least = slips;
            nearest = &candidate;
        }
    }
    return nearest == nullptr ? "" : fmt::format(" (did you mean {}?)", *nearest);
}

}  // namespace alert::cli
