#include "core/evaluation/statistics.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

#include "tests/support/catch.h"

using namespace alert;

namespace {

// First-order autoregressive samples around `mean`.
std::vector<double> correlated(std::size_t count, double mean, double r, std::mt19937_64& random) {
    std::normal_distribution<> normal;
    const double fresh = std::sqrt(1 - r * r);
    std::vector<double> samples;
    double x = normal(random);
    for (std::size_t i = 0; i < count; ++i) {
        samples.push_back(mean + x);
        x = r * x + fresh * normal(random);
    }
    return samples;
}

MeanInterval interval_of(const std::vector<double>& samples) {
    CorrelatedMean mean;
    for (const double sample : samples) {
        mean.add(sample);
    }
    return mean.interval();
}

// How often the interval holds the true mean.
double coverage(std::size_t count, double r) {
    std::mt19937_64 random(count);
    const int trials = 4000;
    int covered = 0;
    for (int t = 0; t < trials; ++t) {
        const auto interval = interval_of(correlated(count, 10, r, random));
        covered += std::abs(interval.mean - 10) <= interval.half_width;
    }
    return static_cast<double>(covered) / trials;
}

// P[X <= k], one term from the next: p(i + 1) = p(i) (n - i) / (i + 1) * p / (1 - p).
double binomial_cdf_by_recurrence(std::int64_t k, std::int64_t n, double p) {
    long double term = std::pow(1 - static_cast<long double>(p), static_cast<long double>(n));
    long double sum = 0;
    for (std::int64_t i = 0; i <= k; ++i) {
        sum += term;
        term *= static_cast<long double>(n - i) / static_cast<long double>(i + 1) * p / (1 - p);
    }
    return static_cast<double>(sum);
}

}  // namespace

TEST_CASE("mean and standard deviation have the values worked out by hand") {
    const std::vector<double> values{2, 4, 4, 4, 5, 5, 7, 9};
    CHECK(mean_of(values) == 5);
    CHECK(std_of(values) == Approx(std::sqrt(32.0 / 7)));
    CHECK(std_of(std::vector<double>{3}) == 0);
    CHECK(std_of({}) == 0);
}

TEST_CASE("percentiles are nearest ranks") {
    const std::vector<double> values{40, 15, 50, 20, 35};
    CHECK(percentile(values, 0.05) == 15);
    CHECK(percentile(values, 0.3) == 20);  // ceil(1.5) = 2nd
    CHECK(percentile(values, 0.4) == 20);
    CHECK(percentile(values, 0.41) == 35);
    CHECK(percentile(values, 0.5) == 35);
    CHECK(percentile(values, 1) == 50);
    CHECK(percentile({7}, 0.99) == 7);
}

TEST_CASE("a percentile that is a whole rank is not pushed to the next by rounding") {
    for (const int n : {20, 100, 1000}) {
        std::vector<double> values(n);
        std::iota(values.begin(), values.end(), 1);
        for (int rank = 1; rank <= n; ++rank) {
            CHECK(percentile(values, rank / static_cast<double>(n)) == rank);
        }
    }
    std::vector<double> hundred(100);
    std::iota(hundred.begin(), hundred.end(), 1);
    CHECK(percentile(hundred, 0.07) == 7);  // 0.07 * 100 is 7.000000000000001
    CHECK(percentile(hundred, 0.55) == 55);
}

TEST_CASE("independent samples get the interval of Student's t") {
    // Neighbours that alternate are not positively correlated: all of them count.
    const auto half_width = [](std::size_t n) {
        std::vector<double> samples;
        for (std::size_t i = 0; i < n; ++i) {
            samples.push_back(i % 2 == 0 ? 1 : 3);
        }
        return interval_of(samples).half_width / (std_of(samples) / std::sqrt(double(n)));
    };
    CHECK(half_width(3) == Approx(4.303).epsilon(0.01));
    CHECK(half_width(5) == Approx(2.776).epsilon(0.002));
    CHECK(half_width(11) == Approx(2.228).epsilon(0.001));
    CHECK(half_width(31) == Approx(2.042).epsilon(0.001));
    CHECK(half_width(1001) == Approx(1.962).epsilon(0.001));
}

