#include "profiler/engine/trial_process.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

#include "alert/error.h"
#include "profiler/clock.h"
#include "profiler/stop.h"

namespace alert {
namespace {

namespace fs = std::filesystem;
using Kind = TrialMessage::Kind;

constexpr const char* kProgram = "alert_torch_trial";
constexpr int kNap_ms = 50;
// LibTorch loads in a second, or ten on a busy machine.
constexpr double kStart_s = 120;
// A form other than plain is tried for seconds only.
constexpr double kFormBase_s = 5, kFormRuns = 20;

// In the folder of the library that contains this code.
fs::path find_program() {
    static const char here = 0;
    Dl_info info{};
    if (dladdr(&here, &info) == 0) {
        throw Error(fmt::format("{} cannot be located: dladdr failed", kProgram));
    }
    fs::path program = fs::absolute(info.dli_fname).parent_path() / kProgram;
    if (access(program.c_str(), X_OK) != 0) {
        throw Error(
            fmt::format("{}, which tries networks, is missing; build or install alert "
                        "again",
                        program.string()));
    }
    return program;
}

// A file without a name, which disappears with the last process that has it open.
int nameless_file(const std::string& content) {
    const int file = memfd_create(kProgram, MFD_CLOEXEC);
    std::size_t written = 0;
    while (file >= 0 && written < content.size()) {
        const ssize_t size = write(file, content.data() + written, content.size() - written);
        if (size < 0 && errno != EINTR) {
            break;
        }
        written += static_cast<std::size_t>(std::max<ssize_t>(size, 0));
    }
    if (file < 0 || written < content.size() || lseek(file, 0, SEEK_SET) != 0) {
        const int failure = errno;
        close(file);
        throw Error(
            fmt::format("{}: no memory for two inputs: {}", kProgram, std::strerror(failure)));
    }
    return file;
}

/// Makes only system calls, as this process was forked from one that may have threads.
[[noreturn]] void become_trial(pid_t parent, int socket, int inputs, const char* program,
                               char* const* arguments) noexcept {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) {
        _exit(1);
    }
    // Ignores signals meant to stop the parent, which ends the trial itself.
    for (const int signal : {SIGHUP, SIGINT, SIGQUIT, SIGTERM}) {
        std::signal(signal, SIG_IGN);
    }
    std::signal(SIGPIPE, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    pthread_sigmask(SIG_SETMASK, &none, nullptr);
    const int nothing = open("/dev/null", O_RDWR);
    // Moves them away from the numbers that they will get.
    const int high_socket = fcntl(socket, F_DUPFD, kTrialInputs + 1);
    const int high_inputs = fcntl(inputs, F_DUPFD, kTrialInputs + 1);
    for (const int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        dup2(nothing, standard);
    }
    dup2(high_socket, kTrialSocket);
    dup2(high_inputs, kTrialInputs);
    close_range(kTrialInputs + 1, ~0U, 0);
    execv(program, arguments);
    _exit(127);
}

std::string in_words(double time_s) {
    return fmt::format("{:.{}f} s", time_s, time_s < 10 ? 1 : 0);
}

}  // namespace

TrialProcess::TrialProcess(TrialSetUp set_up) : set_up_(std::move(set_up)) {}

TrialProcess::~TrialProcess() {
    end();
}

void TrialProcess::start() {
    const std::string program = find_program().string();
    std::array<std::string, 5> words{kProgram, std::to_string(set_up_.threads),
                                     set_up_.may_fuse ? "1" : "0", std::to_string(set_up_.greatest),
                                     set_up_.data_file};
    std::array<char*, words.size() + 1> arguments{};
    std::transform(words.begin(), words.end(), arguments.begin(),
                   [](std::string& word) { return word.data(); });
    const int inputs = nameless_file(set_up_.inputs);
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
        const int failure = errno;
        close(inputs);
        throw Error(fmt::format("{}: no socket: {}", kProgram, std::strerror(failure)));
    }
    const pid_t self = getpid();
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    process_ = fork();
    if (process_ == 0) {
        become_trial(self, ends[1], inputs, program.c_str(), arguments.data());
    }
    const int failure = errno;
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    close(inputs);
    close(ends[1]);
    socket_ = ends[0];
    if (process_ < 0) {
        end();
        throw Error(fmt::format("{}: cannot be started: {}", kProgram, std::strerror(failure)));
    }
}

