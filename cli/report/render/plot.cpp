#include "cli/report/render/plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "cli/report/render/html.h"
#include "cli/text/format.h"
#include "cli/text/printable.h"
#include "cli/text/units.h"

namespace alert::cli {
namespace {

// Margins: ticks on the left, names on the right, names of shaded ranges above.
constexpr double kLeft = 76, kRight = 158, kTop = 20, kBottom = 42;
constexpr double kGlyph = 6.6, kLine = 14;  // size of a character at the page's 12 px
constexpr std::size_t kLongestName = 24;

double share_along(const Axis& axis, double value) {
    return axis.logarithmic ? std::log(value / axis.low) / std::log(axis.high / axis.low)
                            : (value - axis.low) / (axis.high - axis.low);
}

std::string tick_text(const Axis& axis, double value) {
    switch (axis.show) {
        case Show::kDuration:
            return value == 0 ? "0" : flag_text(value, Dimension::kDuration);
        case Show::kEnergy:
            return value == 0 ? "0" : flag_text(value, Dimension::kEnergy);
        case Show::kAccuracy:
            return flag_text(value, Dimension::kAccuracy);
        case Show::kCount:
            return format_count(std::llround(value));
        default:
            return format_number(value);
    }
}

std::vector<double> linear_ticks(const Axis& axis) {
    constexpr double kMost = 6;
    const double rough = (axis.high - axis.low) / kMost;
    const double decade = std::pow(10, std::floor(std::log10(rough)));
    double step = decade;
    for (const double factor : {1.0, 2.0, 5.0, 10.0}) {
        step = decade * factor;
        if (step >= rough * (1 - 1e-9)) {
            break;
        }
    }
    step = axis.show == Show::kCount ? std::max(step, 1.0) : step;
    std::vector<double> ticks;
    for (double i = std::ceil(axis.low / step - 1e-9); i * step <= axis.high + step * 1e-9; ++i) {
        ticks.push_back(i * step + 0.0);  // no -0
    }
    return ticks;
}

std::vector<double> logarithmic_ticks(const Axis& axis) {
    const double decades = std::log10(axis.high / axis.low);
    std::vector<double> ticks;
    for (double decade = std::pow(10, std::floor(std::log10(axis.low))); decade <= axis.high;
         decade *= 10) {
        for (const double factor : {1.0, 2.0, 5.0}) {
            const double tick = decade * factor;
            if (tick >= axis.low && tick <= axis.high && (decades < 3 || factor == 1)) {
                ticks.push_back(tick);
            }
        }
    }
    return ticks;
}

std::string text_element(double x, double y, std::string_view anchor, std::string_view text,
                         std::string_view css = "") {
    return fmt::format(R"(<text x="{:.1f}" y="{:.1f}" text-anchor="{}" class="{}">{}</text>)", x, y,
                       anchor, css, html_escaped(text));
}

}  // namespace

std::vector<ColumnRange> gathered(std::span<const Point> points, double low, double high,
                                  int columns) {
    std::vector<ColumnRange> ranges;
    int last = -1;
    for (const Point& point : points) {
        const double share = (point.x - low) / (high - low);
        const int column = std::clamp(static_cast<int>(share * columns), 0, columns - 1);
        if (column != last) {
            ranges.push_back({point.x, point.y, point.y});
            last = column;
        }
        ranges.back().low = std::min(ranges.back().low, point.y);
        ranges.back().high = std::max(ranges.back().high, point.y);
    }
    return ranges;
}

std::vector<double> ticks_of(const Axis& axis) {
    return axis.logarithmic ? logarithmic_ticks(axis) : linear_ticks(axis);
}

Plot::Plot(Axis x, Axis y, int height) : x_(std::move(x)), y_(std::move(y)), height_(height) {}

double Plot::across(double x) const {
    return kLeft + kColumns * std::clamp(share_along(x_, x), 0.0, 1.0);
}

double Plot::down(double y) const {
    if (!y_.rows.empty()) {
        return kTop + height_ * (y + 0.5) / static_cast<double>(y_.rows.size());
    }
    return kTop + height_ * (1 - std::clamp(share_along(y_, y), 0.0, 1.0));
}

void Plot::shade(double from, double to, std::string_view css, std::string_view name) {
    const double width = std::max(1.0, across(to) - across(from));
    body_ += fmt::format(
        R"(<rect x="{:.1f}" y="{}" width="{:.1f}" height="{}" class="{}"><title>{}</title></rect>)",
        across(from), kTop, width, height_, css, html_escaped(name));
    if (width > kGlyph * static_cast<double>(name.size())) {
        body_ += text_element(across(from) + width / 2, kTop - 6, "middle", name);
    }
}

void Plot::curve(std::span<const Point> points, std::string_view css) {
    std::string path;
    for (const Point& point : points) {
        path += fmt::format("{}{:.1f},{:.1f}", path.empty() ? 'M' : 'L', across(point.x),
                            down(point.y));
    }
    body_ += fmt::format(R"(<path d="{}" class="{}"/>)", path, css);
}

void Plot::band(std::span<const ColumnRange> ranges, std::string_view css) {
    std::string path;
    for (const ColumnRange& range : ranges) {
        path += fmt::format("{}{:.1f},{:.1f}", path.empty() ? 'M' : 'L', across(range.x),
                            down(range.high));
    }
    for (auto range = ranges.rbegin(); range != ranges.rend(); ++range) {
        path += fmt::format("L{:.1f},{:.1f}", across(range->x), down(range->low));
    }
    body_ += fmt::format(R"(<path d="{}Z" class="{}"/>)", path, css);
}

void Plot::strokes(std::span<const ColumnRange> ranges, std::string_view css) {
    std::string path;
    for (const ColumnRange& range : ranges) {
        // At least one pixel, so that a column with a single value is visible.
        path += fmt::format("M{:.1f},{:.1f}V{:.1f}", across(range.x), down(range.high) - 0.5,
                            down(range.low) + 0.5);
    }
    body_ += fmt::format(R"(<path d="{}" class="{}"/>)", path, css);
}

void Plot::dot(Point at, double radius, std::string_view css, std::string_view tip) {
    const double x = across(at.x), y = down(at.y);
    const std::string title =
        tip.empty() ? "" : fmt::format("<title>{}</title>", html_escaped(tip));
    body_ += fmt::format(R"(<circle cx="{:.1f}" cy="{:.1f}" r="{}" class="{}">{}</circle>)", x, y,
                         radius, css, title);
    taken_.push_back({x - radius, y - radius, x + radius, y + radius});
}

void Plot::block(double from, double to, double row, std::string_view css) {
    body_ += fmt::format(R"(<path d="M{:.1f},{:.1f}H{:.1f}" class="{}"/>)", across(from), down(row),
                         std::max(across(to), across(from) + 1), css);
}

void Plot::level(double y, std::string_view name) {
    const double end = kLeft + kColumns;
    body_ += fmt::format(R"(<path d="M{},{:.1f}H{}" class="level"/>)", kLeft, down(y), end);
    names_ += text_element(end + 8, down(y) + 4, "start", name, "level-name");
}

bool Plot::is_free(const Box& box) const {
    const bool inside = box.x0 >= kLeft && box.x1 <= kLeft + kColumns + kRight && box.y0 >= 0 &&
                        box.y1 <= kTop + height_;
    return inside && std::none_of(taken_.begin(), taken_.end(), [&](const Box& other) {
               return box.x0 < other.x1 && other.x0 < box.x1 && box.y0 < other.y1 &&
                      other.y0 < box.y1;
           });
}

void Plot::name(Point at, std::string_view text) {
    constexpr double kAway = 8;
    const double x = across(at.x), y = down(at.y);
    const double width = kGlyph * display_width(printable(text));
    struct Place {
        double x0, y0;
    };
    const Place places[] = {{x + kAway, y - kLine / 2 - 1},
                            {x - width / 2, y - kLine - kAway / 2},
                            {x - width, y - kLine - kAway / 2},
                            {x - width / 2, y + kAway / 2},
                            {x - width - kAway, y - kLine / 2}};
    for (const Place& place : places) {
        const Box box{place.x0, place.y0, place.x0 + width, place.y0 + kLine};
        if (is_free(box)) {
            taken_.push_back(box);
            names_ += text_element(box.x0, box.y1 - 3, "start", text, "name");
            return;
        }
    }
}

void Plot::add_axes(std::string& svg) const {
    const double bottom = kTop + height_, right = kLeft + kColumns;
    for (const double tick : ticks_of(x_)) {
        svg += fmt::format(R"(<path d="M{:.1f},{}V{}" class="grid"/>)", across(tick), kTop, bottom);
        svg += text_element(across(tick), bottom + 17, "middle", tick_text(x_, tick));
    }
    for (const double tick : y_.rows.empty() ? ticks_of(y_) : std::vector<double>{}) {
        svg += fmt::format(R"(<path d="M{},{:.1f}H{}" class="grid"/>)", kLeft, down(tick), right);
        svg += text_element(kLeft - 8, down(tick) + 4, "end", tick_text(y_, tick));
    }
    for (std::size_t i = 0; i < y_.rows.size(); ++i) {
        const double y = down(static_cast<double>(i));
        svg += fmt::format(R"(<path d="M{},{:.1f}H{}" class="grid"/>)", kLeft, y, right);
        svg += text_element(right + 8, y + 4, "start", cut_to(y_.rows[i], kLongestName), "name");
    }
    svg += fmt::format(R"(<path d="M{},{}H{}" class="axis"/>)", kLeft, bottom, right);
    svg += text_element(kLeft + kColumns / 2.0, bottom + 36, "middle", x_.title);
    svg += fmt::format(R"svg(<text transform="translate(13 {}) rotate(-90)" )svg"
                       R"svg(text-anchor="middle">{}</text>)svg",
                       kTop + height_ / 2.0, html_escaped(y_.title));
}

std::string Plot::svg(std::string_view description) const {
    std::string svg =
        fmt::format(R"(<svg viewBox="0 0 {} {}" role="img" aria-label="{}">)",
                    kLeft + kColumns + kRight, kTop + height_ + kBottom, html_escaped(description));
    add_axes(svg);
    return svg + body_ + names_ + "</svg>";
}

}  // namespace alert::cli
