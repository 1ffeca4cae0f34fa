#pragma once

#include <functional>
#include <ostream>
#include <streambuf>
#include <string_view>
#include <vector>

/// Writing to files, pipes and terminals.
namespace alert::cli {

/// Opens /dev/null in place of standard files that are closed (`alert report >&-`). Otherwise the
/// store or a network could get one of their numbers and be overwritten with results. Writing to
/// such a stdout fails, as writing to a closed one does.
void keep_standard_files();

/// Writes everything, waiting while a pipe is full, even a non-blocking one (EAGAIN), such as node
/// and some CI systems pass on. Returns 0, or the error number of a permanent failure.
int write_fully(int fd, std::string_view bytes);

/// A buffered stream over a file descriptor. It never throws: if the reader goes away or the disk
/// is full, the work continues.
class OutputStream : public std::ostream {
   public:
    using Failed = std::function<void(int error)>;

    /// With `failed`, a stream of results: `failed` is called with the first failure, and
    /// everything that follows is dropped, because results with a gap are useless. The stream is
    /// then bad(), unless the reader has closed it (EPIPE), which is not an error. Without
    /// `failed`, a stream of messages: one that cannot be written is dropped, and the next one is
    /// tried again.
    explicit OutputStream(int fd, Failed failed = {});
    ~OutputStream() override;
    OutputStream(const OutputStream&) = delete;
    OutputStream& operator=(const OutputStream&) = delete;

   private:
    class Buffer : public std::streambuf {
       public:
        Buffer(int fd, Failed failed);

       private:
        int_type overflow(int_type c) override;
        int sync() override;

        int fd_;
        Failed failed_;
        bool broken_ = false;
        std::vector<char> bytes_;
    };
    Buffer buffer_;
};

}  // namespace alert::cli
