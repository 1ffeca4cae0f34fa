#include "profiler/meter/sum_meter.h"

#include <algorithm>
#include <utility>

namespace alert {

SumMeter::SumMeter(std::unique_ptr<EnergyMeter> first, std::unique_ptr<EnergyMeter> second)
    : first_(std::move(first)), second_(std::move(second)) {
    const std::string_view other = second_->source();
    source_ = std::string(first_->source()) + "+" + std::string(other.substr(other.find(':') + 1));
}

double SumMeter::resolution_s() const {
    return std::max(first_->resolution_s(), second_->resolution_s());
}

bool SumMeter::resolution_assumed() const {
    return first_->resolution_assumed() || second_->resolution_assumed();
}

void SumMeter::tell(Activity activity, double now_s) {
    first_->tell(activity, now_s);
    second_->tell(activity, now_s);
}

}  // namespace alert
