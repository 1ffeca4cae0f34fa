#pragma once

namespace alert {

/// The paper's constants for E5.
struct IdleRatioFilterOptions {
    double process_noise = 1e-4;      ///< S
    double measurement_noise = 1e-3;  ///< V
    double initial_variance = 0.01;   ///< M(0)
    double initial_ratio = 0.3;       ///< phi(0)
};

/// phi: power in the idle time of a period over the power of the configuration that ran, followed
/// by a Kalman filter (E5).
class IdleRatioFilter {
   public:
    explicit IdleRatioFilter(const IdleRatioFilterOptions& options = {});

    /// `ratio` is p_idle / p(i,j).
    void observe(double ratio);

    double ratio() const { return ratio_; }

   private:
    IdleRatioFilterOptions options_;
    double variance_, ratio_;
};

}  // namespace alert
