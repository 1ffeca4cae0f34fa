#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <vector>

#include "profiler/read_watch.h"

namespace alert {

/// The content of a data file. Engine::load_data says what it must contain.
struct TorchData {
    std::filesystem::path file;
    at::Tensor inputs;  ///< [N, ...], on the CPU, with the strides it was saved with
    std::vector<std::int64_t> labels;
    std::vector<std::int64_t> groups;  ///< empty unless it is sequence data
};

/// Throws RequestError, and what `watch` throws.
TorchData read_data(const std::filesystem::path& file, const ReadWatch& watch);

}  // namespace alert
