#include "cli/terminal/terminal.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "cli/text/printable.h"
#include "cli/text/units.h"
#include "profiler/clock.h"

namespace alert::cli {
namespace {

constexpr std::string_view kEraseLine = "\r\x1b[K";
constexpr int kStopSignals[] = {SIGINT, SIGTERM, SIGHUP};

// A signal handler can reach nothing but globals; StopFlag owns them.
std::atomic<bool> stop_requested{false};
struct sigaction previous_actions[std::size(kStopSignals)];

void request_stop(int /*signal*/) {
    stop_requested.store(true, std::memory_order_relaxed);
}

}  // namespace

bool is_terminal(int fd) {
    return isatty(fd) == 1;
}

TableStyle terminal_style(int fd) {
    TableStyle style;
    if (!is_terminal(fd)) {
        return style;
    }
    const char* no_colour = std::getenv("NO_COLOR");
    const char* terminal = std::getenv("TERM");
    style.colour = (no_colour == nullptr || *no_colour == '\0') &&
                   (terminal == nullptr || std::strcmp(terminal, "dumb") != 0);
    winsize size{};
    if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
        style.width = size.ws_col;
    }
    return style;
}

StopFlag::StopFlag() {
    stop_requested = false;
    struct sigaction action = {};
    action.sa_handler = request_stop;
    // After the first signal the default action stands again: the second one kills.
    action.sa_flags = static_cast<int>(SA_RESETHAND);
    for (std::size_t i = 0; i < std::size(kStopSignals); ++i) {
        struct sigaction& previous = previous_actions[i];
        sigaction(kStopSignals[i], &action, &previous);
        if (kStopSignals[i] == SIGHUP && previous.sa_handler == SIG_IGN) {
            sigaction(SIGHUP, &previous, nullptr);  // under nohup
        }
    }
}

StopFlag::~StopFlag() {
    for (std::size_t i = 0; i < std::size(kStopSignals); ++i) {
        sigaction(kStopSignals[i], &previous_actions[i], nullptr);
    }
}

const std::atomic<bool>& StopFlag::flag() const {
    return stop_requested;
}

void StopFlag::request() {
    stop_requested = true;
}

Reporter::Reporter(std::ostream& err, bool live, bool colour)
    : err_(err), live_(live), colour_(colour) {}

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

bool Reporter::shows_progress() const {
    return live_ && verbosity_ != Verbosity::kQuiet;
}

void Reporter::progress(std::string_view line) {
    if (!shows_progress()) {
        return;
    }
    const std::lock_guard lock(mutex_);
    erase_progress();
    progress_ = printable(line);
    err_ << progress_ << std::flush;
}

void Reporter::erase_progress() {
    if (!progress_.empty()) {
        err_ << kEraseLine;
    }
}

Progress::Progress(Reporter& reporter, std::string what)
    : Progress(reporter, std::move(what), now_s) {}

Progress::Progress(Reporter& reporter, std::string what, Clock clock)
    : reporter_(reporter),
      what_(std::move(what)),
      clock_(std::move(clock)),
      started_s_(clock_()),
      drawn_s_(started_s_ - 1) {}

Progress::~Progress() {
    reporter_.progress("");
}

void Progress::update(double fraction, std::optional<double> left_s, std::string_view detail) {
    constexpr double kRedrawS = 0.1;
    constexpr int kBarWidth = 24;
    constexpr int kLineWidth = 79;
    const double now = clock_();
    const bool as_before = detail.empty() || detail == detail_;
    if (!reporter_.shows_progress() || (now - drawn_s_ < kRedrawS && as_before)) {
        return;
    }
    drawn_s_ = now;
    detail_ = detail;
    fraction = std::clamp(fraction, 0.0, 1.0);
    if (!left_s && fraction > 0) {
        left_s = (now - started_s_) * (1 - fraction) / fraction;
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
    if (!detail.empty()) {
        line += fmt::format("  {}", detail);
    }
    reporter_.progress(cut_to(line, kLineWidth));
}

}  // namespace alert::cli
