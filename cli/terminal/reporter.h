#pragma once

#include <functional>
#include <iosfwd>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "cli/jobs/status.h"
#include "cli/terminal/progress_line.h"
#include "profiler/clock.h"

namespace alert::cli {

enum class Verbosity { kQuiet, kNormal, kVerbose };

/// Everything but results, on stderr: one line each, made printable, and a progress line that is
/// rewritten in place and removed at the end. Thread-safe.
class Reporter : public Status {
   public:
    using Clock = std::function<double()>;  ///< seconds, steady

    /// `live`: a terminal, on which the progress line can be rewritten; `colour`: ANSI colours.
    Reporter(std::ostream& err, bool live, bool colour, Clock clock = now_s);

    void set_verbosity(Verbosity verbosity);
    void detail(std::string_view text) override;  ///< only with --verbose
    void note(std::string_view text) override;    ///< unless --quiet
    void warn(std::string_view text) override;    ///< always; "alert: warning: TEXT"
    void error(std::string_view text) override;   ///< always; "alert: error: TEXT"

    void begin(std::string_view what) override;
    /// Shown only if live and not quiet.
    void progress(double fraction, std::optional<double> left_s, std::string_view doing) override;
    void end() override;

   private:
    void line(std::string_view head, std::string_view ansi, std::string_view text);
    void erase_progress();

    std::ostream& err_;
    bool live_;
    bool colour_;
    Clock clock_;
    Verbosity verbosity_ = Verbosity::kNormal;
    std::optional<ProgressLine> work_;
    std::string progress_;  // as shown on the screen
    std::mutex mutex_;
};

}  // namespace alert::cli
