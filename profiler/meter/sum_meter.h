#pragma once

#include <memory>
#include <string>

#include "profiler/meter/energy_meter.h"

namespace alert {

/// The energy of two meters that cover different things: "measured:nvml+rapl".
class SumMeter : public EnergyMeter {
   public:
    SumMeter(std::unique_ptr<EnergyMeter> first, std::unique_ptr<EnergyMeter> second);

    std::string_view source() const override { return source_; }
    double read_j(double now_s) override { return first_->read_j(now_s) + second_->read_j(now_s); }
    double resolution_s() const override;
    bool resolution_assumed() const override;
    void tell(Activity activity, double now_s) override;

   private:
    std::unique_ptr<EnergyMeter> first_, second_;
    std::string source_;
};

}  // namespace alert
