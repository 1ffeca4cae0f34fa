#include "cli/text/printable.h"

#include <fmt/format.h>
#include <locale.h>
#include <wchar.h>

#include <algorithm>
#include <array>

namespace alert::cli {
namespace {

constexpr std::string_view kEllipsis = "…";

/// While it lives, makes the C library treat characters as Unicode, on this thread only, in any
/// locale. "C.UTF-8" is part of glibc since 2.35; without it, widths are those of the user's
/// locale.
class UnicodeLocale {
   public:
    UnicodeLocale() {
        static const locale_t unicode = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
        if (unicode != nullptr) {
            before_ = uselocale(unicode);
        }
    }
    ~UnicodeLocale() {
        if (before_ != nullptr) {
            uselocale(before_);
        }
    }
    UnicodeLocale(const UnicodeLocale&) = delete;
    UnicodeLocale& operator=(const UnicodeLocale&) = delete;

   private:
    locale_t before_ = nullptr;
};

/// Characters unknown to the C library are shown as a mark of one column. Call under a
/// UnicodeLocale.
int columns_of(const Character& character) {
    if (character.valid && is_control(character.code)) {
        return 0;
    }
    const int columns = character.valid ? wcwidth(static_cast<wchar_t>(character.code)) : 1;
    return columns < 0 ? 1 : columns;
}

/// The end of what fits into `width` columns from `begin` on, combining characters included.
std::size_t end_of_fitting(std::string_view text, std::size_t begin, int width) {
    const UnicodeLocale unicode;
    std::size_t end = begin;
    for (int columns = 0; end < text.size();) {
        const Character next = character_at(text, end);
        columns += columns_of(next);
        if (columns > width) {
            break;
        }
        end += next.bytes;
    }
    return end;
}

/// Where to break a text that is too long for `width` columns: after the last word that fits.
std::size_t break_at(std::string_view text, int width) {
    const std::size_t end = end_of_fitting(text, 0, width);
    const bool within_word = end < text.size() && text[end] != ' ';
    const std::size_t space = text.substr(0, end).rfind(' ');
    if (within_word && space != std::string_view::npos && space > 0) {
        return space;
    }
    return end > 0 ? end : character_at(text, 0).bytes;  // narrower than one character
}

std::string escaped(const Character& character) {
    switch (character.code) {
        case U'\n':
            return "\\n";
        case U'\r':
            return "\\r";
        case U'\t':
            return "\\t";
        default:
            return character.code <= 0xff
                       ? fmt::format("\\x{:02x}", static_cast<unsigned>(character.code))
                       : fmt::format("\\u{:04x}", static_cast<unsigned>(character.code));
    }
}

}  // namespace

// Well-formed sequences as in table 3-7 of the Unicode standard: no overlong forms, no surrogates.
Character character_at(std::string_view text, std::size_t at) {
    const auto byte = [&](std::size_t i) {
        return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
    };
    const unsigned lead = byte(at);
    if (lead < 0x80) {
        return {lead, 1, true};
    }
    const Character invalid{lead, 1, false};
    const std::size_t bytes = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (lead < 0xc2 || lead > 0xf4) {
        return invalid;
    }
    char32_t code = lead & (0x7fU >> bytes);
    for (std::size_t i = 1; i < bytes; ++i) {
        if ((byte(at + i) & 0xc0U) != 0x80) {
            return invalid;
        }
        code = code << 6U | (byte(at + i) & 0x3fU);
    }
    constexpr std::array<char32_t, 5> kLeast = {0, 0, 0x80, 0x800, 0x10000};
    const bool surrogate = code >= 0xd800 && code <= 0xdfff;
    return code < kLeast[bytes] || code > 0x10ffff || surrogate ? invalid
                                                                : Character{code, bytes, true};
}

bool is_control(char32_t code) {
    return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x61c || code == 0x200e ||
           code == 0x200f || (code >= 0x2028 && code <= 0x202e) ||
           (code >= 0x2066 && code <= 0x2069);
}

std::string printable(std::string_view text) {
    std::string shown;
    shown.reserve(text.size());
    for (std::size_t i = 0; i < text.size();) {
        const Character next = character_at(text, i);
        if (!next.valid || is_control(next.code)) {
            shown += escaped(next);
        } else {
            shown += text.substr(i, next.bytes);
        }
        i += next.bytes;
    }
    return shown;
}

int display_width(std::string_view utf8) {
    const UnicodeLocale unicode;
    int columns = 0;
    for (std::size_t i = 0; i < utf8.size();) {
        const Character next = character_at(utf8, i);
        columns += columns_of(next);
        i += next.bytes;
    }
    return columns;
}

std::string cut_to(std::string_view text, int width) {
    std::string shown = printable(text);
    if (display_width(shown) > width) {
        shown.resize(end_of_fitting(shown, 0, std::max(0, width - 1)));
        shown += kEllipsis;
    }
    return shown;
}

std::vector<std::string> wrapped(std::string_view text, int width) {
    const std::string shown = printable(text);
    std::string_view rest = shown;
    std::vector<std::string> lines;
    width = std::max(width, 1);
    while (display_width(rest) > width) {
        const std::size_t end = break_at(rest, width);
        lines.emplace_back(rest.substr(0, end));
        rest.remove_prefix(end);
        rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
    }
    if (!rest.empty() || lines.empty()) {
        lines.emplace_back(rest);
    }
    return lines;
}

}  // namespace alert::cli
