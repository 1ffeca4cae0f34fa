#include "profiler/power/sysfs.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "alert/error.h"

namespace alert {

namespace {

std::optional<std::uint64_t> number_in(std::string_view text) {
    while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) {
        text.remove_suffix(1);
    }
    std::uint64_t number = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool whole = failure == std::errc() && end == text.data() + text.size();
    return whole ? std::optional(number) : std::nullopt;
}

}  // namespace

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

std::optional<std::uint64_t> read_number(const std::filesystem::path& file) {
    const auto text = read_value(file);
    return text ? number_in(*text) : std::nullopt;
}

NumberFile::NumberFile(std::filesystem::path file, For purpose)
    : path_(std::move(file)),
      fd_(open(path_.c_str(), (purpose == For::kSetting ? O_RDWR : O_RDONLY) | O_CLOEXEC)) {
    if (fd_ < 0) {
        throw Error(fmt::format("{}: {}", path_.string(), std::strerror(errno)));
    }
}

NumberFile::~NumberFile() {
    if (fd_ >= 0) {
        close(fd_);
    }
}

NumberFile::NumberFile(NumberFile&& other) noexcept
    : path_(std::move(other.path_)), fd_(std::exchange(other.fd_, -1)) {}

std::uint64_t NumberFile::read() const {
    char text[32];
    const ssize_t size = pread(fd_, text, sizeof text, 0);
    if (size < 0) {
        throw Error(
            fmt::format("{}: {}{}", path_.string(), std::strerror(errno),
                        errno == ENODEV ? "; it has vanished, its driver was unloaded" : ""));
    }
    const auto number = number_in({text, static_cast<std::size_t>(size)});
    if (!number) {
        throw Error(fmt::format("{}: holds no whole number", path_.string()));
    }
    return *number;
}

int NumberFile::write(std::uint64_t number) const noexcept {
    if (access(path_.c_str(), F_OK) != 0) {
        return errno;  // removed; an open file would still accept the write
    }
    char text[24];
    const auto end = std::to_chars(text, text + sizeof text, number).ptr;
    // Files of the kernel have no length, but a plain file in their place has.
    if (ftruncate(fd_, 0) != 0) {
        errno = 0;
    }
    return pwrite(fd_, text, static_cast<std::size_t>(end - text), 0) < 0 ? errno : 0;
}

}  // namespace alert
