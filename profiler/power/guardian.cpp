#include "profiler/power/guardian.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <sstream>
#include <system_error>
#include <utility>

#include "alert/error.h"

namespace alert {
namespace {

constexpr char kReady = 'r';
constexpr char kDone = 'd';

/// Closes all files but these two, so that no pipe or terminal is kept open.
void close_all_but(int a, int b) noexcept {
    const auto low = static_cast<unsigned>(std::min(a, b));
    const auto high = static_cast<unsigned>(std::max(a, b));
    close_range(0, low - 1, 0);
    close_range(low + 1, high - 1, 0);
    close_range(high + 1, ~0U, 0);
}

/// If memory runs out, the program should be killed and not its guardian: never, which requires a
/// privilege, or at least not before others.
void outlive_lack_of_memory() noexcept {
    const int score = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    for (const std::string_view wanted : {"-1000", "0"}) {
        if (write(score, wanted.data(), wanted.size()) > 0) {
            break;
        }
    }
    close(score);
}

/// This program or, if another one embeds this library, the `alert` in PATH; empty if there is
/// none.
std::string restoring_program() {
    constexpr const char* kSelf = "/proc/self/exe";
    std::error_code failure;
    if (std::filesystem::read_symlink(kSelf, failure).filename().string().starts_with("alert")) {
        return kSelf;
    }
    const char* const path = std::getenv("PATH");
    std::istringstream folders(path == nullptr ? "" : path);
    for (std::string folder; std::getline(folders, folder, ':');) {
        std::string program = (folder.empty() ? "." : folder) + "/alert";
        if (access(program.c_str(), X_OK) == 0) {
            return program;
        }
    }
    return "";
}

}  // namespace

Guardian::Guardian(std::string_view knob, std::vector<RestoreAction> actions)
    : folder_(state_folder()),
      lock_(folder_, knob),
      actions_(std::move(actions)),
      journal_(journal_file(folder_).string()),
      program_(restoring_program()) {
    if (const auto left = left_journal(folder_)) {
        throw Error(fmt::format(
            "{}: process {} died and left the machine changed; restore it with: alert devices "
            "--restore",
            knob, left->pid));
    }
    std::copy_if(actions_.begin(), actions_.end(), std::back_inserter(plain_),
                 [](const RestoreAction& action) { return !needs_library(action); });
    // The guardian first: if this process is killed in between, it leaves no journal behind.
    start_process();
    try {
        write_journal(folder_, {boot_id(), std::string(knob), getpid(), actions_});
    } catch (...) {
        let_go();
        throw;
    }
}

Guardian::~Guardian() {
    restore();
}

void Guardian::start_process() {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
        throw Error(fmt::format("guardian: no socket: {}", std::strerror(errno)));
    }
    // None of our handlers may run in the guardian before it ignores the signals.
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    process_ = fork();
    if (process_ == 0) {
        guard(ends[1]);
    }
    const int failure = errno;
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    close(ends[1]);
    socket_ = ends[0];
    // Until the guardian has a session of its own, a kill of the process group would reach it.
    char answer = 0;
    if (process_ < 0 || read(socket_, &answer, 1) != 1 || answer != kReady) {
        close(socket_);
        throw Error(fmt::format("guardian: cannot be started: {}", std::strerror(failure)));
    }
}

void Guardian::guard(int socket) noexcept {
    setsid();
    outlive_lack_of_memory();
    prctl(PR_SET_NAME, "alert-guardian");
    for (int signal : {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGPIPE, SIGTSTP, SIGTTIN, SIGTTOU}) {
        std::signal(signal, SIG_IGN);
    }
    sigset_t none;
    sigemptyset(&none);
    pthread_sigmask(SIG_SETMASK, &none, nullptr);
    close_all_but(socket, lock_.fd());
    // The program that takes over needs the current folder for relative paths in its environment.
    const bool takes_over = plain_.size() < actions_.size();
    if (!takes_over && chdir("/") != 0) {
        _exit(1);
    }
    char word = kReady;
    if (write(socket, &word, 1) != 1) {
        word = 0;
    }
    ssize_t size = 0;
    do {
        size = read(socket, &word, 1);
    } while (size < 0 && errno == EINTR);
    if (size == 1 && word == kDone) {
        _exit(0);
    }
    bool all = true;
    put_all_back(plain_, [&](const RestoreAction&) { all = false; });
    if (takes_over) {
        become_program();
    }
    if (all) {
        unlink(journal_.c_str());
    }
    _exit(0);
}

// The child of a multi-threaded program cannot use libraries, but a new program can. It holds the
// lock from the beginning, so that no other alert can interfere. If it does not start, the journal
// stays.
void Guardian::become_program() const noexcept {
    const int nothing = open("/dev/null", O_RDWR);
    if (!lock_.hand_on() || nothing < 0) {
        _exit(1);
    }
    for (int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        dup2(nothing, standard);
    }
    char program[] = "alert", command[] = "devices", option[] = "--restore";
    char* const arguments[] = {program, command, option, nullptr};
    execve(program_.c_str(), arguments, environ);
    _exit(1);
}

std::vector<std::string> Guardian::restore() {
    std::vector<std::string> failures;
    if (process_ < 0) {
        return failures;
    }
    put_all_back(actions_,
                 [&](const RestoreAction& action) { failures.push_back(shell_command(action)); });
    if (failures.empty()) {
        unlink(journal_.c_str());
    }
    let_go();
    return failures;
}

void Guardian::let_go() {
    // Without SIGPIPE: the guardian may have been killed.
    send(socket_, &kDone, 1, MSG_NOSIGNAL);
    close(socket_);
    waitpid(process_, nullptr, 0);
    process_ = -1;
}

}  // namespace alert
