#pragma once

#include <atomic>
#include <cstddef>
#include <filesystem>
#include <vector>

#include "profiler/engine/torch_data.h"
#include "profiler/engine/torch_network.h"

namespace alert {

/// One run of all of a network.
struct Answer {
    std::vector<double> ends_s;              ///< of each stage, seconds of this thread
    std::vector<std::vector<float>> scores;  ///< of each stage
};

/// So many runs, and a fused or optimised graph is what it stays.
inline constexpr int kSpecialisingRuns = 3;

/// Runs all of the network on an input. Throws as run_stage does, and Interrupted.
Answer answer(TorchNetwork& network, std::size_t input, const std::atomic<bool>& stop);

/// The first run of a network. Throws RequestError where it does not fit the data, and Interrupted.
Answer first_answer(TorchNetwork& network, const std::filesystem::path& file, const TorchData& data,
                    const std::atomic<bool>& stop);

/// The same scores from every stage, as far as single precision tells: it has 7 digits, of which
/// another order of summation costs some.
bool alike(const Answer& a, const Answer& b);

}  // namespace alert