TEST_CASE("a mean kept in constant memory is that of all samples, read in two passes") {
    std::mt19937_64 random(61);
    for (const double offset : {0.0, 0.01, 1e6}) {
        const auto samples = correlated(3000, offset, 0.7, random);
        const double mean = mean_of(samples), n = 3000;
        double squares = 0, products = 0;
        for (std::size_t i = 0; i < samples.size(); ++i) {
            squares += (samples[i] - mean) * (samples[i] - mean);
            products += i == 0 ? 0 : (samples[i] - mean) * (samples[i - 1] - mean);
        }
        const double r = products / squares;
        const double effective = n * (1 - r) / (1 + r);
        CorrelatedMean kept;
        for (const double sample : samples) {
            kept.add(sample);
        }
        CHECK(kept.count() == 3000);
        CHECK(kept.mean() == Approx(mean).epsilon(1e-12));
        CHECK(kept.std() == Approx(std_of(samples)).epsilon(1e-9));
        // More than 300 count, so that Student's t is within half a percent of 1.96.
        CHECK(kept.interval().half_width ==
              Approx(1.96 * std_of(samples) / std::sqrt(effective)).epsilon(0.005));
    }
}

TEST_CASE("correlated samples count for fewer") {
    // Squares sum to 82.5, products of neighbours to 57.75: r = 0.7, and 10 * 0.3 / 1.7 = 1.76
    // is taken as two, whose t is 12.7.
    const std::vector<double> ramp{1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
    CHECK(interval_of(ramp).mean == 5.5);
    CHECK(interval_of(ramp).half_width ==
          Approx(12.7 * std::sqrt(82.5 / 9) / std::sqrt(2.0)).epsilon(0.12));
}

TEST_CASE("about 95 of 100 intervals hold the true mean, however correlated the samples are") {
    CHECK(coverage(30, 0) == Approx(0.95).margin(0.02));
    CHECK(coverage(100, 0.3) == Approx(0.95).margin(0.02));
    CHECK(coverage(400, 0.6) == Approx(0.95).margin(0.02));
    CHECK(coverage(2000, 0.9) == Approx(0.95).margin(0.02));
}

TEST_CASE("fewer than two samples say nothing of the mean's precision") {
    CHECK(std::isinf(interval_of({}).half_width));
    const auto one = interval_of({4});
    CHECK(one.mean == 4);
    CHECK(std::isinf(one.half_width));
}

TEST_CASE("samples that are all alike have no warning") {
    CHECK(interval_of(std::vector<double>(20, 3.5)).half_width == 0);
}

TEST_CASE("outliers are found by the modified z-score") {
    // Median 10, deviations 1 0 1 0 2 1 30: MAD 1. Only |x - 10| > 3.5 / 0.6745 = 5.19 is far.
    const std::vector<double> values{9, 10, 11, 10, 12, 9, 40};
    CHECK(outliers(values) == std::vector<std::size_t>{6});
    CHECK(outliers(std::vector<double>{9, 10, 11, 10, 12, 9, 15.1}).empty());
    CHECK(outliers(std::vector<double>{9, 10, 11, 10, 12, 9, 15.2}).size() == 1);
    CHECK(outliers(std::vector<double>{9, 10, 11, 10, 12, 9, 4.7}).size() == 1);
}

TEST_CASE("where most values are alike or few, none is called an outlier") {
    CHECK(outliers(std::vector<double>{5, 5, 5, 5, 90}).empty());
    CHECK(outliers(std::vector<double>{1, 100}).empty());
    CHECK(outliers({}).empty());
}

TEST_CASE("459 inputs without a miss bear out 99 percent, 458 do not") {
    CHECK(binomial_verdict(459, 459, 0.99).verdict == Verdict::kYes);
    const auto short_of_it = binomial_verdict(458, 458, 0.99);
    CHECK(short_of_it.verdict == Verdict::kCannotTell);
    CHECK(short_of_it.inputs_needed == 459);
    CHECK(binomial_verdict(0, 0, 0.99).inputs_needed == 459);
}

TEST_CASE("the sample that is needed grows with misses as acceptance tables have it") {
    // Least n for 99 % confidence in a share, by misses allowed.
    CHECK(binomial_verdict(99, 100, 0.99).inputs_needed == 662);
    CHECK(binomial_verdict(98, 100, 0.99).inputs_needed == 838);
    CHECK(binomial_verdict(20, 20, 0.9).inputs_needed == 44);
    CHECK(binomial_verdict(20, 20, 0.95).inputs_needed == 90);
    CHECK(binomial_verdict(19, 20, 0.95).inputs_needed == 130);
    CHECK(binomial_verdict(661, 662, 0.99).verdict == Verdict::kYes);
    CHECK(binomial_verdict(660, 661, 0.99).verdict == Verdict::kCannotTell);
}

TEST_CASE("verdicts turn at the Clopper-Pearson limits") {
    struct Limits {
        std::int64_t kept, inputs;
        double lower, upper;  // one-sided, 99 % each
    };
    const Limits limits =
        GENERATE(Limits{8, 10, 0.388257, 0.984462}, Limits{10, 20, 0.238960, 0.761040},
                 Limits{95, 100, 0.874148, 0.987031}, Limits{18, 20, 0.641665, 0.992408});
    const auto verdict = [&](double share) {
        return binomial_verdict(limits.kept, limits.inputs, share).verdict;
    };
    CHECK(verdict(limits.lower - 1e-5) == Verdict::kYes);
    CHECK(verdict(limits.lower + 1e-5) == Verdict::kCannotTell);
    CHECK(verdict(limits.upper - 1e-5) == Verdict::kCannotTell);
    CHECK(verdict(limits.upper + 1e-5) == Verdict::kNo);
}

TEST_CASE("verdicts agree with binomial tails summed another way") {
    std::mt19937_64 random(53);
    for (int trial = 0; trial < 3000; ++trial) {
        const std::int64_t inputs = 1 + static_cast<std::int64_t>(random() % 600);
        const double share = 0.5 + 0.499 * static_cast<double>(random() % 1000) / 1000;
        const auto expected_misses =
            static_cast<std::int64_t>((1 - share) * static_cast<double>(inputs));
        const std::int64_t failed = std::min<std::int64_t>(
            inputs, static_cast<std::int64_t>(random() % (2 * expected_misses + 5)));
        const double below = binomial_cdf_by_recurrence(failed, inputs, 1 - share);
        const double above = 1 - binomial_cdf_by_recurrence(failed - 1, inputs, 1 - share);
        if (std::abs(below - 0.01) < 1e-9 || std::abs(above - 0.01) < 1e-9) {
            continue;
        }
        const auto result = binomial_verdict(inputs - failed, inputs, share);
        CHECK(result.verdict == (below < 0.01   ? Verdict::kYes
                                 : above < 0.01 ? Verdict::kNo
                                                : Verdict::kCannotTell));
        if (result.verdict == Verdict::kCannotTell) {
            const std::int64_t n = result.inputs_needed;
            CHECK(n > inputs);
            CHECK(binomial_cdf_by_recurrence(failed, n, 1 - share) <= 0.01 + 1e-9);
            CHECK(binomial_cdf_by_recurrence(failed, n - 1, 1 - share) > 0.01 - 1e-9);
        }
    }
}

TEST_CASE("always is never proven, and refuted by one miss") {
    const auto all_kept = binomial_verdict(1000000, 1000000, 1);
    CHECK(all_kept.verdict == Verdict::kCannotTell);
    CHECK(all_kept.inputs_needed == 0);
    CHECK(binomial_verdict(999999, 1000000, 1).verdict == Verdict::kNo);
}

TEST_CASE("large samples are judged as exactly as small ones") {
    CHECK(binomial_verdict(198200, 200000, 0.99).verdict == Verdict::kYes);
    CHECK(binomial_verdict(198050, 200000, 0.99).verdict == Verdict::kCannotTell);
    CHECK(binomial_verdict(197800, 200000, 0.99).verdict == Verdict::kNo);
}
