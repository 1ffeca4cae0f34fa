#pragma once

#include <functional>
#include <string_view>

/// What LibTorch keeps once for the whole process.
namespace alert {

/// Once, before the first network: how many threads they compute with, and no fusing.
void start_library(int threads);

/// Another number of threads, in a microsecond.
void change_threads(int threads);

/// Who is told, line by line, what networks print and what LibTorch warns of; empty: nobody. Both
/// would go to stdout and stderr otherwise, in the middle of results and measurements.
void set_listener(std::function<void(std::string_view line)> listener);

/// Whether this LibTorch was built to fuse on CPUs, and may with the number of threads it has now.
bool can_fuse();

/// The tensor-expression fuser, which is kept from CPUs elsewhere, may fuse while this lives if it
/// is `wanted`: a graph that specialises itself meanwhile, in its first runs, stays fused.
class Fusing {
   public:
    explicit Fusing(bool wanted);
    ~Fusing();
    Fusing(const Fusing&) = delete;
    Fusing& operator=(const Fusing&) = delete;
};

}  // namespace alert
