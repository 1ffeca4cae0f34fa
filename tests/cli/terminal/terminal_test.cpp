#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <sstream>

#include "cli/terminal/reporter.h"
#include "cli/terminal/stop_flag.h"
#include "cli/terminal/terminal_style.h"
#include "tests/support/catch.h"

using namespace alert::cli;

namespace {

/// The terminal side of a pseudo terminal.
class PseudoTerminal {
   public:
    PseudoTerminal() : main_(posix_openpt(O_RDWR | O_NOCTTY)) {
        grantpt(main_);
        unlockpt(main_);
        terminal_ = open(ptsname(main_), O_RDWR | O_NOCTTY);
    }
    ~PseudoTerminal() {
        close(terminal_);
        close(main_);
    }
    PseudoTerminal(const PseudoTerminal&) = delete;
    PseudoTerminal& operator=(const PseudoTerminal&) = delete;

    void resize(unsigned short columns) const {
        winsize size{};
        size.ws_col = columns;
        ioctl(terminal_, TIOCSWINSZ, &size);
    }
    int fd() const { return terminal_; }

   private:
    int main_;
    int terminal_ = -1;
};

}  // namespace

TEST_CASE("a terminal has colours and its own width, unless NO_COLOR is set") {
    const PseudoTerminal terminal;
    REQUIRE(terminal.fd() >= 0);
    terminal.resize(132);
    setenv("TERM", "xterm", 1);
    unsetenv("NO_COLOR");
    CHECK(terminal_style(terminal.fd()).colour);
    CHECK(terminal_style(terminal.fd()).width == 132);
    setenv("NO_COLOR", "", 1);
    CHECK(terminal_style(terminal.fd()).colour);
    setenv("NO_COLOR", "1", 1);
    CHECK_FALSE(terminal_style(terminal.fd()).colour);
    unsetenv("NO_COLOR");
    setenv("TERM", "dumb", 1);
    CHECK_FALSE(terminal_style(terminal.fd()).colour);
}

TEST_CASE("a file is 80 columns wide and has no colours") {
    const int file = open("/dev/null", O_WRONLY);
    CHECK_FALSE(terminal_style(file).colour);
    CHECK(terminal_style(file).width == 80);
    close(file);
}

TEST_CASE("the first signal asks to stop") {
    for (const int signal : {SIGINT, SIGTERM}) {
        const StopFlag stop;
        CHECK_FALSE(stop.requested());
        raise(signal);
        CHECK(stop.requested());
    }
    const StopFlag fresh;
    CHECK_FALSE(fresh.requested());
}

TEST_CASE("the second signal kills") {
    const pid_t child = fork();
    if (child == 0) {
        const StopFlag stop;
        raise(SIGINT);
        raise(SIGINT);
        _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    REQUIRE(WIFSIGNALED(status));
    CHECK(WTERMSIG(status) == SIGINT);
}

TEST_CASE("quiet keeps warnings and errors, verbose adds detail") {
    std::ostringstream err;
    Reporter reporter(err, false, false);
    const auto say_all = [&] {
        err.str("");
        reporter.detail("detail");
        reporter.note("note");
        reporter.warn("doubt");
        reporter.error("failure");
        return err.str();
    };
    const std::string always = "alert: warning: doubt\nalert: error: failure\n";
    CHECK(say_all() == "note\n" + always);
    reporter.set_verbosity(Verbosity::kQuiet);
    CHECK(say_all() == always);
    reporter.set_verbosity(Verbosity::kVerbose);
    CHECK(say_all() == "detail\nnote\n" + always);
}

TEST_CASE("progress shows a bar, the time left and what is done") {
    std::ostringstream err;
    double now = 100;
    Reporter reporter(err, true, false, [&now] { return now; });
    {
        Progress progress(reporter, "profiling");
        now += 10;
        progress.update(0.25, {}, "conv2 at 40W");
        CHECK(err.str() == "profiling ━━━━━━╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌  25 %  30 s left  conv2 at 40W");
        progress.update(0.26);  // too soon to draw again
        CHECK(err.str().find("26 %") == std::string::npos);
        reporter.note("the machine is not quiet");
        CHECK(err.str().find("\r\x1b[Kthe machine is not quiet\nprofiling") != std::string::npos);
        now += 1;
        progress.update(0.5, 90);
        CHECK(err.str().find("50 %  1 min 30 s left") != std::string::npos);
    }
    CHECK(err.str().ends_with("\r\x1b[K"));
}

TEST_CASE("progress is silent where nobody watches or --quiet is given") {
    std::ostringstream err;
    Reporter piped(err, false, false);
    Progress(piped, "profiling").update(0.5);
    Reporter quiet(err, true, false);
    quiet.set_verbosity(Verbosity::kQuiet);
    Progress(quiet, "profiling").update(0.5);
    CHECK(err.str().empty());
}

TEST_CASE("what comes from outside cannot speak to the terminal") {
    std::ostringstream err;
    Reporter reporter(err, true, false);
    const std::string name = "\x1b[2Jnet\n\xff";
    reporter.error(name);
    reporter.warn(name);
    reporter.note(name);
    Progress(reporter, name).update(0, {}, name);
    const std::string shown = "\\x1b[2Jnet\\n\\xff";
    CHECK(err.str() == "alert: error: " + shown + "\nalert: warning: " + shown + "\n" + shown +
                           "\n" + shown + " ╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌   0 %  " + shown + "\r\x1b[K");
}
