#include <ATen/Parallel.h>
#include <c10/util/Exception.h>
#include <fmt/format.h>
#include <torch/csrc/jit/passes/tensorexpr_fuser.h>
#include <torch/cuda.h>
#include <torch/version.h>

#include <string_view>

#include "core/error.h"
#include "profiler/engine/module.h"
#include "profiler/engine/torch_data.h"
#include "profiler/engine/torch_error.h"
#include "profiler/engine/torch_load.h"

// OpenBLAS keeps threads of its own, of which LibTorch knows nothing. Null with another BLAS.
extern "C" void openblas_set_num_threads(int threads) __attribute__((weak));
// Null where LibTorch was built with threads other than OpenMP's.
extern "C" void omp_set_num_threads(int threads) __attribute__((weak));

namespace alert {
namespace {

at::Device parse_device(const std::string& text) {
    const auto refuse = [&](std::string_view what) {
        throw RequestError(fmt::format("--device {}: {}", text, what));
    };
    if (text == "cpu") {
        return at::kCPU;
    }
    constexpr std::string_view kCuda = "cuda";
    const std::string number = text.starts_with(kCuda) ? text.substr(kCuda.size()) : "?";
    const bool numbered = number.size() >= 2 && number.size() <= 3 && number[0] == ':' &&
                          number.find_first_not_of("0123456789", 1) == std::string::npos;
    if (!number.empty() && !numbered) {
        refuse("cpu, cuda or cuda:N is needed");
    }
    if (!torch::cuda::is_available()) {
        refuse(
            "this LibTorch has no CUDA, or finds no such device; use cpu, or build with a "
            "LibTorch for CUDA");
    }
    const int index = numbered ? std::stoi(number.substr(1)) : 0;
    const int devices = static_cast<int>(torch::cuda::device_count());
    if (index >= devices) {
        refuse(fmt::format("there are {} such devices, counted from 0", devices));
    }
    return {at::kCUDA, static_cast<c10::DeviceIndex>(index)};
}

// LibTorch would print its warnings to stderr, in the middle of a measurement.
class Silence final : public c10::WarningHandler {
   public:
#if TORCH_VERSION_MAJOR >= 2
    void process(const c10::Warning& /*warning*/) override {}
#else
    void process(const c10::SourceLocation& /*where*/, const std::string& /*what*/,
                 bool /*verbatim*/) override {}
#endif
};

void silence_warnings() {
    static Silence silence;
#if TORCH_VERSION_MAJOR >= 2
    c10::WarningUtils::set_warning_handler(&silence);
#else
    c10::Warning::set_warning_handler(&silence);
#endif
}

class TorchEngine final : public Engine {
   public:
    explicit TorchEngine(const EngineOptions& options) : device_(parse_device(options.device)) {
        if (options.threads < 1) {
            throw RequestError(fmt::format("--threads {}: 1 or more is needed", options.threads));
        }
        // LibTorch does not take the number from OpenMP's environment everywhere.
        at::set_num_threads(options.threads);
        TorchEngine::set_threads(options.threads);
        // The fuser compiles groups of operators with LLVM. That of LibTorch 2.6 never comes back
        // from some networks; before 2.1 it can crash in the second inference.
        torch::jit::setTensorExprFuserEnabled(false);
        silence_warnings();
    }

    std::string version() const override { return TORCH_VERSION; }

    int threads() const override { return at::get_num_threads(); }

    void set_threads(int threads) override {
        // LibTorch's own call also starts the threads of a pool anew that our networks do not use:
        // 4 ms in place of a microsecond.
        if (omp_set_num_threads != nullptr) {
            omp_set_num_threads(threads);
        } else {
            at::set_num_threads(threads);
        }
        if (openblas_set_num_threads != nullptr) {
            openblas_set_num_threads(threads);
        }
    }

    DataSet load_data(const std::filesystem::path& file) override {
        data_ = std::make_shared<const TorchData>(read_data(file));
        return {data_->labels.size(), data_->labels, data_->groups};
    }

    std::unique_ptr<Network> load_network(const std::filesystem::path& file) override {
        return load_torch_network(file, device_, data_);
    }

   private:
    at::Device device_;
    std::shared_ptr<const TorchData> data_;
};

}  // namespace
}  // namespace alert

alert::Engine* alert_make_engine(const alert::EngineOptions* options) {
    try {
        return new alert::TorchEngine(*options);
    } catch (const c10::Error& error) {
        throw alert::Error(alert::one_line(error));
    }
}
