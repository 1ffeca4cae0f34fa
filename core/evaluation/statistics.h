#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace alert {

double mean_of(std::span<const double> values);
/// Sample standard deviation; 0 for fewer than two values.
double std_of(std::span<const double> values);

/// Nearest-rank percentile, p in (0, 1]: the least value with at least p of all values at or
/// below it. `values` must not be empty.
double percentile(std::vector<double> values, double p);

/// How far the mean of consecutive measurements may be off.
struct MeanInterval {
    double mean = 0;
    double half_width = 0;  ///< of the 95 % confidence interval
};

/// Mean of consecutive measurements that are correlated with their neighbours, in constant memory.
class CorrelatedMean {
   public:
    void add(double sample);
    std::size_t count() const { return count_; }
    double mean() const { return mean_; }
    double std() const;

    /// The effective sample size is n (1 - r) / (1 + r), r the lag-one autocorrelation where
    /// positive (first-order autoregressive model; Box, Jenkins and Reinsel, Time Series Analysis);
    /// Student's t gives the width. Fewer than two samples: an infinite half-width.
    MeanInterval interval() const;

   private:
    std::size_t count_ = 0;
    double mean_ = 0, squares_ = 0;  // Welford's recurrence
    double first_ = 0, last_ = 0;
    double lagged_products_ = 0;  // of neighbours, each relative to the first sample
};

/// Indices of outliers by the modified z-score: |0.6745 (x - median) / MAD| > 3.5
/// (Iglewicz and Hoaglin, How to Detect and Handle Outliers, 1993).
std::vector<std::size_t> outliers(std::span<const double> values);

/// What a sample says about the claim "at least `share` of all inputs keep the goal".
enum class Verdict { kYes, kNo, kCannotTell };

struct BinomialVerdict {
    Verdict verdict = Verdict::kCannotTell;
    /// If it cannot tell: the number of inputs after which it could say "yes" if no other one
    /// failed.
    std::int64_t inputs_needed = 0;
};

/// Exact binomial test (Clopper and Pearson, 1934) of `kept` successes in `inputs`, one-sided, at
/// 99 % confidence each way.
BinomialVerdict binomial_verdict(std::int64_t kept, std::int64_t inputs, double share);

}  // namespace alert
