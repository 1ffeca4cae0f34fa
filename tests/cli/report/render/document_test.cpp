#include "cli/report/render/document.h"

#include <sstream>

#include "cli/report/render/html.h"
#include "cli/text/printable.h"
#include "tests/support/catch.h"

using namespace alert::cli;

namespace {

std::string as_page(const Document& document) {
    std::ostringstream out;
    write_html(out, {&document, 1});
    return out.str();
}

bool holds(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("text is wrapped at spaces and a long word is broken") {
    CHECK(wrapped("one two three", 7) == std::vector<std::string>{"one two", "three"});
    CHECK(wrapped("one", 7) == std::vector<std::string>{"one"});
    CHECK(wrapped("abcdefghij kl", 4) == std::vector<std::string>{"abcd", "efgh", "ij", "kl"});
    CHECK(wrapped("µµµµ µµ", 4) == std::vector<std::string>{"µµµµ", "µµ"});
    CHECK(wrapped("", 4) == std::vector<std::string>{""});
}

TEST_CASE("facts that are too long go on below, under their value") {
    Section section;
    add_fact(section, "data", "0123456789 0123456789");
    add_fact(section, "empty", "");
    Document document{.title = "T", .sections = {section}, .figures = {}};
    std::ostringstream out;
    write_text(out, document, {.width = 18});
    CHECK(out.str() == "T\ndata   0123456789\n       0123456789\n");
}

TEST_CASE("notes are a list with hanging lines") {
    Section section{.heading = "Warnings", .notes = {"one two three", "four"}};
    Document document{.title = "T", .sections = {section}, .figures = {}};
    std::ostringstream out;
    write_text(out, document, {.width = 10});
    CHECK(out.str() == "T\nWarnings\n- one two\n  three\n- four\n");
}

TEST_CASE("a page escapes what names and labels hold") {
    Section section;
    add_fact(section, "data", "<script>alert(\"1\")</script>");
    const std::string page = as_page({.title = "a & b", .sections = {section}, .figures = {}});
    CHECK_FALSE(holds(page, "<script"));
    CHECK(holds(page, "&lt;script&gt;alert(&quot;1&quot;)"));
    CHECK(holds(page, "<title>a &amp; b</title>"));
}

TEST_CASE("a page shows control characters and bytes that are no UTF-8 instead of holding them") {
    Section section{.heading = "a\x1b[1m"};
    add_fact(section, "data", "two\nlines\xff");
    section.table.columns = {{.key = "",
                              .name = "mo\u202e"
                                      "del"}};
    section.table.rows = {
        {"\xc2\x9b"
         "31m"}};
    section.notes = {"\x07"};
    const std::string page = as_page({.title = "a\tb", .sections = {section}, .figures = {}});
    for (const char* shown :
         {"<title>a\\tb</title>", "<h1>a\\tb</h1>", "<h2>a\\x1b[1m</h2>",
          "<dd>two\\nlines\\xff</dd>", ">mo\\u202edel</th>", ">\\x9b31m</td>", "<li>\\x07</li>"}) {
        CAPTURE(shown);
        CHECK(holds(page, shown));
    }
}

TEST_CASE("a document shows control characters instead of obeying them") {
    Section section{.heading = "h\x1b"};
    add_fact(section, "fact", "a\nb");
    section.notes = {"n\x07"};
    section.footnotes = {"f\xff"};
    std::ostringstream out;
    write_text(out, {.title = "t\r", .sections = {section}, .figures = {}}, {});
    CHECK(out.str() == "t\\r\nh\\x1b\nfact  a\\nb\nf\\xff\n- n\\x07\n");
}

TEST_CASE("a page loads nothing from elsewhere") {
    Section section{.heading = "Goals"};
    const std::string page = as_page({.title = "T", .sections = {section}, .figures = {}});
    CHECK_FALSE(holds(page, "http"));
    CHECK_FALSE(holds(page, "src="));
    CHECK_FALSE(holds(page, "@import"));
    CHECK(holds(page, "prefers-color-scheme: dark"));
}

TEST_CASE("a page leaves out columns that are empty in every row") {
    Section section;
    section.table.columns = {{.key = "", .name = "model"},
                             {.key = "", .name = "stage", .show = Show::kCount},
                             {.key = "n", .name = ""}};
    section.table.rows = {{"small", {}, 1}, {Cell("nested").toned(Tone::kBad), {}, 2}};
    const std::string page = as_page({.title = "T", .sections = {section}, .figures = {}});
    CHECK(holds(page, ">model</th>"));
    CHECK_FALSE(holds(page, ">stage</th>"));
    CHECK(holds(page, "<td class=\" bad\">nested</td></tr>"));
}
