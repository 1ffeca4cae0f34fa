#pragma once

#include <optional>
#include <string_view>

namespace alert::cli {

/// How a job reports to its caller: a terminal, a test, another program. Each text is one line.
/// Thread-safe.
class Status {
   public:
    virtual ~Status() = default;

    virtual void detail(std::string_view text) = 0;  ///< only of interest with --verbose
    virtual void note(std::string_view text) = 0;
    virtual void warn(std::string_view text) = 0;   ///< the results may be doubtful
    virtual void error(std::string_view text) = 0;  ///< something failed, beside what is thrown

    /// Work that takes a while: it begins, makes progress, and ends; one at a time. `fraction` is
    /// the share that is done (0..1); `left_s` is given if the job can estimate it better than from
    /// the elapsed time; `doing` is what is being done right now.
    virtual void begin(std::string_view what) = 0;
    virtual void progress(double fraction, std::optional<double> left_s,
                          std::string_view doing) = 0;
    virtual void end() = 0;
};

/// Such work, for as long as this object lives.
class Progress {
   public:
    Progress(Status& status, std::string_view what) : status_(status) { status_.begin(what); }
    ~Progress() { status_.end(); }
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    void update(double fraction, std::optional<double> left_s = {}, std::string_view doing = {}) {
        status_.progress(fraction, left_s, doing);
    }

   private:
    Status& status_;
};

}  // namespace alert::cli
