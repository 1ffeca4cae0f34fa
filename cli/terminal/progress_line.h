#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace alert::cli {

/// The text of a progress line: a bar, the time left, and what is being done. Times (s) are of a
/// steady clock.
class ProgressLine {
   public:
    ProgressLine(std::string_view what, double now_s);

    /// The present line; empty if the last one is too recent: it changes at most ten times a
    /// second, or when `doing` does. Without `left_s` the time left is extrapolated from the time
    /// elapsed.
    std::optional<std::string> draw(double now_s, double fraction, std::optional<double> left_s,
                                    std::string_view doing);

   private:
    std::string what_;
    double begun_s_;
    std::optional<double> drawn_s_;
    std::string doing_;
};

}  // namespace alert::cli
