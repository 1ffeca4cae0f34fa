#include <ATen/Parallel.h>
#include <c10/util/Exception.h>
#include <fmt/format.h>
#include <torch/cuda.h>
#include <torch/version.h>

#include <string_view>

#include "alert/error.h"
#include "profiler/engine/module.h"
#include "profiler/engine/torch_data.h"
#include "profiler/engine/torch_error.h"
#include "profiler/engine/torch_library.h"
#include "profiler/engine/torch_load.h"

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

class TorchEngine final : public Engine {
   public:
    explicit TorchEngine(const EngineOptions& options)
        : options_(options), device_(parse_device(options.device)) {
        if (options.threads < 1) {
            throw RequestError(fmt::format("--threads {}: 1 or more is needed", options.threads));
        }
        start_library(options.threads);
        set_listener(options.listener);
    }

    ~TorchEngine() override { set_listener({}); }
    TorchEngine(const TorchEngine&) = delete;
    TorchEngine& operator=(const TorchEngine&) = delete;

    std::string version() const override { return TORCH_VERSION; }

    int threads() const override { return at::get_num_threads(); }

    void set_threads(int threads) override { change_threads(threads); }

    DataSet load_data(const std::filesystem::path& file, const ReadWatch& watch) override {
        try {
            data_ = std::make_shared<const TorchData>(read_data(file, watch));
        } catch (const c10::Error& error) {
            throw RequestError(
                fmt::format("{} cannot be read: {}", file.string(), one_line(error)));
        }
        return {data_->labels.size(), data_->labels, data_->groups};
    }

    std::vector<LoadedNetwork> load_networks(std::span<const NetworkFile> files,
                                             const LoadWatch& watch,
                                             const std::atomic<bool>& stop) override {
        return load_torch_networks(files, device_, options_, data_, watch, stop);
    }

   private:
    EngineOptions options_;
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
