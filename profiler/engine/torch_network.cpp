#include "profiler/engine/torch_network.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>
#include <fmt/format.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/cuda.h>

#include <algorithm>
#include <cmath>
#include <span>
#include <stdexcept>
#include <utility>

#include "alert/error.h"
#include "profiler/engine/torch_error.h"

namespace alert {
namespace {

std::span<const float> values_of(const at::Tensor& scores) {
    return {scores.data_ptr<float>(), static_cast<std::size_t>(scores.numel())};
}

}  // namespace

TorchNetwork::TorchNetwork(std::string name, TorchModule loaded, at::Device device,
                           std::shared_ptr<const TorchData> data)
    : name_(std::move(name)),
      stages_(loaded.stages),
      module_(std::move(loaded.module)),
      run_(module_.get_method(stages_ == 0 ? "forward" : "step")),
      device_(device),
      data_(std::move(data)) {}

// Errors of LibTorch contain a backtrace of many lines.
template <class Work>
auto TorchNetwork::in_one_line(const Work& work) const {
    try {
        return work();
    } catch (const c10::Error& error) {
        throw Error(fmt::format("{} failed: {}", name_, one_line(error)));
    }
}

void TorchNetwork::load_input(std::size_t n) {
    if (data_ == nullptr) {
        throw std::logic_error("a network was run before data was loaded");
    }
    const c10::InferenceMode inference;
    output_ = {};
    state_ = {};
    stages_left_ = 0;
    input_ = n;
    in_one_line([&] {
        // A copy even on the CPU, as a network may work in place.
        at::Tensor input = data_->inputs.narrow(0, static_cast<std::int64_t>(n), 1)
                               .to(device_, data_->inputs.scalar_type(), /*non_blocking=*/false,
                                   /*copy=*/true, at::MemoryFormat::Contiguous);
        if (stages_ == 0) {
            state_ = std::move(input);
        } else {
            state_ = c10::List<at::Tensor>({std::move(input)});
        }
        synchronise();
    });
    stages_left_ = std::max(stages_, 1);
}

void TorchNetwork::run_stage() {
    if (stages_left_ == 0) {
        throw std::logic_error("a network was run past its last stage");
    }
    const c10::InferenceMode inference;
    try {
        if (stages_ == 0) {
            output_ = run_({std::move(state_)});
        } else {
            const c10::IValue result =
                run_({std::move(state_), c10::IValue(stages_ - stages_left_)});
            const auto& parts = result.toTupleRef().elements();
            output_ = parts[0];
            state_ = parts[1];
        }
        --stages_left_;
        synchronise();
    } catch (const std::exception& error) {
        stages_left_ = 0;
        throw Error(
            fmt::format("{} failed on input {} of the data: {}", name_, input_, one_line(error)));
    }
}

void TorchNetwork::synchronise() const {
    if (device_.is_cuda()) {
        torch::cuda::synchronize(device_.index());
    }
}

at::Tensor TorchNetwork::checked_scores() const {
    // Inception and GoogLeNet of torchvision return a tuple that begins with the scores.
    const c10::IValue& first = output_.isTuple() && !output_.toTupleRef().elements().empty()
                                   ? output_.toTupleRef().elements()[0]
                                   : output_;
    if (!first.isTensor() || !first.toTensor().defined()) {
        throw Error(
            fmt::format("{} returns a {}; class scores [1, C], or a tuple that begins "
                        "with them, are needed",
                        name_, output_.type()->str()));
    }
    const at::Tensor& tensor = first.toTensor();
    if (tensor.layout() != at::kStrided || tensor.is_nested()) {
        throw Error(
            fmt::format("{} returns scores that are {}; return a plain tensor [1, C]: call "
                        "its to_dense()",
                        name_, tensor.is_nested() ? "nested" : c10::str(tensor.layout())));
    }
    const bool batch_of_one = tensor.dim() == 2 && tensor.size(0) == 1;
    if ((!batch_of_one && tensor.dim() != 1) || tensor.numel() == 0 || tensor.is_complex()) {
        throw Error(fmt::format("{} returns {} of shape {}; class scores [1, C] are needed", name_,
                                c10::toString(tensor.scalar_type()), c10::str(tensor.sizes())));
    }
    return (tensor.is_quantized() ? tensor.dequantize() : tensor).reshape({-1});
}

// In CPU memory; checks that the label has one.
at::Tensor TorchNetwork::scores_with(std::int64_t label) const {
    at::Tensor all =
        in_one_line([&] { return checked_scores().to(at::kCPU, at::kFloat).contiguous(); });
    if (label >= all.numel()) {
        throw Error(
            fmt::format("{} scores {} classes, but a label is {}", name_, all.numel(), label));
    }
    return all;
}

std::vector<float> TorchNetwork::scores() const {
    const c10::InferenceMode inference;
    const at::Tensor all = scores_with(0);
    const std::span<const float> values = values_of(all);
    return {values.begin(), values.end()};
}

void TorchNetwork::refuse_nan() const {
    const at::Tensor input = data_->inputs.select(0, static_cast<std::int64_t>(input_));
    throw Error(fmt::format("{} returns NaN scores for input {} of the data{}", name_, input_,
                            at::isnan(input).any().item<bool>() ? ", which holds NaN itself" : ""));
}

bool TorchNetwork::ranks(std::int64_t label, int top) {
    const c10::InferenceMode inference;
    const at::Tensor all = scores_with(label);
    const std::span<const float> values = values_of(all);
    const float own = values[static_cast<std::size_t>(label)];
    int better = 0, ordered = 0;
    for (const float value : values) {
        better += static_cast<int>(value > own);
        ordered += static_cast<int>(value == value);  // NOLINT(misc-redundant-expression): NaN
    }
    if (ordered < static_cast<int>(values.size())) {
        refuse_nan();
    }
    better += static_cast<int>(std::count(values.begin(), values.begin() + label, own));
    return better < top;
}

// One pass over data in the cache, so that nothing else is displaced from it between two stages.
double TorchNetwork::log_loss(std::int64_t label) {
    const c10::InferenceMode inference;
    const at::Tensor all = scores_with(label);
    const std::span<const float> values = values_of(all);
    const double most = *std::max_element(values.begin(), values.end());
    double sum = 0;
    for (const float value : values) {
        sum += std::exp(value - most);
    }
    const double loss = std::log(sum) + most - values[static_cast<std::size_t>(label)];
    if (std::isnan(loss)) {
        refuse_nan();
    }
    return loss;
}

int TorchNetwork::classes() {
    return in_one_line([&] { return static_cast<int>(checked_scores().numel()); });
}

}  // namespace alert
