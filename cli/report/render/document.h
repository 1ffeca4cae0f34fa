#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "cli/report/render/table.h"

/// A report for people: the same document is written as text and as a web page.
namespace alert::cli {

/// A heading, followed by those parts that are not empty.
struct Section {
    std::string heading;
    std::vector<Column> fact_columns;
    Row facts;  ///< one for each of fact_columns
    Records table;
    std::vector<std::string> notes;      ///< a list, under the table
    std::vector<std::string> footnotes;  ///< explain the headers of the table
};

/// A plot: complete SVG, and what it shows.
struct Figure {
    std::string title;
    std::string svg;
    std::string caption;
};

struct Document {
    std::string title;
    std::vector<Section> sections;
    std::vector<Figure> figures;  ///< only on the web page (html.h)
};

/// Adds a fact. Empty values are not written.
void add_fact(Section& section, const std::string& name, Cell value, Show show = Show::kText);

void write_text(std::ostream& out, const Document& document, const TableStyle& style);

}  // namespace alert::cli
