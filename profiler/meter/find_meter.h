#pragma once

#include <memory>
#include <string>
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

/// RAPL, perf, hwmon, battery: from the finest to the coarsest. What they cover overlaps, so one
/// is used.
std::vector<MeterOffer> find_meters();

/// The first of them that works; null: none does.
std::unique_ptr<EnergyMeter> first_meter();

}  // namespace alert
