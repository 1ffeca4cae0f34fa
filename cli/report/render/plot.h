#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/report/render/records.h"

/// Plots as SVG. Colours and strokes come from the page: every element has a class of its style
/// sheet (html.cpp).
namespace alert::cli {

struct Point {
    double x = 0, y = 0;
};

/// The minimum and the maximum of the points that fall into one column of the screen.
struct ColumnRange {
    double x = 0, low = 0, high = 0;
};

/// The spans of `points` (ascending in x) over low..high in `columns` columns, without empty ones.
std::vector<ColumnRange> gathered(std::span<const Point> points, double low, double high,
                                  int columns);

struct Axis {
    std::string title;
    Show show = Show::kNumber;  ///< how ticks are written
    double low = 0, high = 1;
    bool logarithmic = false;
    /// Rows instead of numbers: row i lies at y = i, the first on top, with its name on the right.
    std::vector<std::string> rows = {};
};

/// Ticks at round values within the axis.
std::vector<double> ticks_of(const Axis& axis);

class Plot {
   public:
    static constexpr int kColumns = 560;  ///< between the axes

    Plot(Axis x, Axis y, int height);

    /// Shades the full height between two x, with a name above.
    void shade(double from, double to, std::string_view css, std::string_view name);
    void curve(std::span<const Point> points, std::string_view css);
    void band(std::span<const ColumnRange> ranges, std::string_view css);
    void strokes(std::span<const ColumnRange> ranges, std::string_view css);
    void dot(Point at, double radius, std::string_view css, std::string_view tip = "");
    /// A line between two x in a row.
    void block(double from, double to, double row, std::string_view css);
    /// A horizontal line, named on the right.
    void level(double y, std::string_view name);
    /// A name beside a point, unless it would cover a dot or another name. Therefore names are
    /// added last.
    void name(Point at, std::string_view text);

    std::string svg(std::string_view description) const;

   private:
    struct Box {
        double x0, y0, x1, y1;
    };

    double across(double x) const;
    double down(double y) const;
    void add_axes(std::string& svg) const;
    bool is_free(const Box& box) const;

    Axis x_, y_;
    int height_;
    std::string body_;
    std::string names_;  // drawn on top
    std::vector<Box> taken_;
};

}  // namespace alert::cli
