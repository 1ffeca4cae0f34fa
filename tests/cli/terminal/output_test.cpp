#include "cli/terminal/output.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <optional>
#include <string>
#include <thread>

#include "cli/terminal/reporter.h"
#include "tests/cli/full_pipe.h"
#include "tests/cli/sample_store.h"
#include "tests/support/catch.h"

using namespace alert;
using namespace alert::cli;
using alert::test::Finished;

namespace {

/// Remembers what it is told, which has to be once at most.
struct Told {
    std::optional<int> error;
    OutputStream::Failed listener() {
        return [this](int told) {
            CHECK_FALSE(error.has_value());
            error = told;
        };
    }
};

std::string drained(int fd, std::size_t size) {
    std::string text(size, '\0');
    for (std::size_t at = 0; at < size;) {
        const ssize_t got = read(fd, text.data() + at, size - at);
        if (got <= 0) {
            text.resize(at);
            break;
        }
        at += static_cast<std::size_t>(got);
    }
    return text;
}

/// Waits until whoever writes there cannot go on: it stays full for a while.
void until_full(int write_end) {
    pollfd room{.fd = write_end, .events = POLLOUT, .revents = 0};
    for (int full = 0; full < 20; full = poll(&room, 1, 0) == 0 ? full + 1 : 0) {
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
}

std::string numbers(int count) {
    std::string text;
    for (int i = 0; i < count; ++i) {
        text += std::to_string(i) + ' ';
    }
    return text;
}

}  // namespace

TEST_CASE("output larger than the buffer arrives whole and in order") {
    char name[] = "/tmp/alert-output-XXXXXX";
    const int file = mkstemp(name);
    unlink(name);
    const std::string text = numbers(40000);
    {
        OutputStream out(file);
        out << text.substr(0, 10) << text.substr(10) << std::flush;
    }
    std::string read(text.size(), '\0');
    CHECK(pread(file, read.data(), read.size(), 0) == static_cast<ssize_t>(text.size()));
    CHECK(read == text);
    close(file);
}

TEST_CASE("a full disk is told once, and what failed or follows is dropped") {
    const int full = open("/dev/full", O_WRONLY);
    Told told;
    OutputStream out(full, told.listener());
    out << "results" << std::flush;
    CHECK(told.error == ENOSPC);
    CHECK(out.bad());
    out << std::string(1U << 20U, 'x') << std::flush;
    out.clear();
    out << "more" << std::flush;
    CHECK(told.error == ENOSPC);
    close(full);
}

TEST_CASE("a reader that goes away is told once and is no failure") {
    std::signal(SIGPIPE, [](int) {});
    int ends[2] = {-1, -1};
    REQUIRE(pipe(ends) == 0);
    close(ends[0]);
    Told told;
    OutputStream out(ends[1], told.listener());
    out << std::string(1U << 20U, 'x') << std::flush << "more" << std::flush;
    CHECK(told.error == EPIPE);
    CHECK(out.good());
    close(ends[1]);
    std::signal(SIGPIPE, SIG_DFL);
}

TEST_CASE("a message that cannot be written is dropped, and the next one is tried again") {
    int ends[2] = {-1, -1};
    REQUIRE(pipe2(ends, O_NONBLOCK) == 0);
    const int full = open("/dev/full", O_WRONLY);
    const int fd = dup(full);
    OutputStream err(fd);
    err << "lost\n" << std::flush;
    CHECK(err.good());
    dup2(ends[1], fd);
    err << "kept\n" << std::flush;
    CHECK(drained(ends[0], 100) == "kept\n");
    for (const int end : {ends[0], ends[1], full, fd}) {
        close(end);
    }
}

TEST_CASE("progress and messages wait for a terminal that is set not to wait") {
    const int main = posix_openpt(O_RDWR | O_NOCTTY);
    grantpt(main);
    unlockpt(main);
    const int terminal = open(ptsname(main), O_RDWR | O_NOCTTY | O_NONBLOCK);
    REQUIRE(terminal >= 0);
    const std::string line = numbers(200);
    std::thread writer([&] {
        OutputStream err(terminal);
        double now_s = 0;  // a second at every look: the line is drawn anew each time
        Reporter reporter(err, true, false, [&now_s] { return ++now_s; });
        Progress progress(reporter, "working");
        for (int i = 0; i < 100; ++i) {
            progress.update(0);
            reporter.warn(line);
        }
    });
    until_full(terminal);
    // A terminal adds a carriage return to each line's end.
    const std::string work = "working ╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌   0 %";
    const std::string once = work + "\r\x1b[Kalert: warning: " + line + "\r\n" + work;
    std::string all;
    for (int i = 0; i < 100; ++i) {
        all += (i == 0 ? "" : "\r\x1b[K") + once;
    }
    all += "\r\x1b[K";
    CHECK(drained(main, all.size()) == all);
    writer.join();
    close(terminal);
    close(main);
}

TEST_CASE("results wait for a full pipe that is set not to wait") {
    const test::TemporaryFolder folder;
    const auto store = folder.path() / "alert.db";
    test::fill_sample_store(store);
    const std::string report = "$ALERT --store " + store.string() + " report ";
    for (const std::string& command_line :
         {report + "run --label adaptive", report + "profile --json", report + "profile --full",
          report + "run --label adaptive --format csv", report + "run --label adaptive --json",
          report + "--label adaptive --format html", std::string("$ALERT --help"),
          std::string("$ALERT --version"), std::string("$ALERT run --help"),
          std::string("$ALERT completion bash"), std::string("$ALERT completion zsh"),
          std::string("$ALERT completion fish")}) {
        CAPTURE(command_line);
        const Finished plain = test::run(command_line);
        const Finished piped = test::run_into_full_pipe("exec " + command_line, STDOUT_FILENO);
        CHECK(plain.code == 0);
        CHECK(piped.code == 0);
        CHECK_FALSE(plain.out.empty());
        CHECK(piped.out == plain.out);
        CHECK(piped.err == plain.err);
        CHECK(
            test::run_into_full_pipe("exec " + command_line, STDOUT_FILENO, test::PipeKind::kSocket)
                .out == plain.out);
    }
}

TEST_CASE("errors and help on stderr wait for a full pipe that is set not to wait") {
    for (const std::string& command_line :
         {std::string("$ALERT"), std::string("$ALERT report --store none.db"),
          std::string("$ALERT devices --restore")}) {
        CAPTURE(command_line);
        const Finished plain = test::run("export XDG_STATE_HOME=$PWD\n" + command_line);
        const Finished piped = test::run_into_full_pipe(
            "export XDG_STATE_HOME=$PWD\nexec " + command_line, STDERR_FILENO);
        CHECK(piped.code == plain.code);
        CHECK_FALSE(plain.err.empty());
        CHECK(piped.err == plain.err);
        CHECK(piped.out == plain.out);
    }
}

TEST_CASE("a full disk under stdout is an error, a closed pipe a note, each in one line") {
    const Finished full = test::run("$ALERT completion bash > /dev/full");
    CHECK(full.code == 1);
    CHECK(full.err ==
          "alert: error: stdout: No space left on device; the results were not written in full\n");
    // A pipe whose reader has ended.
    const std::string closed = "exec 5> >(exit); wait $!; $ALERT completion bash >&5";
    const Finished note = test::run(closed);
    CHECK(note.code == 0);
    CHECK(note.err == "the reader of stdout has closed it; nothing more is written there\n");
    const Finished quiet = test::run(closed + " -q");
    CHECK(quiet.code == 0);
    CHECK(quiet.err.empty());
}

TEST_CASE("a closed stderr ends nothing") {
    CHECK(test::run("$ALERT completion bash 2>&- | wc -l").out ==
          test::run("$ALERT completion bash | wc -l").out);
    CHECK(test::run("$ALERT report --store none.db 2>&-").code == 2);
    CHECK(test::run("$ALERT report --store none.db 2> /dev/full").code == 2);
}

TEST_CASE("a file that is opened later takes no number of a standard file that is closed") {
    const pid_t child = fork();
    if (child == 0) {
        for (const int fd : {0, 1, 2}) {
            close(fd);
        }
        keep_standard_files();
        const bool apart = open("/dev/null", O_RDWR) > 2;
        const bool refused = write(STDOUT_FILENO, "x", 1) < 0 && errno == EBADF;
        _exit(apart && refused ? 0 : 1);
    }
    int status = 0;
    waitpid(child, &status, 0);
    CHECK(status == 0);
}

TEST_CASE("a closed stdout is an error, and the store is not written over") {
    const test::TemporaryFolder folder;
    const auto store = folder.path() / "alert.db";
    test::fill_sample_store(store);
    const std::string before = test::read_file(store);
    const Finished done =
        test::run("$ALERT --store " + store.string() + " report 0>&- 1>&-; echo $? >&2");
    CHECK(done.err ==
          "alert: error: stdout: Bad file descriptor; the results were not written in full\n1\n");
    CHECK(test::read_file(store) == before);
}
