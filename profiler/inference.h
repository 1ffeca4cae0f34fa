#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "profiler/clock.h"
#include "profiler/engine/engine.h"
#include "profiler/power/platform.h"

namespace alert {

/// One output of an inference, as measured.
struct MeasuredOutput {
    int stage = 0;                  ///< 1..K; 0 for a traditional model
    double latency_s = 0;           ///< from the start of the inference to this output
    std::optional<double> power_w;  ///< mean of the whole inference; empty where none was read
    bool correct = false;
    std::optional<double> log_loss;  ///< empty where the data does not ask for it
};

/// Whether an inference this long (s) is to be run once, unmeasured, before it is measured among
/// other networks. In a live run the caches hold what the same network left there; one that is
/// measured after a large one would pay for loading them, up to twice its time.
inline bool needs_its_caches(double steady_s) {
    constexpr double kShort_s = 3e-3;  // longer ones load them in passing
    return steady_s > 0 && steady_s < kShort_s;
}

/// How long measure_inference() takes of an inference that takes `latency_s`.
double measuring_s(double latency_s, const Platform& platform, const PowerSetting& setting);

/// Runs all stages of the network on an input of the data, under the setting of the platform that
/// stands. An emulated setting's stretch is arithmetic here: waiting for it would measure nothing
/// but the waiting. An inference too short for the meter is run again, off the clock, until the
/// energy of all of them tells its power; without `metered` the meter is not read at all.
std::vector<MeasuredOutput> measure_inference(Network& network, const DataSet& data,
                                              std::size_t input, Platform& platform,
                                              const PowerSetting& setting, Clock& clock,
                                              bool metered = true);

}  // namespace alert
