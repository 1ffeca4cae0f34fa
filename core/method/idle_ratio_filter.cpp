#include "core/method/idle_ratio_filter.h"

namespace alert {

IdleRatioFilter::IdleRatioFilter(const IdleRatioFilterOptions& options)
    : options_(options), variance_(options.initial_variance), ratio_(options.initial_ratio) {}

void IdleRatioFilter::observe(double ratio) {  // E5
    const double predicted = variance_ + options_.process_noise;
    const double gain = predicted / (predicted + options_.measurement_noise);
    variance_ = (1 - gain) * predicted;
    ratio_ += gain * (ratio - ratio_);
}

}  // namespace alert
