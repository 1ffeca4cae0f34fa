#pragma once

#include <cerrno>
#include <charconv>
#include <cstdint>
#include <string_view>

#include "tests/power/live_files.h"

namespace alert::test {

/// What was written, without the end of its line.
inline std::string_view line_of(std::string_view text) {
    return text.ends_with('\n') ? text.substr(0, text.size() - 1) : text;
}

/// A number as the kernel takes it: decimal, perhaps with a plus, else EINVAL.
inline std::uint64_t kernel_number(std::string_view text) {
    std::string_view line = line_of(text);
    line.remove_prefix(line.starts_with('+') ? 1 : 0);
    std::uint64_t number = 0;
    const auto [end, failure] = std::from_chars(line.data(), line.data() + line.size(), number);
    if (failure != std::errc() || end != line.data() + line.size()) {
        throw Refusal{EINVAL};
    }
    return number;
}

}  // namespace alert::test
