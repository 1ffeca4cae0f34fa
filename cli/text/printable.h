#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

/// Text as a terminal shows it. File names, labels and titles come from outside and may contain
/// anything, so every output (messages, tables, CSV, web pages) passes them through `printable`.
namespace alert::cli {

/// The byte order mark, which some editors put in front of UTF-8.
inline constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

/// One character of a text that should be UTF-8.
struct Character {
    char32_t code = 0;      ///< the code point; the byte itself if not `valid`
    std::size_t bytes = 1;  ///< its length
    bool valid = true;      ///< false: a byte that does not begin a UTF-8 character
};

/// The character that begins at `text[at]`.
Character character_at(std::string_view text, std::size_t at);

/// Whether a terminal would interpret the character instead of showing it: control characters, line
/// and paragraph separators, and marks that change the direction of text.
bool is_control(char32_t code);

/// The text with control characters escaped as "\n", "\x1b" or "\u202e", and bytes that are not
/// UTF-8 as "\xff": one line of valid UTF-8. Idempotent.
std::string printable(std::string_view text);

/// The number of columns that a text takes on a terminal: two for wide characters (CJK, emoji),
/// none for combining ones. According to the C library, in any locale.
int display_width(std::string_view utf8);

/// The text made printable, and cut with … if it takes more columns than `width`.
std::string cut_to(std::string_view text, int width);

/// The text made printable, in lines of at most `width` columns, broken at spaces; a longer word
/// is broken too.
std::vector<std::string> wrapped(std::string_view text, int width);

}  // namespace alert::cli
