#include "core/method/slowdown_filter.h"

#include <algorithm>

namespace alert {

SlowdownFilter::SlowdownFilter(const SlowdownFilterOptions& options)
    : options_(options),
      mean_(options.initial_mean),
      std_(options.initial_std),
      gain_(options.initial_gain),
      process_noise_(options.least_process_noise) {}

void SlowdownFilter::observe(double ratio) {  // E4
    const double step = gain_ * innovation_;  // K(n-1) y(n-1)
    innovation_ = ratio - mean_;
    process_noise_ =
        std::max(options_.least_process_noise,
                 options_.forgetting * process_noise_ + (1 - options_.forgetting) * step * step);
    std_ = (1 - gain_) * std_ + process_noise_;
    gain_ = std_ / (std_ + options_.measurement_noise);
    mean_ += gain_ * innovation_;
}

}  // namespace alert
