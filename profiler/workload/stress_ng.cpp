#include "profiler/workload/stress_ng.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "alert/error.h"
#include "profiler/power/cgroup.h"
#include "profiler/power/sysfs.h"

namespace alert {
namespace {

/// Resets the signal handlers and the mask of the parent.
void reset_signals(void (*terminal)(int)) noexcept {
    for (int signal : {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGPIPE}) {
        std::signal(signal, terminal);
    }
    sigset_t none;
    sigemptyset(&none);
    pthread_sigmask(SIG_SETMASK, &none, nullptr);
}

[[noreturn]] void become_stress_ng(pid_t keeper, char* const* arguments) noexcept {
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != keeper) {
        _exit(1);
    }
    reset_signals(SIG_DFL);
    execv(arguments[0], arguments);
    _exit(127);
}

/// Returns when the other end of the pipe is closed or the child has ended.
void wait_for_either(int pipe, pid_t child) noexcept {
    // By number: glibc 2.36 declares pidfd_open without C linkage.
    const int ended = static_cast<int>(syscall(SYS_pidfd_open, child, 0));
    std::array<pollfd, 2> ends = {pollfd{pipe, POLLIN, 0}, pollfd{ended, POLLIN, 0}};
    while (poll(ends.data(), ends.size(), -1) < 0 && errno == EINTR) {
    }
}

/// Makes only system calls, as this process was forked from one that may have threads.
[[noreturn]] void keep(int pipe, const char* way_out, char* const* arguments) noexcept {
    setpgid(0, 0);
    reset_signals(SIG_IGN);
    prctl(PR_SET_NAME, "alert-keeper");
    // Workers whose parent was killed first become children of this process: it can reap them.
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    const int null = open("/dev/null", O_RDWR);
    for (int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        dup2(null, standard);
    }
    dup2(pipe, STDERR_FILENO + 1);
    pipe = STDERR_FILENO + 1;
    close_range(STDERR_FILENO + 2, ~0U, 0);
    fcntl(pipe, F_SETFD, FD_CLOEXEC);
    if (*way_out != '\0') {
        const int group = open(way_out, O_WRONLY | O_CLOEXEC);
        if (group < 0 || write(group, "0", 1) != 1) {
            _exit(1);
        }
    }
    const pid_t self = getpid();
    const pid_t stress = fork();
    if (stress == 0) {
        become_stress_ng(self, arguments);
    }
    if (stress > 0) {
        setpgid(stress, stress);  // in parent and child, whichever runs first
        wait_for_either(pipe, stress);
        kill(-stress, SIGKILL);
        kill(stress, SIGKILL);
        while (waitpid(-1, nullptr, 0) > 0 || errno == EINTR) {
        }
    }
    _exit(0);
}

}  // namespace

StressNg::StressNg(std::vector<std::string> arguments) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) {
        throw Error(fmt::format("stress-ng: no pipe: {}", std::strerror(errno)));
    }
    const std::string way_out = way_out_of_quota().string();
    std::vector<char*> argv;
    argv.reserve(arguments.size() + 1);
    for (std::string& argument : arguments) {
        argv.push_back(argument.data());
    }
    argv.push_back(nullptr);
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    keeper_ = fork();
    if (keeper_ == 0) {
        keep(ends[0], way_out.c_str(), argv.data());
    }
    const int failure = errno;
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    close(ends[0]);
    pipe_ = ends[1];
    if (keeper_ < 0) {
        close(pipe_);
        throw Error(fmt::format("stress-ng: cannot be started: {}", std::strerror(failure)));
    }
    setpgid(keeper_, keeper_);  // in parent and child, whichever runs first
}

StressNg::~StressNg() {
    close(pipe_);
    if (keeper_ > 0) {
        waitpid(keeper_, nullptr, 0);
    }
}

bool StressNg::running() {
    if (keeper_ > 0 && waitpid(keeper_, nullptr, WNOHANG) != 0) {
        keeper_ = -1;
    }
    return keeper_ > 0;
}

std::filesystem::path find_stress_ng() {
    const char* const variable = std::getenv("PATH");
    std::string_view path = variable == nullptr ? "" : variable;
    while (!path.empty()) {
        const std::string_view folder = path.substr(0, path.find(':'));
        path.remove_prefix(std::min(folder.size() + 1, path.size()));
        auto program = std::filesystem::path(folder) / "stress-ng";
        if (!folder.empty() && access(program.c_str(), X_OK) == 0) {
            return program;
        }
    }
    return {};
}

}  // namespace alert
