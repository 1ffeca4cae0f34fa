#include "cli/text/printable.h"

#include <clocale>

#include "tests/support/catch.h"

using namespace alert::cli;

TEST_CASE("control characters and bytes that are no UTF-8 are written out") {
    CHECK(printable("plain, résumé, 网络, 🚀") == "plain, résumé, 网络, 🚀");
    CHECK(printable("a\nb\r\tc") == "a\\nb\\r\\tc");
    CHECK(printable("\x1b[31mred\x1b]0;title\x07\x7f") == "\\x1b[31mred\\x1b]0;title\\x07\\x7f");
    CHECK(printable(std::string_view("a\0b", 3)) == "a\\x00b");
    // C1 controls, which some terminals obey: U+009B is CSI.
    CHECK(printable("\xc2\x9b"
                    "31m") == "\\x9b31m");
    // Marks that turn the direction of the text around them, and line separators.
    CHECK(printable("a\u202eb\u2066c\u200fd\u2028e") == "a\\u202eb\\u2066c\\u200fd\\u2028e");
    // Bytes alone, an overlong '/', a surrogate, beyond U+10FFFF, and a character cut short.
    CHECK(printable("\xff\xfe") == "\\xff\\xfe");
    CHECK(printable("\xc0\xaf") == "\\xc0\\xaf");
    CHECK(printable("\xed\xa0\x80") == "\\xed\\xa0\\x80");
    CHECK(printable("\xf4\x90\x80\x80") == "\\xf4\\x90\\x80\\x80");
    CHECK(printable("网\xe7\xbd") == "网\\xe7\\xbd");
    CHECK(printable("\x80x") == "\\x80x");
}

TEST_CASE("what is printable stays as it is") {
    for (const char* text : {"", "C:\\new\\x", "a\\nb", "\x1b[0m\n\xff\u202e"}) {
        const std::string once = printable(text);
        CHECK(printable(once) == once);
    }
    CHECK(printable("C:\\new\\x") == "C:\\new\\x");
}

TEST_CASE("the width of text is counted in terminal columns") {
    // Widths of Unicode's EastAsianWidth.txt (W and F are 2) and of combining marks.
    CHECK(display_width("") == 0);
    CHECK(display_width("abc") == 3);
    CHECK(display_width("résumé") == 6);
    CHECK(display_width("e\u0301") == 1);             // combining accent
    CHECK(display_width("\u0928\u0940") == 2);        // Devanagari with a spacing vowel sign
    CHECK(display_width("\u0e19\u0e49\u0e33") == 2);  // Thai with a tone mark above
    CHECK(display_width("\u05d0\u05b8") == 1);        // Hebrew with a point
    CHECK(display_width("网络") == 4);
    CHECK(display_width("ｶﾅ") == 2);    // halfwidth katakana
    CHECK(display_width("ＡＢ") == 4);  // fullwidth Latin
    CHECK(display_width("한국") == 4);
    CHECK(display_width("\u1112\u1161\u11ab") == 2);  // the same syllable, in parts
    CHECK(display_width("🚀") == 2);
    CHECK(display_width("⌚") == 2);  // a wide character below U+3000
    CHECK(display_width("\U00020000") == 2);
    CHECK(display_width("a\u200bb") == 2);  // zero-width space
    CHECK(display_width("—") == 1);
    CHECK(display_width("━╌─") == 3);
}

TEST_CASE("widths are those of Unicode whatever locale is set") {
    REQUIRE(std::setlocale(LC_ALL, "C") != nullptr);
    CHECK(display_width("网络 résumé") == 11);
    CHECK(std::string(std::setlocale(LC_ALL, nullptr)) == "C");
}

TEST_CASE("a text is cut between characters, with what combines with them") {
    CHECK(cut_to("abc", 3) == "abc");
    CHECK(cut_to("abcd", 3) == "ab…");
    CHECK(cut_to("网络", 4) == "网络");
    CHECK(cut_to("网络", 3) == "网…");
    CHECK(cut_to("网络", 2) == "…");  // half a character cannot be shown
    CHECK(cut_to("e\u0301e\u0301e\u0301", 2) == "e\u0301…");
    CHECK(cut_to("a\nb", 4) == "a\\nb");
    CHECK(cut_to("a\nbc", 4) == "a\\n…");
    CHECK(cut_to("abc", 0) == "…");
}

TEST_CASE("a text is wrapped at spaces and made printable before it is counted") {
    using Lines = std::vector<std::string>;
    CHECK(wrapped("网络 网络", 5) == Lines{"网络", "网络"});
    CHECK(wrapped("网络网络", 5) == Lines{"网络", "网络"});
    CHECK(wrapped("\x1b\x1b", 4) == Lines{"\\x1b", "\\x1b"});
    CHECK(wrapped("one\ntwo", 80) == Lines{"one\\ntwo"});
    CHECK(wrapped("网", 1) == Lines{"网"});  // too narrow for even one
    CHECK(wrapped("", 0) == Lines{""});
    CHECK(wrapped("ab", -3) == Lines{"a", "b"});
}
