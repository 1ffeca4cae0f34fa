#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// What a knob changes and how to restore it, saved before the first change, so that it can be
/// restored if the process dies.
namespace alert {

/// One thing to restore.
struct RestoreAction {
    /// A file, or kGpuLimit and the UUID of an NVIDIA GPU.
    std::string path;
    /// The value to write to `path`, or the power limit (mW) of a GPU. Empty: `path` is a control
    /// group; its processes move to the group above, and it is removed.
    std::optional<std::string> value;
    /// A file whose number this one must not exceed at any time; empty: none.
    std::string bound;
};

constexpr std::string_view kGpuLimit = "nvml:";

/// Whether it needs a library, not just system calls.
bool needs_library(const RestoreAction& action) noexcept;

/// Carries out the action; true if the machine is as it was. Numbers are read back, since a kernel
/// may accept a write and do something else. A value that is already in force is not written. Makes
/// only system calls if no library is needed, so that a guardian forked from a multi-threaded
/// program may call it.
bool put_back(const RestoreAction& action) noexcept;

/// Whether its value would exceed its bound now: the bound has to be restored first.
bool exceeds_bound(const RestoreAction& action) noexcept;

/// Carries out all actions independently, and calls `failed(action)` for those that fail. Values
/// are restored twice, since one may depend on those after it; a value in force is not written
/// again.
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

/// The shell command that carries out the action.
std::string shell_command(const RestoreAction& action);

/// The folder of journal and lock: $XDG_STATE_HOME/alert, ~/.local/state/alert, or /run/alert
/// for root without a home. Created if it does not exist. Throws Error.
std::filesystem::path state_folder();

/// Held by the alert that holds a knob, and by its guardian until everything is restored.
class HolderLock {
   public:
    /// `knob` is the start of the message. Throws Error that names the holder if there is one.
    HolderLock(const std::filesystem::path& folder, std::string_view knob);
    ~HolderLock();
    HolderLock(const HolderLock&) = delete;
    HolderLock& operator=(const HolderLock&) = delete;

    /// For --restore: the lock that a guardian passed on when it replaced itself by this program,
    /// else a new one.
    static HolderLock for_restoring(const std::filesystem::path& folder);

    int fd() const { return fd_; }

    /// Moves it to the descriptor where for_restoring() looks after an exec. Only system calls.
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

/// The journal is on the disk when this returns. Throws Error.
void write_journal(const std::filesystem::path& folder, const Journal& journal);

/// The journal that a run of this boot left there; empty if there is none. One of another boot is
/// dropped. Throws Error if it cannot be read.
std::optional<Journal> left_journal(const std::filesystem::path& folder);

/// What `alert devices --restore` did.
struct RestoreReport {
    std::optional<Journal> journal;     ///< empty: nothing was left behind
    std::vector<std::string> failures;  ///< shell commands for what could not be restored
};

/// Restores what a dead run left changed. Throws Error while another process holds a knob.
RestoreReport restore_left_behind();

}  // namespace alert
