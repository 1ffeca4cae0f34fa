#include "profiler/engine/torch_library.h"

#include <ATen/Parallel.h>
#include <c10/util/Exception.h>
#include <torch/csrc/Export.h>
#include <torch/csrc/jit/runtime/print_handler.h>
#include <torch/version.h>

#include <mutex>
#include <string>
#include <utility>

// OpenBLAS has threads of its own that LibTorch does not know. Null with another BLAS.
extern "C" void openblas_set_num_threads(int threads) __attribute__((weak));
// Null if LibTorch was not built with OpenMP.
extern "C" void omp_set_num_threads(int threads) __attribute__((weak));

namespace torch::jit {
// From a header that not every LibTorch package has (torch/csrc/jit/codegen/fuser/interface.h).
TORCH_API bool canFuseOnCPU();
TORCH_API void overrideCanFuseOnCPU(bool value);
}  // namespace torch::jit

namespace alert {
namespace {

// The value before the first change.
bool built_to_fuse() {
    static const bool found = torch::jit::canFuseOnCPU();
    return found;
}

std::mutex listening;
std::function<void(std::string_view)> listener;

void tell(std::string_view text) {
    const std::lock_guard lock(listening);
    while (listener && !text.empty()) {
        const std::size_t end = text.find('\n');
        listener(text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
}

class Warnings final : public c10::WarningHandler {
   public:
#if TORCH_VERSION_MAJOR >= 2
    void process(const c10::Warning& warning) override {
        tell(warning.msg());
    }
#else
    void process(const c10::SourceLocation& /*where*/, const std::string& what,
                 bool /*verbatim*/) override {
        tell(what);
    }
#endif
};

}  // namespace

void start_library(int threads) {
    // LibTorch does not use OpenMP's setting everywhere.
    at::set_num_threads(threads);
    change_threads(threads);
    if (built_to_fuse()) {
        torch::jit::overrideCanFuseOnCPU(false);
    }
}

void change_threads(int threads) {
    // LibTorch's own call also restarts a thread pool that our networks do not use, which takes 4
    // ms instead of a microsecond.
    if (omp_set_num_threads != nullptr) {
        omp_set_num_threads(threads);
    } else {
        at::set_num_threads(threads);
    }
    if (openblas_set_num_threads != nullptr) {
        openblas_set_num_threads(threads);
    }
}

void set_listener(std::function<void(std::string_view)> receiver) {
    {
        const std::lock_guard lock(listening);
        listener = std::move(receiver);
    }
    torch::jit::setPrintHandler([](const std::string& text) { tell(text); });
    static Warnings warnings;
#if TORCH_VERSION_MAJOR >= 2
    c10::WarningUtils::set_warning_handler(&warnings);
#else
    c10::Warning::set_warning_handler(&warnings);
#endif
}

bool can_fuse() {
    return built_to_fuse() && at::get_num_threads() == 1;
}

// Not by setTensorExprFuserEnabled: without it graphs are prepared differently, and networks take
// up to a third longer (1.13).
Fusing::Fusing(bool wanted) {
    torch::jit::overrideCanFuseOnCPU(wanted && built_to_fuse());
}

Fusing::~Fusing() {
    torch::jit::overrideCanFuseOnCPU(false);
}

}  // namespace alert
