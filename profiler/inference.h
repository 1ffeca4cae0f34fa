#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "profiler/engine/engine.h"
#include "profiler/power/platform.h"

namespace alert {

/// One output of an inference, as measured.
struct MeasuredOutput {
    int stage = 0;                  ///< 1..K; 0 for a traditional model
    double latency_s = 0;           ///< from the start of the inference to this output
    std::optional<double> power_w;  ///< mean of the whole inference; empty without a meter
    bool correct = false;
};

/// Runs all stages of the network on an input of the data, under the setting of the platform that
/// stands. An emulated setting's stretch is arithmetic here: waiting for it would measure nothing
/// but the waiting.
std::vector<MeasuredOutput> measure_inference(Network& network, const DataSet& data,
                                              std::size_t input, Platform& platform,
                                              const PowerSetting& setting);

}  // namespace alert
