#include "cli/terminal/reporter.h"

#include <ostream>
#include <utility>

#include "cli/text/printable.h"

namespace alert::cli {
namespace {

constexpr std::string_view kEraseLine = "\r\x1b[K";

}  // namespace

Reporter::Reporter(std::ostream& err, bool live, bool colour, Clock clock)
    : err_(err), live_(live), colour_(colour), clock_(std::move(clock)) {}

void Reporter::set_verbosity(Verbosity verbosity) {
    verbosity_ = verbosity;
}

void Reporter::detail(std::string_view text) {
    if (verbosity_ == Verbosity::kVerbose) {
        line("", "", text);
    }
}

void Reporter::note(std::string_view text) {
    if (verbosity_ != Verbosity::kQuiet) {
        line("", "", text);
    }
}

void Reporter::warn(std::string_view text) {
    line("warning:", "\x1b[33m", text);
}

void Reporter::error(std::string_view text) {
    line("error:", "\x1b[31m", text);
}

void Reporter::line(std::string_view head, std::string_view ansi, std::string_view text) {
    const std::lock_guard lock(mutex_);
    erase_progress();
    if (head.empty()) {
        err_ << printable(text);
    } else if (colour_) {
        err_ << "alert: " << ansi << head << "\x1b[0m " << printable(text);
    } else {
        err_ << "alert: " << head << ' ' << printable(text);
    }
    err_ << '\n' << progress_ << std::flush;
}

void Reporter::begin(std::string_view what) {
    const std::lock_guard lock(mutex_);
    work_.emplace(what, clock_());
}

void Reporter::progress(double fraction, std::optional<double> left_s, std::string_view doing) {
    if (!live_ || verbosity_ == Verbosity::kQuiet) {
        return;
    }
    const std::lock_guard lock(mutex_);
    const auto drawn = work_ ? work_->draw(clock_(), fraction, left_s, doing) : std::nullopt;
    if (drawn) {
        erase_progress();
        progress_ = *drawn;
        err_ << progress_ << std::flush;
    }
}

void Reporter::end() {
    const std::lock_guard lock(mutex_);
    erase_progress();
    progress_.clear();
    work_.reset();
    err_ << std::flush;
}

void Reporter::erase_progress() {
    if (!progress_.empty()) {
        err_ << kEraseLine;
    }
}

}  // namespace alert::cli
