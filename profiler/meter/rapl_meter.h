#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

#include "profiler/meter/energy_meter.h"
#include "profiler/power/rapl_zones.h"
#include "profiler/power/sysfs.h"

namespace alert {

/// The energy of all processor packages, as counted by RAPL. A counter wraps at its own range, on
/// large machines within a minute: a thread reads often enough that no wrap is missed.
class RaplMeter : public EnergyMeter {
   public:
    /// Throws Error if a counter cannot be read; since 2020 only root may (CVE-2020-8694).
    explicit RaplMeter(std::span<const RaplPackage> packages);
    ~RaplMeter() override;
    RaplMeter(const RaplMeter&) = delete;
    RaplMeter& operator=(const RaplMeter&) = delete;

    std::string_view source() const override { return "measured:rapl"; }
    double read_j(double now_s) override;
    double resolution_s() const override { return 1e-3; }

   private:
    struct Counter {
        NumberFile file;
        std::uint64_t range_uj, last_uj;
    };

    void read_counters();
    void keep_up(double interval_s);

    std::vector<Counter> counters_;
    std::uint64_t total_uj_ = 0;
    std::mutex mutex_;
    std::condition_variable ends_;
    bool ended_ = false;
    std::thread reader_;
};

}  // namespace alert
