#include "cli/report/render/document.h"

#include <algorithm>
#include <utility>

#include "cli/text/printable.h"

namespace alert::cli {
namespace {

/// Writes each text after `head`, with continuation lines indented as far.
void write_wrapped(std::ostream& out, const std::vector<std::string>& texts, std::string_view head,
                   const TableStyle& style) {
    const auto indent = static_cast<int>(head.size());
    for (const std::string& text : texts) {
        std::string start(head);
        for (const std::string& line : wrapped(text, style.width - indent)) {
            out << start << line << '\n';
            start.assign(head.size(), ' ');
        }
    }
}

/// The facts; values that are too long for the screen continue on further lines.
Section fitted(const Section& section, int width) {
    constexpr int kGap = 2;
    int widest = 0;
    for (const Column& column : section.fact_columns) {
        widest = std::max(widest, display_width(column.name));
    }
    Section result;
    for (std::size_t i = 0; i < section.facts.size(); ++i) {
        std::string name = section.fact_columns[i].name;
        const std::string text = shown(section.fact_columns[i], section.facts[i]);
        for (const std::string& line : wrapped(text, width - widest - kGap)) {
            add_fact(result, name, line);
            name.assign(1, ' ');  // a line without a name would be left out
        }
    }
    return result;
}

}  // namespace

void add_fact(Section& section, const std::string& name, Cell value, Show show) {
    section.fact_columns.push_back({.key = "", .name = name, .show = show});
    section.facts.push_back(std::move(value));
}

void write_text(std::ostream& out, const Document& document, const TableStyle& style) {
    write_heading(out, cut_to(document.title, style.width), style);
    std::string_view gap;
    for (const Section& section : document.sections) {
        out << gap;
        gap = "\n";
        if (!section.heading.empty()) {
            write_heading(out, section.heading, style);
        }
        const Section facts = fitted(section, style.width);
        write_facts(out, facts.fact_columns, facts.facts, style);
        if (!section.table.rows.empty()) {
            write_table(out, section.table, style);
        }
        write_wrapped(out, section.footnotes, "", style);
        write_wrapped(out, section.notes, "- ", style);
    }
}

}  // namespace alert::cli
