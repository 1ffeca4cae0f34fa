#pragma once

#include <functional>
#include <ostream>
#include <streambuf>
#include <string_view>
#include <vector>

/// Writing to what others read: files, pipes, terminals.
namespace alert::cli {

/// Opens /dev/null in the place of standard files that are closed (`alert report >&-`): a store
/// or a network must not take their numbers, and be written over with results. Writing to such a
/// stdout fails as writing to a closed one does.
void keep_standard_files();

/// Writes all of it; waits where a pipe is full, also one that is set not to wait (EAGAIN), as
/// node and some CI systems hand on. 0, or the error number of what failed for good.
int write_fully(int fd, std::string_view bytes);

/// A buffered stream over a file descriptor. It never throws: what reads us may go away or run
/// out of space, and the work goes on all the same.
class OutputStream : public std::ostream {
   public:
    using Failed = std::function<void(int error)>;

    /// With `failed`, a stream of results: the first failure is told to it, and all that follows is
    /// dropped, as results with a hole are none. The stream is bad() then, unless whoever read it
    /// closed it (EPIPE), which is no fault of ours. Without, a stream of messages: what cannot be
    /// written is dropped, and the next one is tried again.
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
