#include "cli/report/output_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "core/error.h"

namespace alert::cli {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse(const fs::path& file, int error, std::string_view mend) {
    throw RequestError(
        fmt::format("--output {}: {}; {}", file.string(), std::strerror(error), mend));
}

/// Writes all and closes; the error number of what failed, else 0.
int write_all(int fd, std::string_view text) {
    int error = 0;
    while (!text.empty() && error == 0) {
        const ssize_t written = write(fd, text.data(), text.size());
        if (written >= 0) {
            text.remove_prefix(static_cast<std::size_t>(written));
        } else if (errno != EINTR) {
            error = errno;
        }
    }
    if (close(fd) != 0 && error == 0) {
        error = errno;
    }
    return error;
}

[[noreturn]] void fail(const fs::path& file, int error) {
    throw Error(
        fmt::format("--output {}: {}; nothing was written", file.string(), std::strerror(error)));
}

void write_to_existing(const fs::path& file, std::string_view text) {
    const int fd = open(file.c_str(), O_WRONLY | O_CLOEXEC);
    if (fd < 0) {
        refuse(file, errno, "name a file that can be written");
    }
    if (const int error = write_all(fd, text); error != 0) {
        fail(file, error);
    }
}

/// What a file made by open() would get: no way to ask for it but to change it.
mode_t usual_mode() {
    const mode_t mask = umask(0);
    umask(mask);
    return 0666 & ~mask;
}

}  // namespace

void write_file(const fs::path& file, std::string_view text) {
    // Through a link, to the file itself: replacing the link would leave the file as it was.
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
    int error = write_all(fd, text);
    if (error == 0 && rename(fresh.c_str(), real.c_str()) != 0) {
        error = errno;
    }
    if (error != 0) {
        unlink(fresh.c_str());
        fail(file, error);
    }
}

}  // namespace alert::cli
