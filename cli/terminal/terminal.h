#pragma once

#include <atomic>
#include <functional>
#include <iosfwd>
#include <mutex>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>

#include "cli/report/render/table.h"

/// The process's ends: stdout, stderr, signals.
namespace alert::cli {

/// Width and colour of the terminal behind a file descriptor (1: stdout, 2: stderr);
/// 80 columns and no colour when it is none.
TableStyle terminal_style(int fd);
bool is_terminal(int fd);

/// Set by the first SIGINT, SIGTERM or SIGHUP (which nohup keeps off) while it lives; the second
/// kills the process. One at a time.
/// Poll `requested()`, or hand `flag()` to a loop that must not know cli/; then store what was
/// done and return ExitCode::kInterrupted.
class StopFlag {
   public:
    StopFlag();
    ~StopFlag();
    StopFlag(const StopFlag&) = delete;
    StopFlag& operator=(const StopFlag&) = delete;

    bool requested() const { return flag().load(std::memory_order_relaxed); }
    const std::atomic<bool>& flag() const;
    /// Stops as a signal would, for a reason of our own.
    void request();
};

enum class Verbosity { kQuiet, kNormal, kVerbose };

/// Everything that is no result: one line each on stderr, made printable. Thread-safe.
class Reporter {
   public:
    /// `live`: a terminal, where the progress line can be rewritten; `colour`: ANSI colours.
    Reporter(std::ostream& err, bool live, bool colour);

    void set_verbosity(Verbosity verbosity);
    void detail(std::string_view text);  ///< only with --verbose
    void note(std::string_view text);    ///< unless --quiet
    void warn(std::string_view text);    ///< always; "alert: warning: TEXT"
    void error(std::string_view text);   ///< always; "alert: error: TEXT"

    /// The last line, rewritten in place; "" takes it away. Nothing unless live and not quiet.
    void progress(std::string_view line);
    bool shows_progress() const;

   private:
    void line(std::string_view head, std::string_view ansi, std::string_view text);
    void erase_progress();

    std::ostream& err_;
    bool live_;
    bool colour_;
    Verbosity verbosity_ = Verbosity::kNormal;
    std::string progress_;
    mutable std::mutex mutex_;
};

/// A progress bar with time left; drawn at most ten times a second, and when its detail changes;
/// taken away at the end.
class Progress {
   public:
    using Clock = std::function<double()>;  ///< seconds, steady

    Progress(Reporter& reporter, std::string what);
    Progress(Reporter& reporter, std::string what, Clock clock);
    ~Progress();
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    /// `fraction` done (0..1); `left_s` when the caller knows better than elapsed time tells;
    /// `detail` is what is being done right now.
    void update(double fraction, std::optional<double> left_s = {}, std::string_view detail = {});

   private:
    Reporter& reporter_;
    std::string what_;
    Clock clock_;
    double started_s_;
    double drawn_s_;
    std::string detail_;
};

}  // namespace alert::cli
