#include "core/evaluation/statistics.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "core/method/normal.h"

namespace alert {

namespace {

constexpr double kConfidence = 0.99;

// P[X <= k] for X ~ Binomial(n, p), summed from logarithms: exact enough for n in the millions.
double binomial_cdf(std::int64_t k, std::int64_t n, double p) {
    if (k < 0) {
        return 0;
    }
    if (k >= n) {
        return 1;
    }
    if (p <= 0 || p >= 1) {
        return p <= 0 ? 1 : 0;
    }
    const auto size = static_cast<double>(n);
    double sum = 0;
    for (std::int64_t i = 0; i <= k; ++i) {
        const auto x = static_cast<double>(i);
        sum += std::exp(std::lgamma(size + 1) - std::lgamma(x + 1) - std::lgamma(size - x + 1) +
                        x * std::log(p) + (size - x) * std::log1p(-p));
    }
    return std::min(sum, 1.0);
}

// "Yes" is justified: so few failures would be rare if the share were lower.
bool supports(std::int64_t failed, std::int64_t inputs, double share) {
    // The median of a binomial is within one of its mean, so nothing needs to be summed above it.
    if (static_cast<double>(failed) > static_cast<double>(inputs) * (1 - share) + 1) {
        return false;
    }
    return binomial_cdf(failed, inputs, 1 - share) <= 1 - kConfidence;
}

// 97.5 % quantile of Student's t by the Cornish-Fisher expansion (Abramowitz and Stegun 26.7.5).
double student_quantile(double freedom) {
    const double z = normal_quantile(0.975);
    const double z3 = z * z * z;
    const double z5 = z3 * z * z;
    const double z7 = z5 * z * z;
    const double z9 = z7 * z * z;
    const double g1 = (z3 + z) / 4;
    const double g2 = (5 * z5 + 16 * z3 + 3 * z) / 96;
    const double g3 = (3 * z7 + 19 * z5 + 17 * z3 - 15 * z) / 384;
    const double g4 = (79 * z9 + 776 * z7 + 1482 * z5 - 1920 * z3 - 945 * z) / 92160;
    return z + (g1 + (g2 + (g3 + g4 / freedom) / freedom) / freedom) / freedom;
}

double median_of(std::vector<double> values) {
    const auto middle = values.begin() + std::ssize(values) / 2;
    std::nth_element(values.begin(), middle, values.end());
    const double upper = *middle;
    if (values.size() % 2 == 1) {
        return upper;
    }
    return (upper + *std::max_element(values.begin(), middle)) / 2;
}

}  // namespace

double mean_of(std::span<const double> values) {
    return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double std_of(std::span<const double> values) {
    if (values.size() < 2) {
        return 0;
    }
    const double mean = mean_of(values);
    double squares = 0;
    for (const double value : values) {
        squares += (value - mean) * (value - mean);
    }
    return std::sqrt(squares / static_cast<double>(values.size() - 1));
}

double percentile(std::vector<double> values, double p) {
    const auto n = static_cast<double>(values.size());
    // Rounding may put p n slightly above a whole number.
    const auto rank = static_cast<std::ptrdiff_t>(std::ceil(p * n - 1e-9 * n));
    const auto index = std::clamp<std::ptrdiff_t>(rank - 1, 0, std::ssize(values) - 1);
    std::nth_element(values.begin(), values.begin() + index, values.end());
    return values[static_cast<std::size_t>(index)];
}

void CorrelatedMean::add(double sample) {
    ++count_;
    if (count_ == 1) {
        first_ = sample;
    } else {
        lagged_products_ += (last_ - first_) * (sample - first_);
    }
    const double deviation = sample - mean_;
    mean_ += deviation / static_cast<double>(count_);
    squares_ += deviation * (sample - mean_);
    last_ = sample;
}

double CorrelatedMean::std() const {
    return count_ < 2 ? 0 : std::sqrt(squares_ / static_cast<double>(count_ - 1));
}

MeanInterval CorrelatedMean::interval() const {
    if (count_ < 2) {
        return {.mean = mean_, .half_width = std::numeric_limits<double>::infinity()};
    }
    const auto n = static_cast<double>(count_);
    // sum (x_i - m)(x_{i+1} - m), all values relative to the first sample.
    const double m = mean_ - first_;
    const double lagged = lagged_products_ - m * (2 * n * m - (last_ - first_)) + (n - 1) * m * m;
    const double r = squares_ > 0 ? std::clamp(lagged / squares_, 0.0, 0.99) : 0;
    const double effective = std::max(2.0, n * (1 - r) / (1 + r));
    return {.mean = mean_,
            .half_width = student_quantile(effective - 1) * std() / std::sqrt(effective)};
}

std::vector<std::size_t> outliers(std::span<const double> values) {
    std::vector<std::size_t> found;
    if (values.size() < 3) {
        return found;
    }
    const double median = median_of({values.begin(), values.end()});
    std::vector<double> deviations;
    deviations.reserve(values.size());
    for (const double value : values) {
        deviations.push_back(std::abs(value - median));
    }
    const double mad = median_of(deviations);
    for (std::size_t i = 0; i < values.size() && mad > 0; ++i) {
        if (0.6745 * std::abs(values[i] - median) > 3.5 * mad) {
            found.push_back(i);
        }
    }
    return found;
}

BinomialVerdict binomial_verdict(std::int64_t kept, std::int64_t inputs, double share) {
    const std::int64_t failed = inputs - kept;
    if (supports(failed, inputs, share)) {
        return {.verdict = Verdict::kYes};
    }
    // So many failures would be rare if the share were kept: P[X >= failed | 1 - share].
    if (1 - binomial_cdf(failed - 1, inputs, 1 - share) <= 1 - kConfidence) {
        return {.verdict = Verdict::kNo};
    }
    if (share >= 1) {
        return {.verdict = Verdict::kCannotTell};  // no sample can prove "always"
    }
    std::int64_t low = inputs, high = std::max<std::int64_t>(inputs, 1);
    while (!supports(failed, high, share)) {
        low = high;
        high *= 2;
    }
    while (high - low > 1) {
        const std::int64_t middle = low + (high - low) / 2;
        (supports(failed, middle, share) ? high : low) = middle;
    }
    return {.verdict = Verdict::kCannotTell, .inputs_needed = high};
}

}  // namespace alert
