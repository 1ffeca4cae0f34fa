#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "profiler/meter/energy_meter.h"

namespace alert {

/// One energy meter of the machine, and whether it works.
struct MeterOffer {
    std::string source;                  ///< "measured:rapl"
    std::string covers;                  ///< for people; may be empty if the meter is missing
    std::string remedy;                  ///< why it does not work, and the remedy; empty if it does
    std::unique_ptr<EnergyMeter> meter;  ///< null if it does not work
};

/// RAPL, perf, hwmon, battery, from the finest to the coarsest; then NVML. What the first four
/// cover overlaps, so that only one of them is used.
std::vector<MeterOffer> find_meters();

/// The observed update interval (s) of the meter, the median of up to ten; empty if it was updated
/// less than twice in `most_s`.
std::optional<double> seen_resolution_s(EnergyMeter& meter, double most_s);

/// The first meter that works, for networks on `device` ("cpu", "cuda", "cuda:1"); null: none does.
/// For a GPU it is NVML's, together with that of the processor packages if there is one.
std::unique_ptr<EnergyMeter> first_meter(std::string_view device = "cpu");

}  // namespace alert
