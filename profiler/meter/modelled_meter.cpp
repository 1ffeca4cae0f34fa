#include "profiler/meter/modelled_meter.h"

#include <utility>

namespace alert {

ModelledMeter::ModelledMeter(const std::string& platform,
                             std::shared_ptr<const ModelledPower> power)
    : source_("modelled:" + platform), power_(std::move(power)) {}

double ModelledMeter::power_w() const {
    return activity_ == Activity::kInferring ? power_->inferring_w : power_->resting_w;
}

double ModelledMeter::read_j(double now_s) {
    if (!last_s_) {
        last_s_ = now_s;
    } else if (now_s > *last_s_) {
        energy_j_ += span_w_ * (now_s - *last_s_);
        last_s_ = now_s;
    }
    span_w_ = power_w();
    return energy_j_;
}

void ModelledMeter::tell(Activity activity, double now_s) {
    read_j(now_s);
    activity_ = activity;
    span_w_ = power_w();
}

}  // namespace alert
