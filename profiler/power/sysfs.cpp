#include "profiler/power/sysfs.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>

namespace alert {

std::filesystem::path sysfs_root() {
    const char* root = std::getenv("ALERT_SYSFS_ROOT");
    return root != nullptr && *root != '\0' ? root : "/sys";
}

std::optional<std::string> read_value(const std::filesystem::path& file) {
    const int fd = open(file.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return std::nullopt;
    }
    std::string text;
    std::array<char, 4096> part{};
    ssize_t size = 0;
    while ((size = read(fd, part.data(), part.size())) > 0) {
        text.append(part.data(), static_cast<std::size_t>(size));
    }
    const int failure = errno;
    close(fd);
    if (size < 0) {
        errno = failure;
        return std::nullopt;
    }
    if (!text.empty() && text.back() == '\n') {
        text.pop_back();
    }
    return text;
}

int write_value(const std::filesystem::path& file, std::string_view value) noexcept {
    const int fd = open(file.c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC);
    if (fd < 0) {
        return errno;
    }
    const ssize_t written = write(fd, value.data(), value.size());
    const int failure = written == static_cast<ssize_t>(value.size()) ? 0 : errno;
    close(fd);
    return failure;
}

}  // namespace alert
