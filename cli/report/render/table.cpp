#include "cli/report/render/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "cli/text/format.h"
#include "cli/text/printable.h"

namespace alert::cli {
namespace {

constexpr std::string_view kBold = "\x1b[1m";
constexpr int kGap = 2;            // between columns
constexpr int kLeastShrunken = 6;  // a name cut to this is still recognisable

std::optional<double> number(const Cell& cell) {
    if (const auto* d = std::get_if<double>(&cell.value)) {
        return *d;
    }
    if (const auto* i = std::get_if<std::int64_t>(&cell.value)) {
        return static_cast<double>(*i);
    }
    if (const auto* b = std::get_if<bool>(&cell.value)) {
        return *b ? 1 : 0;
    }
    return {};
}

std::string shown_text(const Cell& cell) {
    if (const auto* text = std::get_if<std::string>(&cell.value)) {
        return printable(*text);
    }
    if (const auto* i = std::get_if<std::int64_t>(&cell.value)) {
        return fmt::format("{}", *i);
    }
    if (const auto* b = std::get_if<bool>(&cell.value)) {
        return *b ? "yes" : "no";
    }
    return format_number(number(cell));
}

std::string_view ansi(Tone tone) {
    switch (tone) {
        case Tone::kGood:
            return "\x1b[32m";
        case Tone::kBad:
            return "\x1b[31m";
        case Tone::kDim:
            return "\x1b[2m";
        case Tone::kPlain:
            break;
    }
    return "";
}

std::string painted(std::string text, std::string_view code, const TableStyle& style) {
    return style.colour && !code.empty() ? fmt::format("{}{}\x1b[0m", code, text) : text;
}

/// A column ready for printing.
struct Printed {
    std::string name;
    bool right = false;
    bool shrinkable = false;
    int width = 0;
    std::vector<std::string> texts;
    std::vector<Tone> tones;
};

std::vector<Printed> printed_columns(const Records& records) {
    std::vector<Printed> columns;
    for (std::size_t c = 0; c < records.columns.size(); ++c) {
        const Column& column = records.columns[c];
        Printed printed{.name = printable(column.name),
                        .right = column.show != Show::kText,
                        .shrinkable = column.shrinkable,
                        .width = 0,
                        .texts = {},
                        .tones = {}};
        printed.width = display_width(printed.name);
        bool empty = true;
        for (const Row& row : records.rows) {
            printed.texts.push_back(shown(column, row.at(c)));
            printed.tones.push_back(row[c].tone);
            printed.width = std::max(printed.width, display_width(printed.texts.back()));
            empty = empty && printed.texts.back().empty();
        }
        if (!column.name.empty() && (!empty || records.rows.empty())) {
            columns.push_back(std::move(printed));
        }
    }
    return columns;
}

int total_width(const std::vector<Printed>& columns) {
    int width = columns.empty() ? 0 : -kGap;
    for (const Printed& column : columns) {
        width += column.width + kGap;
    }
    return width;
}

/// Narrows the widest shrinkable column until the table fits.
void shrink_to(std::vector<Printed>& columns, int width) {
    for (int over = total_width(columns) - width; over > 0; --over) {
        Printed* widest = nullptr;
        for (Printed& column : columns) {
            const int least = std::max(kLeastShrunken, display_width(column.name));
            if (column.shrinkable && column.width > least &&
                (widest == nullptr || column.width > widest->width)) {
                widest = &column;
            }
        }
        if (widest == nullptr) {
            return;
        }
        --widest->width;
    }
}

using Texts = std::vector<std::pair<std::string_view, Tone>>;  // one for each column

std::string line(const std::vector<Printed>& columns, const Texts& texts, const TableStyle& style) {
    std::string line;
    std::size_t ink = 0;
    for (std::size_t c = 0; c < columns.size(); ++c) {
        const std::string text = cut_to(texts[c].first, columns[c].width);
        const std::string pad(static_cast<std::size_t>(columns[c].width - display_width(text)),
                              ' ');
        line += columns[c].right ? pad : "";
        if (!text.empty()) {
            line += painted(text, ansi(texts[c].second), style);
            ink = line.size();
        }
        line += columns[c].right ? "" : pad;
        line.append(kGap, ' ');
    }
    return line.substr(0, ink);
}

}  // namespace

std::string shown(const Column& column, const Cell& cell) {
    const std::optional<double> value = number(cell);
    if (!value) {
        return shown_text(cell);
    }
    switch (column.show) {
        case Show::kText:
            return shown_text(cell);
        case Show::kCount:
            return std::isfinite(*value) ? format_count(std::llround(*value)) : "";
        case Show::kNumber:
            return format_number(value);
        case Show::kDuration:
            return format_duration(value);
        case Show::kPower:
            return format_power(value);
        case Show::kEnergy:
            return format_energy(value);
        case Show::kFrequency:
            return format_frequency(value);
        case Show::kAccuracy:
            return format_accuracy(value);
        case Show::kProbability:
            return format_probability(value);
        case Show::kYesNo:
            return *value != 0 ? "yes" : "no";
    }
    return "";
}

void write_table(std::ostream& out, const Records& records, const TableStyle& style) {
    std::vector<Printed> columns = printed_columns(records);
    shrink_to(columns, style.width);
    Texts texts;
    for (const Printed& column : columns) {
        texts.emplace_back(column.name, Tone::kPlain);
    }
    out << painted(line(columns, texts, style), kBold, style) << '\n';
    std::string rule;
    for (int i = 0; i < total_width(columns); ++i) {
        rule += "─";
    }
    out << painted(std::move(rule), ansi(Tone::kDim), style) << '\n';
    for (std::size_t r = 0; r < records.rows.size(); ++r) {
        texts.clear();
        for (const Printed& column : columns) {
            texts.emplace_back(column.texts[r], column.tones[r]);
        }
        out << line(columns, texts, style) << '\n';
    }
}

void write_facts(std::ostream& out, std::span<const Column> columns, const Row& row,
                 const TableStyle& style) {
    int widest = 0;
    for (const Column& column : columns) {
        widest = std::max(widest, display_width(printable(column.name)));
    }
    for (std::size_t c = 0; c < columns.size(); ++c) {
        const std::string name = printable(columns[c].name);
        const std::string text = shown(columns[c], row[c]);
        if (name.empty() || text.empty()) {
            continue;
        }
        const int pad = widest + kGap - display_width(name);
        out << painted(name, ansi(Tone::kDim), style)
            << std::string(static_cast<std::size_t>(pad), ' ')
            << painted(text, ansi(row[c].tone), style) << '\n';
    }
}

void write_heading(std::ostream& out, std::string_view text, const TableStyle& style) {
    out << painted(printable(text), kBold, style) << '\n';
}

}  // namespace alert::cli
