#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace alert::cli {

/// The text of a progress line: a bar, the time left and what is being done. Times are those of a
/// steady clock, in seconds.
class ProgressLine {
   public:
    ProgressLine(std::string_view what, double now_s);

    /// The line as it is now; empty where it would change too soon: at most ten times a second, and
    /// when `doing` changes. Without `left_s` the time left follows from the time elapsed.
    std::optional<std::string> draw(double now_s, double fraction, std::optional<double> left_s,
                                    std::string_view doing);

   private:
    std::string what_;
    double begun_s_;
    std::optional<double> drawn_s_;
    std::string doing_;
};

}  // namespace alert::cli
