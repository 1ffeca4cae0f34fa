#pragma once

#include <filesystem>
#include <vector>

#include "profiler/meter/energy_meter.h"

namespace alert {

/// The processor packages' energy as counted by the kernel's perf (event energy-pkg of the PMU
/// `power`), for machines on which powercap is missing or not readable.
class PerfMeter : public EnergyMeter {
   public:
    /// Throws Error with the remedy if there is no such event, or it may not be opened.
    explicit PerfMeter(const std::filesystem::path& sysfs_root);
    ~PerfMeter() override;
    PerfMeter(const PerfMeter&) = delete;
    PerfMeter& operator=(const PerfMeter&) = delete;

    std::string_view source() const override { return "measured:perf"; }
    double read_j(double now_s) override;
    double resolution_s() const override { return 1e-3; }

   private:
    void close_all();

    std::vector<int> counters_;  // one per package
    double scale_ = 1;           // J per count
};

}  // namespace alert
