#pragma once

namespace alert {

/// Phi, the standard normal distribution function.
double normal_cdf(double z);

/// The standard normal quantile, Phi's inverse; p in (0, 1), relative error below 1e-9
/// (P. J. Acklam's rational approximation and one step of Halley's method).
double normal_quantile(double p);

}  // namespace alert
