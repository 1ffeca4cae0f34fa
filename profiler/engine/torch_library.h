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

/// Whether this LibTorch can fuse on a CPU with the threads that it has now.
bool can_fuse();

/// The tensor-expression fuser, off elsewhere, is on while this lives if it is `wanted`: a graph
/// that specialises itself meanwhile, in its first runs, is fused and stays so.
class Fusing {
   public:
    explicit Fusing(bool wanted);
    ~Fusing();
    Fusing(const Fusing&) = delete;
    Fusing& operator=(const Fusing&) = delete;
};

}  // namespace alert