void TrialProcess::end() {
    if (socket_ >= 0) {
        close(std::exchange(socket_, -1));
    }
    if (process_ > 0) {
        kill(process_, SIGKILL);
        while (waitpid(process_, nullptr, 0) < 0 && errno == EINTR) {
        }
        process_ = -1;
    }
}

// For a process that has closed its end.
std::string TrialProcess::how_it_ended() {
    int status = 0;
    while (waitpid(process_, &status, 0) < 0 && errno == EINTR) {
    }
    process_ = -1;
    end();
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) {
        return "SIGKILL: perhaps out of memory";
    }
    if (WIFSIGNALED(status)) {
        return fmt::format("SIG{}: {}", sigabbrev_np(WTERMSIG(status)),
                           sigdescr_np(WTERMSIG(status)));
    }
    return fmt::format("exit code {}", WEXITSTATUS(status));
}

// The next message; empty if none came within the limit.
std::optional<TrialMessage> TrialProcess::wait(double limit_s, std::string_view doing,
                                               const Watch& watch,
                                               const std::atomic<bool>& stop) const {
    double waited_s = 0;
    for (double last_s = now_s(); waited_s < limit_s;) {
        heed(stop);
        watch(fmt::format("trying {}, {:.0f} s", doing, waited_s));
        pollfd end{socket_, POLLIN, 0};
        if (poll(&end, 1, kNap_ms) > 0) {
            const std::string packet = receive_packet(socket_);
            return packet.empty() ? TrialMessage{.kind = Kind::kEnded} : decode(packet);
        }
        // The time for which this process was stopped, too (Ctrl-Z), does not count.
        const double here_s = now_s();
        waited_s += std::min(here_s - last_s, 4e-3 * kNap_ms);
        last_s = here_s;
    }
    return std::nullopt;
}

void TrialProcess::make_ready(const Watch& watch, const std::atomic<bool>& stop) {
    if (process_ > 0) {
        return;
    }
    start();
    const auto message = wait(kStart_s, "it", watch, stop);
    if (!message) {
        end();
        throw Error(fmt::format("{} does not start within {}", kProgram, in_words(kStart_s)));
    }
    if (message->kind != Kind::kReady) {
        throw Error(fmt::format("{} ended before it began ({}); build or install alert again",
                                find_program().string(), how_it_ended()));
    }
}

// For a network that fails even in its plain form.
void TrialProcess::refuse(const fs::path& file, bool ended) {
    if (ended) {
        throw RequestError(fmt::format(
            "{}: running it on one input crashes LibTorch ({}); export it again, or leave it out",
            file.string(), how_it_ended()));
    }
    end();
    throw RequestError(
        fmt::format("{}: no answer to one input within {}; does it loop forever? Leave it out",
                    file.string(), in_words(set_up_.patience_s)));
}

TrialResult TrialProcess::try_network(const fs::path& file, const Watch& watch,
                                      const std::atomic<bool>& stop) {
    make_ready(watch, stop);
    send_packet(socket_, file.string());  // if it is closed, receiving fails below
    TrialResult result;
    for (NetworkForm form;;) {
        const bool plain = form == NetworkForm{};
        const double limit_s =
            plain ? set_up_.patience_s
                  : std::min(set_up_.patience_s, kFormBase_s) + kFormRuns * result.plain_s;
        const auto message = wait(limit_s, to_string(form), watch, stop);
        if (!message || message->kind == Kind::kEnded) {
            if (plain) {
                refuse(file, message.has_value());
            }
            // Does not try further forms. A fuser that hung once is likely to hang again, each time
            // for the whole limit.
            set_up_.may_fuse = set_up_.may_fuse && !form.fused;
            result.forms.push_back(
                {.form = form,
                 .why_not = message ? fmt::format("crashes LibTorch ({})", how_it_ended())
                                    : fmt::format("not ready within {}", in_words(limit_s))});
            end();
            return result;
        }
        switch (message->kind) {
            case Kind::kBegins:
                form = message->form;
                break;
            case Kind::kTook:
                if (plain) {
                    result.plain_s = message->value;
                } else {
                    result.forms.push_back({.form = form, .relative = message->value});
                }
                break;
            case Kind::kNotTaken:
                result.forms.push_back({.form = message->form, .why_not = message->text});
                break;
            case Kind::kRefused:
                throw RequestError(message->text);
            default:
                return result;
        }
    }
}

}  // namespace alert
