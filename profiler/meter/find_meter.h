#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "profiler/meter/energy_meter.h"

namespace alert {

/// One way to the machine's energy, and whether it works here.
struct MeterOffer {
    std::string source;                  ///< "measured:rapl"
    std::string covers;                  ///< for people; may be empty where it is not there
    std::string mend;                    ///< why it does not work; empty where it does
    std::unique_ptr<EnergyMeter> meter;  ///< null where it does not work
};

/// RAPL, perf, hwmon, battery: from the finest to the coarsest; then NVML. What they cover
/// overlaps, so one is used, but for NVML's.
std::vector<MeterOffer> find_meters();

/// How often (s) the meter is seen to move, as the median of up to ten steps; empty where it moved
/// less than twice in `most_s`.
std::optional<double> seen_resolution_s(EnergyMeter& meter, double most_s);

/// The first of them that works, where networks run on `device` ("cpu", "cuda", "cuda:1"); null:
/// none does. For a GPU it is NVML's, together with that of the processor packages if there is one.
std::unique_ptr<EnergyMeter> first_meter(std::string_view device = "cpu");

}  // namespace alert
