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
    std::optional<double> power_w;  ///< mean over the whole inference; empty if not measured
    bool correct = false;
    std::optional<double> log_loss;  ///< empty if the data does not ask for it
};

/// Whether an inference this long (s) has to be run once, unmeasured, before it is measured among
/// other networks. In a live run the caches are warm from the same network. A short network that is
/// measured after a large one has cold caches, and takes up to twice its time.
inline bool needs_its_caches(double steady_s) {
    constexpr double kShort_s = 3e-3;  // for longer ones the cost of cold caches is negligible
    return steady_s > 0 && steady_s < kShort_s;
}

/// Idle time before a timed inference, unless the user says otherwise. In a paced run a network is
/// idle between its inputs; its caches and the clocks cool down, and the next inference takes
/// longer than one that follows another at once.
inline constexpr double kDefaultRest_s = 20e-3;

/// How long measure_inference() takes for an inference that takes `latency_s`.
double measuring_s(double latency_s, const Platform& platform, const PowerSetting& setting);

/// Runs all stages of the network on an input of the data, under the current setting of the
/// platform. An emulated setting's stretch is computed, not waited for. An inference too short for
/// the meter is repeated, untimed, until the energy of all repetitions determines its power;
/// without `metered` the meter is not read at all.
std::vector<MeasuredOutput> measure_inference(Network& network, const DataSet& data,
                                              std::size_t input, Platform& platform,
                                              const PowerSetting& setting, Clock& clock,
                                              bool metered = true);

}  // namespace alert
