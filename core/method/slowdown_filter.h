#pragma once

namespace alert {

/// The paper's constants for E4.
struct SlowdownFilterOptions {
    double initial_gain = 0.5;         ///< K(0)
    double measurement_noise = 1e-3;   ///< R
    double least_process_noise = 0.1;  ///< Q(0)
    double initial_mean = 1;           ///< mu(0)
    double initial_std = 0.1;          ///< sigma(0)
    double forgetting = 0.3;           ///< alpha
};

/// The slowdown xi ~ Normal(mu, sigma^2), one random variable for all configurations: an adaptive
/// Kalman filter over observed / profiled latency (E4, the paper's estimator).
class SlowdownFilter {
   public:
    explicit SlowdownFilter(const SlowdownFilterOptions& options = {});

    /// `ratio` is t / t_prof of the configuration that ran.
    void observe(double ratio);

    double mean() const { return mean_; }
    /// The sigma of the filter, interpreted as the standard deviation of the Gaussian.
    double std() const { return std_; }

   private:
    SlowdownFilterOptions options_;
    double mean_, std_, gain_, process_noise_;
    double innovation_ = 0;  // y(0)
};

}  // namespace alert
