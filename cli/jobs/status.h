#pragma once

#include <optional>
#include <string_view>

namespace alert::cli {

/// How a job speaks to whoever started it: a terminal, a test, another program. One line a text.
/// May be called from several threads at once.
class Status {
   public:
    virtual ~Status() = default;

    virtual void detail(std::string_view text) = 0;  ///< for those who want to know more
    virtual void note(std::string_view text) = 0;
    virtual void warn(std::string_view text) = 0;   ///< the results may be doubtful
    virtual void error(std::string_view text) = 0;  ///< something failed, beside what is thrown

    /// A stretch of work that takes a while: it begins, makes progress, and ends; one at a time.
    /// `fraction` of it is done (0..1); `left_s` is given where the job knows better than elapsed
    /// time tells; `doing` is what is being done right now.
    virtual void begin(std::string_view what) = 0;
    virtual void progress(double fraction, std::optional<double> left_s,
                          std::string_view doing) = 0;
    virtual void end() = 0;
};

/// A stretch of work, for as long as it lives.
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
