#pragma once

#include <atomic>
#include <cstddef>
#include <filesystem>
#include <vector>

#include "profiler/engine/torch_data.h"
#include "profiler/engine/torch_network.h"

namespace alert {

/// One run of all stages of a network.
struct Answer {
    std::vector<double> ends_s;              ///< end of each stage, in CPU time of this thread
    std::vector<std::vector<float>> scores;  ///< of each stage
};

/// After this many runs a fused or optimised graph no longer changes.
inline constexpr int kSpecialisingRuns = 3;

/// Runs all stages on an input. Throws as run_stage does, and Interrupted.
Answer answer(TorchNetwork& network, std::size_t input, const std::atomic<bool>& stop);

/// The first run of a network. Throws RequestError if it does not fit the data, and Interrupted.
Answer first_answer(TorchNetwork& network, const std::filesystem::path& file, const TorchData& data,
                    const std::atomic<bool>& stop);

/// Whether all stages gave the same scores within single precision: it has 7 digits, of which a
/// different order of summation costs some.
bool alike(const Answer& a, const Answer& b);

}  // namespace alert
