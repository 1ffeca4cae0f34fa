#pragma once

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <memory>

#include "profiler/engine/engine.h"
#include "profiler/engine/torch_data.h"

namespace alert {

/// Engine::load_network. With data the network is tried on it: it is refused where it does not
/// take the inputs, and runs in the faster of two forms that give the same scores.
std::unique_ptr<Network> load_torch_network(const std::filesystem::path& file, at::Device device,
                                            const std::shared_ptr<const TorchData>& data);

}  // namespace alert
