#pragma once

#include <functional>
#include <string_view>

/// LibTorch's settings for the whole process.
namespace alert {

/// Call once, before the first network: sets the number of threads, and disables fusing.
void start_library(int threads);

/// Changes the number of threads, in a microsecond.
void change_threads(int threads);

/// Sets who gets, line by line, what networks print and LibTorch's warnings; empty: they are
/// dropped. Otherwise they would go to stdout and stderr, among results and during measurements.
void set_listener(std::function<void(std::string_view line)> listener);

/// Whether this LibTorch was built to fuse on CPUs, and may do so with its current thread count.
bool can_fuse();

/// Enables the tensor-expression fuser, which is otherwise disabled on CPUs, during its lifetime,
/// if `wanted`. A graph that is specialised meanwhile, in its first runs, stays fused.
class Fusing {
   public:
    explicit Fusing(bool wanted);
    ~Fusing();
    Fusing(const Fusing&) = delete;
    Fusing& operator=(const Fusing&) = delete;
};

}  // namespace alert
