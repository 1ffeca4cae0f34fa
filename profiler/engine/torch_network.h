#pragma once

#include <ATen/core/Tensor.h>
#include <torch/csrc/jit/api/module.h>

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "profiler/engine/engine.h"
#include "profiler/engine/torch_data.h"
#include "profiler/engine/torch_module.h"

namespace alert {

/// A TorchScript module that follows one of the two conventions.
class TorchNetwork final : public Network {
   public:
    /// Its error lines start with `name`. `data` may be null as long as no input is loaded.
    TorchNetwork(std::string name, TorchModule loaded, at::Device device,
                 std::shared_ptr<const TorchData> data);

    int stages() const override { return stages_; }
    void load_input(std::size_t n) override;
    void run_stage() override;
    bool ranks(std::int64_t label, int top) override;
    double log_loss(std::int64_t label) override;
    int classes() override;

    /// The last output, in single precision.
    std::vector<float> scores() const;

   private:
    void synchronise() const;
    at::Tensor checked_scores() const;
    at::Tensor scores_with(std::int64_t label) const;
    [[noreturn]] void refuse_nan() const;
    template <class Work>
    auto in_one_line(const Work& work) const;

    std::string name_;
    int stages_;
    torch::jit::Module module_;
    torch::jit::Method run_;
    at::Device device_;
    std::shared_ptr<const TorchData> data_;
    std::size_t input_ = 0;  ///< index of the loaded input
    int stages_left_ = 0;    ///< for that input
    c10::IValue state_;      ///< the input, or the state for the next stage
    c10::IValue output_;
};

}  // namespace alert
