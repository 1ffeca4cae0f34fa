#include "cli/terminal/output_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <string>

#include "alert/error.h"
#include "cli/terminal/output.h"

namespace alert::cli {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse(const fs::path& file, int error, std::string_view remedy) {
    throw RequestError(
        fmt::format("--output {}: {}; {}", file.string(), std::strerror(error), remedy));
}

/// Writes everything and closes. Returns the error number, else 0.
int write_and_close(int fd, std::string_view text) {
    int error = write_fully(fd, text);
    if (close(fd) != 0 && error == 0) {
        error = errno;
    }
    return error;
}

[[noreturn]] void fail(const fs::path& file, int error, std::string_view left) {
    throw Error(fmt::format("--output {}: {}; {}", file.string(), std::strerror(error), left));
}

constexpr std::string_view kPartly = "it was not written in full";

void write_to_existing(const fs::path& file, std::string_view text) {
    const int fd = open(file.c_str(), O_WRONLY | O_CLOEXEC);
    if (fd < 0) {
        refuse(file, errno, "name a file that can be written");
    }
    if (const int error = write_and_close(fd, text); error != 0) {
        fail(file, error, kPartly);
    }
}

/// 3 for "/dev/fd/3" and its other names.
std::optional<int> number_named(const fs::path& file) {
    if (file == "/dev/stdout" || file == "/dev/stderr") {
        return file == "/dev/stdout" ? STDOUT_FILENO : STDERR_FILENO;
    }
    const fs::path folder = file.parent_path();
    const std::string name = file.filename();
    int number = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
    const bool whole = error == std::errc() && end == name.data() + name.size() && number >= 0;
    const bool named = folder == "/dev/fd" || folder == "/proc/self/fd" ||
                       folder == fmt::format("/proc/{}/fd", getpid());
    return whole && named ? std::optional(number) : std::nullopt;
}

/// The mode that open() would give a file: the umask can only be read by changing it.
mode_t usual_mode() {
    const mode_t mask = umask(0);
    umask(mask);
    return 0666 & ~mask;
}

}  // namespace

std::optional<int> descriptor_named(const fs::path& file) {
    constexpr int kMostLinks = 8;
    fs::path name = fs::absolute(file).lexically_normal();
    std::error_code no_link;
    for (int i = 0; i < kMostLinks; ++i) {
        if (const auto number = number_named(name)) {
            // Our own files, such as the store, are close-on-exec; those that were inherited are
            // not.
            const int flags = fcntl(*number, F_GETFD), mode = fcntl(*number, F_GETFL);
            if (flags < 0 || (flags & FD_CLOEXEC) != 0 || (mode & O_ACCMODE) == O_RDONLY) {
                refuse(file, EBADF, "name one that is open, or a file");
            }
            return number;
        }
        const fs::path target = fs::read_symlink(name, no_link);
        if (no_link) {
            break;
        }
        name = (name.parent_path() / target).lexically_normal();
    }
    return std::nullopt;
}

void write_file(const fs::path& file, std::string_view text) {
    // Not opened again: that would truncate a redirected file, and fails for a socket.
    if (const auto descriptor = descriptor_named(file)) {
        if (const int error = write_fully(*descriptor, text); error != 0) {
            fail(file, error, kPartly);
        }
        return;
    }
    // Follows links, so that the file is replaced and not the link.
    std::error_code ignored;
    const fs::path real = fs::exists(file, ignored) ? fs::canonical(file, ignored) : file;
    struct stat existing = {};
    const bool exists = stat(real.c_str(), &existing) == 0;
    if (exists && !S_ISREG(existing.st_mode)) {
        write_to_existing(file, text);
        return;
    }
    if (exists && access(real.c_str(), W_OK) != 0) {
        refuse(file, errno, "name a file that can be written");
    }
    std::string fresh = real.string() + ".XXXXXX";
    const int fd = mkstemp(fresh.data());
    if (fd < 0) {
        refuse(file, errno, "name a file in a folder that exists and can be written");
    }
    fchmod(fd, exists ? existing.st_mode & 07777 : usual_mode());
    int error = write_and_close(fd, text);
    if (error == 0 && rename(fresh.c_str(), real.c_str()) != 0) {
        error = errno;
    }
    if (error != 0) {
        unlink(fresh.c_str());
        fail(file, error, "nothing was written");
    }
}

}  // namespace alert::cli
