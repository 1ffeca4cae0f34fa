#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

struct fuse;

namespace alert::test {

/// What a LiveFile throws to refuse a read or a write.
struct Refusal {
    int error;  ///< errno
};

/// A file as the kernel serves it below /sys: its text is made when it is read from the start, a
/// write is taken whole, and either may be refused with an errno. Without `write` nobody may open
/// it for writing, as in the kernel.
struct LiveFile {
    unsigned mode = 0444;
    std::function<std::string()> read;
    std::function<void(const std::string& text)> write;
};

LiveFile constant(std::string text);

/// A file system (FUSE) of live files, mounted in a mount namespace of this process and its
/// children, so that nothing of it is left however they end. Files belong to root; modes bind
/// everybody else. Folders are listed in the order in which their first file was added.
class LiveFiles {
   public:
    /// Why nothing can be mounted here; empty if it can.
    static std::optional<std::string> obstacle();

    /// Over `mount_point`, a folder. Throws std::runtime_error.
    explicit LiveFiles(std::filesystem::path mount_point);
    ~LiveFiles();
    LiveFiles(const LiveFiles&) = delete;
    LiveFiles& operator=(const LiveFiles&) = delete;

    /// Holds every reader and writer off while it is kept; files are called under it.
    std::unique_lock<std::mutex> still() const { return std::unique_lock(mutex_); }

    void add(const std::string& path, LiveFile file);
    /// With all that is in it; files that are open refuse with ENODEV from now on.
    void remove_folder(const std::string& path);
    /// As a container sees /sys: every write is refused with EROFS.
    void make_read_only();

    const std::filesystem::path& mount_point() const { return mount_point_; }

   private:
    friend struct Operations;

    /// A file that somebody has opened.
    struct Opened {
        std::weak_ptr<LiveFile> file;
        std::string text;  // made when it was read from the start
    };

    std::shared_ptr<LiveFile> find(const std::string& path) const;
    std::vector<std::string> children(const std::string& folder) const;
    void serve();

    std::filesystem::path mount_point_;
    std::vector<std::pair<std::string, std::shared_ptr<LiveFile>>> files_;
    std::map<std::uint64_t, Opened> opened_;  // by the handle that the kernel was given
    std::uint64_t last_handle_ = 0;
    mutable std::mutex mutex_;
    fuse* fuse_ = nullptr;
    int stop_ = -1;  // an eventfd
    std::thread server_;
};

}  // namespace alert::test
