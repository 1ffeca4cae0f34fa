#include "tests/power/live_files.h"

#define FUSE_USE_VERSION 35
#include <fcntl.h>
#include <fuse3/fuse.h>
#include <fuse3/fuse_lowlevel.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <sys/eventfd.h>
#include <sys/mount.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <stdexcept>

namespace alert::test {

namespace {

constexpr unsigned kSize = 4096;  // what the kernel says of every file there

/// False, with errno, where this process may not have a mount namespace of its own.
bool have_own_namespace() {
    static const bool done = unshare(CLONE_NEWNS) == 0 &&
                             mount(nullptr, "/", nullptr, MS_PRIVATE | MS_REC, nullptr) == 0;
    return done;
}

// The allocator of a sanitizer is not put in order for the child of a fork, as libc's is: a child
// that was made while the server allocated would wait for ever. Whoever forks waits for the server.
std::mutex serving;

void keep_from_forks() {
    static const int failure =
        pthread_atfork([] { serving.lock(); }, [] { serving.unlock(); }, [] { serving.unlock(); });
    if (failure != 0) {
        throw std::runtime_error("no handlers of forks");
    }
}

}  // namespace

LiveFile constant(std::string text) {
    return {.read = [text = std::move(text)] { return text; }};
}

/// What the kernel asks of the file system. Each is called by the server's thread.
struct Operations {
    static LiveFiles& files() { return *static_cast<LiveFiles*>(fuse_get_context()->private_data); }

    static LiveFiles::Opened& opened(const fuse_file_info* info) {
        return files().opened_.at(info->fh);
    }

    static void* start(fuse_conn_info* /*connection*/, fuse_config* config) {
        config->entry_timeout = config->attr_timeout = config->negative_timeout = 0;
        config->direct_io = 1;
        return &files();
    }

    static int get_attributes(const char* path, struct stat* found, fuse_file_info* info) {
        const auto lock = files().still();
        const auto file = info != nullptr ? opened(info).file.lock() : files().find(path + 1);
        if (file) {
            found->st_mode = S_IFREG | file->mode;
            found->st_nlink = 1;
            found->st_size = kSize;
            return 0;
        }
        if (path != std::string("/") && files().children(path + 1).empty()) {
            return -ENOENT;
        }
        found->st_mode = S_IFDIR | 0755;
        found->st_nlink = 2;
        return 0;
    }

    static int list(const char* path, void* buffer, fuse_fill_dir_t fill, off_t /*offset*/,
                    fuse_file_info* /*info*/, fuse_readdir_flags /*flags*/) {
        const auto lock = files().still();
        for (const std::string& name : files().children(path + 1)) {
            fill(buffer, name.c_str(), nullptr, 0, fuse_fill_dir_flags{});
        }
        return 0;
    }

    static int open(const char* path, fuse_file_info* info) {
        const auto lock = files().still();
        const auto file = files().find(path + 1);
        if (!file) {
            return -ENOENT;
        }
        if ((info->flags & O_ACCMODE) != O_RDONLY && !file->write) {
            return -EACCES;
        }
        info->fh = ++files().last_handle_;
        files().opened_[info->fh].file = file;
        return 0;
    }

    static int release(const char* /*path*/, fuse_file_info* info) {
        const auto lock = files().still();
        files().opened_.erase(info->fh);
        return 0;
    }

    static int read(const char* /*path*/, char* buffer, std::size_t size, off_t offset,
                    fuse_file_info* info) {
        const auto lock = files().still();
        LiveFiles::Opened& reader = opened(info);
        const auto file = reader.file.lock();
        if (!file) {
            return -ENODEV;
        }
        try {
            if (offset == 0) {
                reader.text = file->read() + '\n';
            }
        } catch (const Refusal& refusal) {
            return -refusal.error;
        }
        const auto start = std::min(static_cast<std::size_t>(offset), reader.text.size());
        return static_cast<int>(reader.text.copy(buffer, size, start));
    }

    static int write(const char* /*path*/, const char* text, std::size_t size, off_t /*offset*/,
                     fuse_file_info* info) {
        const auto lock = files().still();
        const auto file = opened(info).file.lock();
        if (!file) {
            return -ENODEV;
        }
        try {
            file->write({text, size});
        } catch (const Refusal& refusal) {
            return -refusal.error;
        }
        return static_cast<int>(size);
    }

    // The kernel takes it, and there is nothing to cut.
    static int truncate(const char* /*path*/, off_t /*size*/, fuse_file_info* /*info*/) {
        return 0;
    }

