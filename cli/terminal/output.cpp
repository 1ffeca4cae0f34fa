#include "cli/terminal/output.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace alert::cli {

void keep_standard_files() {
    for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF) {
            // Gets the lowest free number, as those below are in use by now. Read-only.
            if (open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd) {
                return;
            }
        }
    }
}

int write_fully(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(fd, bytes.data(), bytes.size());
        if (written >= 0) {
            bytes.remove_prefix(static_cast<std::size_t>(written));
        } else if (errno == EAGAIN) {
            // With a timeout: a terminal may have room again without waking a poll().
            constexpr int kTryAgainMs = 100;
            pollfd room{.fd = fd, .events = POLLOUT, .revents = 0};
            if (poll(&room, 1, kTryAgainMs) < 0 && errno != EINTR) {
                return errno;
            }
        } else if (errno != EINTR) {
            return errno;
        }
    }
    return 0;
}

OutputStream::OutputStream(int fd, Failed failed)
    : std::ostream(nullptr), buffer_(fd, std::move(failed)) {
    rdbuf(&buffer_);
}

OutputStream::~OutputStream() {
    flush();
}

OutputStream::Buffer::Buffer(int fd, Failed failed)
    : fd_(fd), failed_(std::move(failed)), bytes_(1U << 16U) {
    setp(bytes_.data(), bytes_.data() + bytes_.size());
}

OutputStream::Buffer::int_type OutputStream::Buffer::overflow(int_type c) {
    if (sync() != 0) {
        return traits_type::eof();
    }
    if (!traits_type::eq_int_type(c, traits_type::eof())) {
        sputc(traits_type::to_char_type(c));
    }
    return traits_type::not_eof(c);
}

int OutputStream::Buffer::sync() {
    const std::string_view bytes(pbase(), static_cast<std::size_t>(pptr() - pbase()));
    setp(bytes_.data(), bytes_.data() + bytes_.size());  // what failed is not written again
    const int error = broken_ ? 0 : write_fully(fd_, bytes);
    if (error == 0 || !failed_) {
        return 0;
    }
    broken_ = true;
    failed_(error);
    return error == EPIPE ? 0 : -1;
}

}  // namespace alert::cli
