#pragma once

#include <ATen/core/Tensor.h>

#include <atomic>
#include <memory>
#include <span>
#include <vector>

#include "profiler/engine/engine.h"
#include "profiler/engine/torch_data.h"

namespace alert {

/// Implements Engine::load_networks. `data` may be null.
std::vector<LoadedNetwork> load_torch_networks(std::span<const NetworkFile> files,
                                               at::Device device, const EngineOptions& options,
                                               const std::shared_ptr<const TorchData>& data,
                                               const LoadWatch& watch,
                                               const std::atomic<bool>& stop);

}  // namespace alert
