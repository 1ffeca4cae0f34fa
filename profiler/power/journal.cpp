#include "profiler/power/journal.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <nlohmann/json.hpp>
#include <span>
#include <thread>
#include <utility>

#include "alert/error.h"
#include "profiler/clock.h"
#include "profiler/power/nvml.h"
#include "profiler/power/sysfs.h"

namespace alert {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

/// A killed process leaves its group only when it has ended: waits for up to two seconds.
constexpr int kRemoveAttempts = 400;
constexpr timespec kRemovePause = {0, 5'000'000};

/// The descriptor at which a guardian passes on its lock.
constexpr int kHandedOn = 3;

int write_at(int folder, const char* file, const char* text, std::size_t size) noexcept {
    const int fd = openat(folder, file, O_WRONLY | O_TRUNC | O_CLOEXEC);
    if (fd < 0) {
        return -1;
    }
    const ssize_t written = write(fd, text, size);
    close(fd);
    return written < 0 ? -1 : 0;
}

/// Moves all processes of the group to the group above, a few kilobytes of the list at a time.
void move_members_up(int group) noexcept {
    const int members = openat(group, "cgroup.procs", O_RDONLY | O_CLOEXEC);
    if (members < 0) {
        return;
    }
    std::array<char, 4096> text{};
    const ssize_t size = read(members, text.data(), text.size());
    close(members);
    for (ssize_t start = 0, i = 0; i < size; ++i) {
        if (text[static_cast<std::size_t>(i)] == '\n') {
            write_at(group, "../cgroup.procs", text.data() + start,
                     static_cast<std::size_t>(i - start));
            start = i + 1;
        }
    }
}

bool remove_group(const char* path) noexcept {
    const int group = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (group < 0) {
        return errno == ENOENT;
    }
    bool removed = false;
    for (int attempt = 0; attempt < kRemoveAttempts && !removed; ++attempt) {
        if (attempt > 0) {
            nanosleep(&kRemovePause, nullptr);
        }
        move_members_up(group);
        removed = rmdir(path) == 0 || errno == ENOENT;
    }
    close(group);
    return removed;
}

void sync_folder(const fs::path& folder) {
    const int fd = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        fsync(fd);
        close(fd);
    }
}

[[noreturn]] void cannot(std::string_view what, const fs::path& file) {
    throw Error(fmt::format("{}: cannot be {}: {}; set $XDG_STATE_HOME to a folder that can",
                            file.string(), what, std::strerror(errno)));
}

/// The content of a file without the newline at the end, in `text`; empty if it cannot be read.
std::string_view short_text(const char* path, std::span<char> text) noexcept {
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return {};
    }
    const ssize_t size = read(fd, text.data(), text.size());
    close(fd);
    const std::string_view all(text.data(), static_cast<std::size_t>(std::max<ssize_t>(0, size)));
    return all.ends_with('\n') ? all.substr(0, all.size() - 1) : all;
}

bool holds(const char* path, std::string_view value) noexcept {
    std::array<char, 64> text{};
    return !value.empty() && short_text(path, text) == value;
}

bool is_number(std::string_view value) noexcept {
    return !value.empty() && value.find_first_not_of("0123456789") == std::string_view::npos;
}

std::string gpu_of(const RestoreAction& action) {
    return action.path.substr(kGpuLimit.size());
}

std::uint32_t milliwatts(std::string_view value) noexcept {
    std::uint32_t limit_mw = 0;
    std::from_chars(value.data(), value.data() + value.size(), limit_mw);
    return limit_mw;
}

bool is_open_on(int fd, const fs::path& file) {
    struct stat own = {};
    struct stat wanted = {};
    return fstat(fd, &own) == 0 && stat(file.c_str(), &wanted) == 0 &&
           own.st_dev == wanted.st_dev && own.st_ino == wanted.st_ino;
}

}  // namespace

bool needs_library(const RestoreAction& action) noexcept {
    return action.path.starts_with(kGpuLimit);
}

bool put_back(const RestoreAction& action) noexcept {
    if (!action.value) {
        return remove_group(action.path.c_str());
    }
    if (needs_library(action)) {
        return put_back_nvml_limit(gpu_of(action), milliwatts(*action.value));
    }
    const std::string& value = *action.value;
    if (holds(action.path.c_str(), value)) {
        return true;
    }
    const bool written = write_at(AT_FDCWD, action.path.c_str(), value.data(), value.size()) == 0;
    return written && (!is_number(value) || holds(action.path.c_str(), value));
}

bool exceeds_bound(const RestoreAction& action) noexcept {
    std::array<char, 64> text{};
    const std::string_view bound = short_text(action.bound.c_str(), text);
    const std::string_view value = *action.value;
    // Of two plain decimals the longer one is the larger.
    return is_number(bound) && std::pair(value.size(), value) > std::pair(bound.size(), bound);
}

std::string shell_command(const RestoreAction& action) {
    if (needs_library(action)) {
        return fmt::format("nvidia-smi -i {} -pl {:.10g}", gpu_of(action),
                           1e-3 * milliwatts(action.value.value_or("")));
    }
    if (action.value) {
        return fmt::format("echo '{}' > '{}'", *action.value, action.path);
    }
    return fmt::format(
        "for p in $(cat '{0}/cgroup.procs'); do echo $p > '{0}/../cgroup.procs'; done; rmdir '{0}'",
        action.path);
}

