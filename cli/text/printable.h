#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

/// Text as a terminal shows it. Names of files, labels and titles come from outside and may hold
/// anything: every outlet (messages, tables, CSV, web pages) passes them through `printable`.
namespace alert::cli {

/// What some editors put in front of UTF-8, meaning nothing.
inline constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

/// One character of a text that should be UTF-8.
struct Character {
    char32_t code = 0;      ///< the code point; the byte itself where `valid` is false
    std::size_t bytes = 1;  ///< that it takes
    bool valid = true;      ///< false: a byte that begins no character of UTF-8
};

/// The character that begins at `text[at]`.
Character character_at(std::string_view text, std::size_t at);

/// Whether a terminal would obey the character instead of showing it: control characters, line
/// and paragraph separators, and marks that turn the direction of the text around them.
bool is_control(char32_t code);

/// The text with control characters written as "\n", "\x1b" or "\u202e", and bytes that are no
/// UTF-8 as "\xff": one line that is UTF-8 and shows what is there. Applied twice, it changes
/// nothing more.
std::string printable(std::string_view text);

/// Columns that a text takes on a terminal: two for wide characters (CJK, emoji), none for
/// combining ones. As the C library knows them, whatever locale is set.
int display_width(std::string_view utf8);

/// The text made printable, and cut with … when it takes more columns than `width`.
std::string cut_to(std::string_view text, int width);

/// The text made printable, in lines of at most `width` columns, broken at spaces; a longer word
/// is broken too.
std::vector<std::string> wrapped(std::string_view text, int width);

}  // namespace alert::cli
