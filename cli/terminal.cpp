#include "cli/terminal.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "cli/units.h"
#include "core/error.h"
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

OutputStream::OutputStream(int fd) : std::ostream(nullptr), buffer_(fd) {
    rdbuf(&buffer_);
    exceptions(std::ios::badbit);
}

OutputStream::Buffer::Buffer(int fd) : fd_(fd), bytes_(1U << 16U) {
    setp(bytes_.data(), bytes_.data() + bytes_.size());
}

OutputStream::Buffer::int_type OutputStream::Buffer::overflow(int_type c) {
    sync();
    if (!traits_type::eq_int_type(c, traits_type::eof())) {
        sputc(traits_type::to_char_type(c));
    }
    return traits_type::not_eof(c);
}

int OutputStream::Buffer::sync() {
    const char* next = pbase();
    const char* const end = pptr();
    setp(bytes_.data(), bytes_.data() + bytes_.size());  // what fails is not tried again
    while (next < end) {
        const ssize_t written = ::write(fd_, next, static_cast<std::size_t>(end - next));
        if (written >= 0) {
            next += written;
        } else if (errno == EPIPE) {
            throw OutputClosed();
        } else if (errno != EINTR) {
            throw Error(fmt::format("stdout: {}; the results were not written in full",
                                    std::strerror(errno)));
        }
    }
    return 0;
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
        err_ << text;
    } else if (colour_) {
        err_ << "alert: " << ansi << head << "\x1b[0m " << text;
    } else {
        err_ << "alert: " << head << ' ' << text;
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
    progress_ = line;
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
    if (!reporter_.shows_progress() || now - drawn_s_ < kRedrawS) {
        return;
    }
    drawn_s_ = now;
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
