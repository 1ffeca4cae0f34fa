#include "cli/terminal/progress_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "cli/text/format.h"
#include "cli/text/printable.h"

namespace alert::cli {

ProgressLine::ProgressLine(std::string_view what, double now_s) : what_(what), begun_s_(now_s) {}

std::optional<std::string> ProgressLine::draw(double now_s, double fraction,
                                              std::optional<double> left_s,
                                              std::string_view doing) {
    constexpr double kRedraw_s = 0.1;
    constexpr int kBarWidth = 24;
    constexpr int kLineWidth = 79;
    const bool as_before = doing.empty() || doing == doing_;
    if (drawn_s_ && now_s - *drawn_s_ < kRedraw_s && as_before) {
        return std::nullopt;
    }
    drawn_s_ = now_s;
    doing_ = doing;
    fraction = std::clamp(fraction, 0.0, 1.0);
    if (!left_s && fraction > 0) {
        left_s = (now_s - begun_s_) * (1 - fraction) / fraction;
    }
    std::string bar;
    const int full = static_cast<int>(std::lround(fraction * kBarWidth));
    for (int i = 0; i < kBarWidth; ++i) {
        bar += i < full ? "━" : "╌";
    }
    std::string line = fmt::format("{} {} {:3.0f} %", what_, bar, fraction * 100);
    if (left_s) {
        line += fmt::format("  {} left", format_time_left(*left_s));
    }
    if (!doing.empty()) {
        line += fmt::format("  {}", doing);
    }
    return cut_to(line, kLineWidth);
}

}  // namespace alert::cli