fs::path state_folder() {
    const char* state = std::getenv("XDG_STATE_HOME");
    const char* home = std::getenv("HOME");
    fs::path folder = "/run/alert";
    if (state != nullptr && *state != '\0') {
        folder = fs::path(state) / "alert";
    } else if (home != nullptr && *home != '\0') {
        folder = fs::path(home) / ".local/state/alert";
    }
    std::error_code failure;
    fs::create_directories(folder, failure);
    if (failure) {
        throw Error(fmt::format("{}: cannot be made: {}; set $XDG_STATE_HOME to a folder that can",
                                folder.string(), failure.message()));
    }
    return folder;
}

HolderLock::HolderLock(const fs::path& folder, std::string_view knob) {
    const fs::path file = folder / "lock";
    fd_ = open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (fd_ < 0) {
        cannot("opened", file);
    }
    // After the holder was killed, its guardian holds the lock for a short time.
    const double give_up_s = now_s() + 3;
    while (flock(fd_, LOCK_EX | LOCK_NB) != 0) {
        const std::string holder = read_value(file).value_or("");
        const pid_t pid = std::atoi(holder.c_str());
        const bool lives = pid <= 0 || kill(pid, 0) == 0 || errno != ESRCH;
        if (lives || now_s() > give_up_s) {
            close(fd_);
            throw Error(fmt::format("{}: held by another alert, process {}; wait until it ends",
                                    knob, holder));
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    const std::string pid = std::to_string(getpid());
    if (ftruncate(fd_, 0) != 0 || pwrite(fd_, pid.data(), pid.size(), 0) < 0) {
        const int failure = errno;
        close(fd_);
        errno = failure;
        cannot("written", file);
    }
}

HolderLock HolderLock::for_restoring(const fs::path& folder) {
    if (is_open_on(kHandedOn, folder / "lock") && flock(kHandedOn, LOCK_EX | LOCK_NB) == 0) {
        fcntl(kHandedOn, F_SETFD, FD_CLOEXEC);
        return HolderLock(
            kHandedOn);  // keeps the entry of the dead holder, so that others wait for this process
    }
    return HolderLock(folder, "--restore");
}

bool HolderLock::hand_on() const noexcept {
    return fd_ == kHandedOn ? fcntl(fd_, F_SETFD, 0) == 0 : dup2(fd_, kHandedOn) == kHandedOn;
}

HolderLock::~HolderLock() {
    close(fd_);
}

std::string boot_id() {
    return read_value("/proc/sys/kernel/random/boot_id").value_or("");
}

fs::path journal_file(const fs::path& folder) {
    return folder / "journal.json";
}

void write_journal(const fs::path& folder, const Journal& journal) {
    json actions = json::array();
    for (const RestoreAction& action : journal.actions) {
        actions.push_back({{"path", action.path},
                           {"value", action.value ? json(*action.value) : json(nullptr)},
                           {"bound", action.bound}});
    }
    const std::string text = json{
        {"boot_id", journal.boot_id},
        {"knob", journal.knob},
        {"pid", journal.pid},
        {"actions", actions}}.dump(2);
    const fs::path file = journal_file(folder);
    const fs::path fresh = folder / "journal.json.new";
    const int fd = open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0) {
        cannot("written", fresh);
    }
    errno = ENOSPC;  // not set by a short write
    const bool written = write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
    const bool synced = written && fsync(fd) == 0;
    const int failure = errno;
    close(fd);
    errno = failure;
    if (!synced || rename(fresh.c_str(), file.c_str()) != 0) {
        cannot("written", file);
    }
    sync_folder(folder);
}

std::optional<Journal> left_journal(const fs::path& folder) {
    const fs::path file = journal_file(folder);
    const auto text = read_value(file);
    if (!text) {
        if (errno == ENOENT) {
            return std::nullopt;
        }
        cannot("read", file);
    }
    const auto refused = [&] {
        return Error(
            fmt::format("{}: not a journal of alert; inspect it, then remove it", file.string()));
    };
    Journal journal;
    try {
        const json read = json::parse(*text);
        if (!read.at("pid").is_number_integer()) {  // must fit into a pid_t
            throw refused();
        }
        journal.boot_id = read.at("boot_id").get<std::string>();
        journal.knob = read.at("knob").get<std::string>();
        journal.pid = read.at("pid").get<pid_t>();
        for (const json& action : read.at("actions")) {
            const json& value = action.at("value");
            journal.actions.push_back(
                {action.at("path").get<std::string>(),
                 value.is_null() ? std::nullopt : std::optional(value.get<std::string>()),
                 action.at("bound").get<std::string>()});
        }
    } catch (const json::exception&) {
        throw refused();
    }
    if (journal.boot_id != boot_id()) {
        unlink(file.c_str());
        return std::nullopt;
    }
    return journal;
}

RestoreReport restore_left_behind() {
    const fs::path folder = state_folder();
    const HolderLock lock = HolderLock::for_restoring(folder);
    RestoreReport report{left_journal(folder), {}};
    if (!report.journal) {
        return report;
    }
    put_all_back(report.journal->actions, [&](const RestoreAction& action) {
        report.failures.push_back(shell_command(action));
    });
    if (report.failures.empty()) {
        unlink(journal_file(folder).c_str());
    }
    return report;
}

}  // namespace alert
