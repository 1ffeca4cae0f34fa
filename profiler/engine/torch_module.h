#pragma once

#include <ATen/core/Tensor.h>
#include <torch/csrc/jit/api/module.h>

#include <filesystem>
#include <string>

#include "profiler/engine/form.h"

namespace alert {

/// A network's file, read and checked against the two conventions (traditional, anytime).
struct TorchModule {
    torch::jit::Module module;
    int stages = 0;  ///< 0 for a traditional network
    /// A layer that stays in training mode despite eval(), because the network was traced in that
    /// mode: "dropout", "batch_norm". Empty: there is none.
    std::string training_layer;
};

/// Loads and freezes a network. Throws RequestError.
TorchModule read_module(const std::filesystem::path& file, at::Device device);

/// Brings a module, which must not be shared, into a form; fusing itself happens in its first runs
/// (see Fusing). Throws c10::Error if that is not possible.
TorchModule in_form(TorchModule loaded, const NetworkForm& form);

}  // namespace alert
