#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// What a knob changed and how to put it back, written down before the first change, so that a
/// process that dies leaves a way back.
namespace alert {

/// One thing to put back.
struct RestoreAction {
    /// A file, or kGpuLimit and the UUID of an NVIDIA GPU.
    std::string path;
    /// Written to `path`; the power limit (mW) of a GPU. Empty: `path` is a control group; what is
    /// in it moves to the group above, and it is removed.
    std::optional<std::string> value;
    /// A file whose number this one's must not exceed at any moment; empty: none.
    std::string bound;
};

constexpr std::string_view kGpuLimit = "nvml:";

/// Whether it takes a library, not just system calls.
bool needs_library(const RestoreAction& action) noexcept;

/// Carries it out; true when the machine is as it was. Numbers are read back, since a kernel may
/// take a write and do something else; nothing is written where they stand already. Only system
/// calls where no library is needed, so that a guardian forked from a program with threads may call
/// it.
bool put_back(const RestoreAction& action) noexcept;

/// Whether its value would exceed its bound now: the bound has to be put back first.
bool exceeds_bound(const RestoreAction& action) noexcept;

/// Carries out all, each on its own, and calls `failed(action)` for those that cannot be. Values go
/// twice, since one may depend on those after it; whatever stands already is not written again.
template <class Failed>
void put_all_back(std::span<const RestoreAction> actions, Failed failed) {
    for (const RestoreAction& action : actions) {
        if (action.value && !exceeds_bound(action)) {
            put_back(action);
        }
    }
    for (const RestoreAction& action : actions) {
        if (!put_back(action)) {
            failed(action);
        }
    }
}

/// The shell command that does the same.
std::string shell_command(const RestoreAction& action);

/// Where journal and lock are kept: $XDG_STATE_HOME/alert, ~/.local/state/alert, or /run/alert
/// for root without a home. Made when it is not there. Throws Error.
std::filesystem::path state_folder();

/// Held by the one alert that holds a knob, and by its guardian until everything is put back.
class HolderLock {
   public:
    /// `knob` opens the message. Throws Error that names the holder when there is one.
    HolderLock(const std::filesystem::path& folder, std::string_view knob);
    ~HolderLock();
    HolderLock(const HolderLock&) = delete;
    HolderLock& operator=(const HolderLock&) = delete;

    /// For --restore: the lock that a guardian handed on when it replaced itself by this program,
    /// else a fresh one.
    static HolderLock for_restoring(const std::filesystem::path& folder);

    int fd() const { return fd_; }

    /// Makes it the file in which for_restoring() looks after an exec. Only system calls.
    bool hand_on() const noexcept;

   private:
    explicit HolderLock(int fd) : fd_(fd) {}

    int fd_;
};

/// A run's journal.
struct Journal {
    std::string boot_id;
    std::string knob;
    pid_t pid = 0;
    std::vector<RestoreAction> actions;
};

std::string boot_id();
std::filesystem::path journal_file(const std::filesystem::path& folder);

/// On the disk when it returns. Throws Error.
void write_journal(const std::filesystem::path& folder, const Journal& journal);

/// The journal left there by a run of this boot, empty when there is none; one of another boot
/// is dropped. Throws Error where it cannot be read.
std::optional<Journal> left_journal(const std::filesystem::path& folder);

/// What `alert devices --restore` did.
struct RestoreReport {
    std::optional<Journal> journal;     ///< empty: nothing was left behind
    std::vector<std::string> failures;  ///< shell commands that would do what could not be done
};

/// Puts back what a dead run left changed. Throws Error while a holder lives.
RestoreReport restore_left_behind();

}  // namespace alert
