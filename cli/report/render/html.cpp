#include "cli/report/render/html.h"

#include <algorithm>

#include "cli/text/printable.h"

namespace alert::cli {
namespace {

constexpr std::size_t kSectionsBeforeFigures = 2;

// The classes of plots are listed in plot.h.
constexpr std::string_view kStyle = R"(
:root { color-scheme: light dark; --paper: #fff; --ink: #1d2530; --dim: #647084; --line: #e3e7ed;
  --main: #2c6cb0; --good: #2c7a4b; --bad: #c0392b; --compute: #f0b44c; --memory: #9b7fd1; }
@media (prefers-color-scheme: dark) { :root { --paper: #14181d; --ink: #dfe4ea; --dim: #93a0b1;
  --line: #2b323b; --main: #7cb2ec; --good: #7cc796; --bad: #f08a7c; --compute: #b9852b;
  --memory: #7a62ad; } }
body { margin: 0 auto; padding: 1.2rem; max-width: 54rem; background: var(--paper);
  color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; margin: 1.2rem 0 .6rem; }
h2 { font-size: 1.05rem; margin: 1.8rem 0 .5rem; padding-bottom: .2rem;
  border-bottom: 1px solid var(--line); }
article + article { margin-top: 3rem; border-top: 3px solid var(--line); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1.2rem; margin: 0; }
dt, .foot, figcaption { color: var(--dim); }
dd { margin: 0; overflow-wrap: anywhere; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .2rem 1.1rem .2rem 0; text-align: left; vertical-align: top;
  white-space: nowrap; }
th { font-weight: 600; border-bottom: 1px solid var(--line); }
.n { text-align: right; } .text { white-space: normal; }
th:last-child, td:last-child { padding-right: 0; }
.good { color: var(--good); } .bad { color: var(--bad); } .dim { color: var(--dim); }
.good, .bad { font-weight: 600; }
.foot, figcaption { font-size: .87rem; margin: .3rem 0 0; }
figure { margin: 1.8rem 0 0; } figure h3 { font-size: 1rem; margin: 0 0 .2rem; }
svg { display: block; width: 100%; min-width: 40rem; height: auto; }
svg text { font: 12px system-ui, sans-serif; fill: var(--dim); }
svg .name { fill: var(--ink); }
svg .grid { stroke: var(--line); } svg .axis { stroke: var(--dim); }
svg .curve { fill: none; stroke: var(--main); stroke-width: 1.5; stroke-linejoin: round; }
svg .stroke { fill: none; stroke: var(--main); opacity: .7; }
svg .block { fill: none; stroke: var(--main); stroke-width: 9; }
svg .link { fill: none; stroke: var(--dim); stroke-dasharray: 2 3; }
svg .band { fill: var(--main); opacity: .2; }
svg .dot { fill: var(--main); } svg .faint { fill: var(--dim); opacity: .35; }
svg .late { fill: var(--bad); }
svg .level { stroke: var(--bad); stroke-dasharray: 6 4; } svg .level-name { fill: var(--bad); }
svg .compute { fill: var(--compute); opacity: .18; }
svg .memory { fill: var(--memory); opacity: .2; }
)";

std::string_view tone_class(Tone tone) {
    switch (tone) {
        case Tone::kGood:
            return " good";
        case Tone::kBad:
            return " bad";
        case Tone::kDim:
            return " dim";
        case Tone::kPlain:
            break;
    }
    return "";
}

void write_facts(std::ostream& out, const Section& section) {
    out << "<dl>\n";
    for (std::size_t i = 0; i < section.facts.size(); ++i) {
        const std::string text = shown(section.fact_columns[i], section.facts[i]);
        if (!text.empty()) {
            out << "<dt>" << html_escaped(section.fact_columns[i].name) << "</dt><dd>"
                << html_escaped(text) << "</dd>\n";
        }
    }
    out << "</dl>\n";
}

/// Columns with a name and at least one value.
std::vector<std::size_t> filled_columns(const Records& table) {
    std::vector<std::size_t> filled;
    for (std::size_t c = 0; c < table.columns.size(); ++c) {
        const bool any = std::any_of(table.rows.begin(), table.rows.end(), [&](const Row& row) {
            return !shown(table.columns[c], row[c]).empty();
        });
        if (any && !table.columns[c].name.empty()) {
            filled.push_back(c);
        }
    }
    return filled;
}

void write_table(std::ostream& out, const Records& table) {
    const std::vector<std::size_t> columns = filled_columns(table);
    const auto side = [&](std::size_t c) {
        const bool right = table.columns[c].show != Show::kText;
        return right ? "n" : table.columns[c].shrinkable ? "text" : "";
    };
    out << "<div class=\"wide\"><table>\n<tr>";
    for (const std::size_t c : columns) {
        out << "<th class=\"" << side(c) << "\">" << html_escaped(table.columns[c].name) << "</th>";
    }
    out << "</tr>\n";
    for (const Row& row : table.rows) {
        out << "<tr>";
        for (const std::size_t c : columns) {
            out << "<td class=\"" << side(c) << tone_class(row[c].tone) << "\">"
                << html_escaped(shown(table.columns[c], row[c])) << "</td>";
        }
        out << "</tr>\n";
    }
    out << "</table></div>\n";
}

void write_section(std::ostream& out, const Section& section) {
    out << "<section>\n";
    if (!section.heading.empty()) {
        out << "<h2>" << html_escaped(section.heading) << "</h2>\n";
    }
    if (!section.facts.empty()) {
        write_facts(out, section);
    }
    if (!section.table.rows.empty()) {
        write_table(out, section.table);
    }
    for (const std::string& note : section.footnotes) {
        out << "<p class=\"foot\">" << html_escaped(note) << "</p>\n";
    }
    if (!section.notes.empty()) {
        out << "<ul>\n";
        for (const std::string& note : section.notes) {
            out << "<li>" << html_escaped(note) << "</li>\n";
        }
        out << "</ul>\n";
    }
    out << "</section>\n";
}

void write_figure(std::ostream& out, const Figure& figure) {
    out << "<figure>\n<h3>" << html_escaped(figure.title) << "</h3>\n<div class=\"wide\">"
        << figure.svg << "</div>\n";
    if (!figure.caption.empty()) {
        out << "<figcaption>" << html_escaped(figure.caption) << "</figcaption>\n";
    }
    out << "</figure>\n";
}

}  // namespace

std::string html_escaped(std::string_view text) {
    std::string escaped;
    for (const char c : printable(text)) {
        switch (c) {
            case '&':
                escaped += "&amp;";
                break;
            case '<':
                escaped += "&lt;";
                break;
            case '>':
                escaped += "&gt;";
                break;
            case '"':
                escaped += "&quot;";
                break;
            default:
                escaped += c;
        }
    }
    return escaped;
}

void write_html(std::ostream& out, std::span<const Document> documents) {
    const std::string title = documents.size() == 1 ? documents[0].title : "Reports";
    out << "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        << "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>"
        << html_escaped(title) << "</title>\n<style>" << kStyle << "</style>\n</head>\n<body>\n";
    for (const Document& document : documents) {
        out << "<article>\n<h1>" << html_escaped(document.title) << "</h1>\n";
        for (std::size_t i = 0; i < document.sections.size(); ++i) {
            write_section(out, document.sections[i]);
            if (i + 1 == std::min(kSectionsBeforeFigures, document.sections.size())) {
                for (const Figure& figure : document.figures) {
                    write_figure(out, figure);
                }
            }
        }
        out << "</article>\n";
    }
    out << "</body>\n</html>\n";
}

}  // namespace alert::cli
