#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "profiler/meter/energy_meter.h"
#include "profiler/power/nvml_gpu.h"

namespace alert {

/// The energy of one NVIDIA GPU: its counter or, if it has none, its power, sampled by a thread and
/// integrated (trapezoidal rule).
class NvmlMeter : public EnergyMeter {
   public:
    /// Throws Error if neither can be read.
    explicit NvmlMeter(NvmlGpu gpu);
    ~NvmlMeter() override;
    NvmlMeter(const NvmlMeter&) = delete;
    NvmlMeter& operator=(const NvmlMeter&) = delete;

    std::string_view source() const override { return "measured:nvml"; }
    double read_j(double now_s) override;
    double resolution_s() const override { return 0.1; }
    bool resolution_assumed() const override { return true; }
    double shown(double now_s) override;

   private:
    void sample(double now_s);
    void keep_up();

    NvmlGpu gpu_;
    double last_s_ = 0, last_w_ = 0, sampled_j_ = 0;
    std::mutex mutex_;
    std::condition_variable ends_;
    bool ended_ = false;
    std::thread sampler_;  // none if the GPU counts its energy
};

}  // namespace alert
