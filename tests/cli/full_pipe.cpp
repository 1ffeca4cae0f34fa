#include "tests/cli/full_pipe.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <stdexcept>
#include <thread>

namespace alert::test {
namespace {

constexpr std::size_t kPage = 4096;

/// A pipe of one page, or a socket, filled with dots.
struct FullPipe {
    int read_end = -1, write_end = -1;

    explicit FullPipe(PipeKind kind) {
        int ends[2];
        const bool made =
            kind == PipeKind::kPipe
                ? pipe2(ends, O_CLOEXEC) == 0 && fcntl(ends[1], F_SETPIPE_SZ, kPage) >= 0
                : socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0;
        if (!made || fcntl(ends[1], F_SETFL, O_NONBLOCK) != 0) {
            throw std::runtime_error("no pipe");
        }
        read_end = ends[0];
        write_end = ends[1];
        const std::string page(kPage, '.');
        while (write(write_end, page.data(), page.size()) > 0) {
        }
    }
    ~FullPipe() { close(read_end); }
    FullPipe(const FullPipe&) = delete;
    FullPipe& operator=(const FullPipe&) = delete;
};

/// The state of a process, as /proc tells it: 'S' sleeps, 'Z' has ended.
char state_of(pid_t process) {
    const std::string stat = read_file(fmt::format("/proc/{}/stat", process));
    return stat.at(stat.rfind(')') + 2);
}

/// Sleeping for a while, or ended.
void wait_until_blocked(pid_t process) {
    for (int asleep = 0, tries = 0; asleep < 10 && tries < 5000; ++tries) {
        const char state = state_of(process);
        asleep = state == 'S' ? asleep + 1 : 0;
        if (state == 'Z') {
            return;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
}

std::string read_to_end(int fd) {
    std::string text;
    char part[kPage];
    for (ssize_t size = 0; (size = read(fd, part, sizeof part)) > 0;) {
        text.append(part, static_cast<std::size_t>(size));
    }
    return text;
}

}  // namespace

Finished run_into_full_pipe(const std::string& command_line, int fd, PipeKind kind) {
    const TemporaryFolder folder;
    const std::string at = folder.path().string();
    const std::string other = fd == STDOUT_FILENO ? "err" : "out";
    write_file(folder.path() / "script",
               fmt::format("cd {0} && unset ALERT_STORE NO_COLOR && ALERT='{1}'\n{2}\n", at,
                           ALERT_PROGRAM, command_line));
    FullPipe pipe(kind);
    const pid_t child = fork();
    if (child == 0) {
        const int file = open((folder.path() / other).c_str(), O_WRONLY | O_CREAT, 0600);
        dup2(pipe.write_end, fd);
        dup2(file, fd == STDOUT_FILENO ? STDERR_FILENO : STDOUT_FILENO);
        execlp("bash", "bash", (folder.path() / "script").c_str(), nullptr);
        _exit(127);
    }
    close(pipe.write_end);
    wait_until_blocked(child);
    std::string piped = read_to_end(pipe.read_end);
    piped.erase(0, piped.find_first_not_of('.'));
    int status = 0;
    waitpid(child, &status, 0);
    const int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    const std::string filed = read_file(folder.path() / other);
    return fd == STDOUT_FILENO ? Finished{code, piped, filed} : Finished{code, filed, piped};
}

}  // namespace alert::test
