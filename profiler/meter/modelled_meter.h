#pragma once

#include <memory>
#include <optional>
#include <string>

#include "profiler/meter/energy_meter.h"

namespace alert {

/// Power of a modelled processor under the current setting.
struct ModelledPower {
    double inferring_w = 0;
    double resting_w = 0;
};

/// Integrates modelled power over the times passed to it. A span is charged with the power at its
/// beginning, so apply a setting first, then call tell().
class ModelledMeter : public EnergyMeter {
   public:
    /// `platform` names the model: the source is "modelled:PLATFORM".
    ModelledMeter(const std::string& platform, std::shared_ptr<const ModelledPower> power);

    std::string_view source() const override { return source_; }
    double read_j(double now_s) override;
    void tell(Activity activity, double now_s) override;

   private:
    double power_w() const;

    std::string source_;
    std::shared_ptr<const ModelledPower> power_;
    Activity activity_ = Activity::kIdle;
    std::optional<double> last_s_;  // start of the span; empty before the first call
    double span_w_ = 0;
    double energy_j_ = 0;
};

}  // namespace alert