    static fuse_operations all() {
        fuse_operations operations{};
        operations.init = start;
        operations.getattr = get_attributes;
        operations.readdir = list;
        operations.open = open;
        operations.release = release;
        operations.read = read;
        operations.write = write;
        operations.truncate = truncate;
        return operations;
    }
};

std::optional<std::string> LiveFiles::obstacle() {
    if (geteuid() != 0) {
        return "only root may mount the file system that stands for /sys";
    }
    const int device = ::open("/dev/fuse", O_RDWR | O_CLOEXEC);
    if (device < 0) {
        return std::string("/dev/fuse: ") + std::strerror(errno);
    }
    close(device);
    if (!have_own_namespace()) {
        return std::string("no mount namespace of its own is permitted here: ") +
               std::strerror(errno);
    }
    return std::nullopt;
}

LiveFiles::LiveFiles(std::filesystem::path mount_point) : mount_point_(std::move(mount_point)) {
    if (const auto why = obstacle()) {
        throw std::runtime_error(*why);
    }
    std::array<std::string, 3> options = {"live-files", "-o", "allow_other,default_permissions"};
    std::array<char*, 3> pointers{};
    std::transform(options.begin(), options.end(), pointers.begin(),
                   [](std::string& option) { return option.data(); });
    fuse_args arguments = FUSE_ARGS_INIT(static_cast<int>(pointers.size()), pointers.data());
    static const fuse_operations operations = Operations::all();
    fuse_ = fuse_new(&arguments, &operations, sizeof operations, this);
    fuse_opt_free_args(&arguments);
    if (fuse_ == nullptr || fuse_mount(fuse_, mount_point_.c_str()) != 0) {
        throw std::runtime_error(mount_point_.string() + ": cannot be mounted");
    }
    stop_ = eventfd(0, EFD_CLOEXEC);
    keep_from_forks();
    server_ = std::thread([this] { serve(); });
    // Waits for the server, which allocates to start.
    static_cast<void>(std::filesystem::status(mount_point_));
}

LiveFiles::~LiveFiles() {
    eventfd_write(stop_, 1);
    server_.join();
    fuse_unmount(fuse_);
    fuse_destroy(fuse_);
    close(stop_);
}

void LiveFiles::serve() {
    fuse_session* const session = fuse_get_session(fuse_);
    std::array<pollfd, 2> ends = {{{fuse_session_fd(session), POLLIN, 0}, {stop_, POLLIN, 0}}};
    fuse_buf request{};
    // Told to stop, it still answers what was asked before: files that were closed, too.
    while (poll(ends.data(), ends.size(), -1) > 0 && ends[0].revents != 0) {
        const std::lock_guard no_fork(serving);
        const int size = fuse_session_receive_buf(session, &request);
        if (size > 0) {
            fuse_session_process_buf(session, &request);
        } else if (size != -EINTR) {
            break;  // unmounted
        }
    }
    std::free(request.mem);
}

void LiveFiles::add(const std::string& path, LiveFile file) {
    const auto lock = still();
    files_.emplace_back(path, std::make_shared<LiveFile>(std::move(file)));
}

void LiveFiles::remove_folder(const std::string& path) {
    const auto lock = still();
    std::erase_if(files_, [&](const auto& entry) { return entry.first.starts_with(path + '/'); });
}

void LiveFiles::make_read_only() {
    if (mount(nullptr, mount_point_.c_str(), nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY, nullptr) !=
        0) {
        throw std::runtime_error(mount_point_.string() + ": cannot be made read-only");
    }
}

std::shared_ptr<LiveFile> LiveFiles::find(const std::string& path) const {
    const auto found = std::find_if(files_.begin(), files_.end(),
                                    [&](const auto& entry) { return entry.first == path; });
    return found == files_.end() ? nullptr : found->second;
}

// The names directly in the folder ("" is the root), each once.
std::vector<std::string> LiveFiles::children(const std::string& folder) const {
    const std::string prefix = folder.empty() ? "" : folder + '/';
    std::vector<std::string> names;
    for (const auto& [path, file] : files_) {
        if (path.starts_with(prefix)) {
            const std::string name =
                path.substr(prefix.size(), path.find('/', prefix.size()) - prefix.size());
            if (std::find(names.begin(), names.end(), name) == names.end()) {
                names.push_back(name);
            }
        }
    }
    return names;
}

}  // namespace alert::test
