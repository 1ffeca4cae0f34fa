#pragma once

#include <filesystem>
#include <vector>

#include "profiler/meter/energy_meter.h"

namespace alert {

/// The processor packages' energy as the kernel's perf counts it (event energy-pkg of the PMU
/// `power`), for machines whose powercap is not there or not readable.
class PerfMeter : public EnergyMeter {
   public:
    /// Throws Error that names the mend where there is no such event, or it may not be opened.
    explicit PerfMeter(const std::filesystem::path& sysfs_root);
    ~PerfMeter() override;
    PerfMeter(const PerfMeter&) = delete;
    PerfMeter& operator=(const PerfMeter&) = delete;

    std::string_view source() const override { return "measured:perf"; }
    double read_j(double now_s) override;
    double resolution_s() const override { return 1e-3; }

   private:
    void close_all();

    std::vector<int> counters_;  // one a package
    double scale_ = 1;           // J a count
};

}  // namespace alert
