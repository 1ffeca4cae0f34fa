#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "core/method/idle_ratio_filter.h"
#include "core/method/slowdown_filter.h"
#include "tests/support/catch.h"

using namespace alert;

namespace {

// E4 and E5 with every quantity of every step kept, in long double and rearranged: a gain is one
// less the share of the measurement noise, a mean is a weighted mean of what was and what is seen.
struct SlowdownHistory {
    std::vector<long double> y{0}, gain{0.5L}, noise{0.1L}, sigma{0.1L}, mu{1};

    void append(double ratio) {
        const std::size_t n = y.size();
        y.push_back(ratio - mu[n - 1]);
        const long double correction = gain[n - 1] * y[n - 1];
        const long double adapted = noise[n - 1] - 0.7L * (noise[n - 1] - correction * correction);
        noise.push_back(adapted < 0.1L ? 0.1L : adapted);
        sigma.push_back(sigma[n - 1] + noise[n] - gain[n - 1] * sigma[n - 1]);
        gain.push_back(1 - 0.001L / (0.001L + sigma[n]));
        mu.push_back((1 - gain[n]) * mu[n - 1] + gain[n] * ratio);
    }
};

// A Kalman filter in its information form: precisions add up.
struct IdleRatioHistory {
    long double precision = 1 / 0.01L, phi = 0.3L;

    void append(double ratio) {
        const long double predicted = 1 / (1 / precision + 0.0001L);
        precision = predicted + 1 / 0.001L;
        phi = (predicted * phi + ratio / 0.001L) / precision;
    }
};

// Slowdowns that wander, jump and now and then are far off.
std::vector<double> random_ratios(std::size_t count, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    std::normal_distribution<> normal;
    std::uniform_real_distribution<> uniform;
    std::vector<double> ratios;
    double level = 1;
    for (std::size_t i = 0; i < count; ++i) {
        if (uniform(random) < 0.01) {
            level = 0.5 + 3 * uniform(random);
        }
        const double outlier = uniform(random) < 0.01 ? 10 : 1;
        ratios.push_back(level * outlier * std::exp(0.1 * normal(random)));
    }
    return ratios;
}

}  // namespace

TEST_CASE("before any input the slowdown is what the paper starts from") {
    const SlowdownFilter filter;
    CHECK(filter.mean() == 1);
    CHECK(filter.std() == 0.1);
}

TEST_CASE("the first steps of the slowdown filter are those worked out by hand") {
    SlowdownFilter filter;
    // y = 0.5, Q = max(0.1, 0.03) = 0.1, sigma = 0.5 * 0.1 + 0.1, K = 0.15 / 0.151.
    filter.observe(1.5);
    CHECK(filter.std() == Approx(0.15).epsilon(1e-12));
    CHECK(filter.mean() == Approx(1 + 0.5 * 150.0 / 151).epsilon(1e-12));
    // y = 2 - mu, Q = 0.03 + 0.7 (0.5 * 150 / 151)^2, which takes the step before, not this one.
    filter.observe(2);
    CHECK(filter.std() == Approx(0.20368317179071094).epsilon(1e-12));
    CHECK(filter.mean() == Approx(1.9975410227725376).epsilon(1e-12));
    filter.observe(2);
    CHECK(filter.std() == Approx(0.23739915789625957).epsilon(1e-12));
    CHECK(filter.mean() == Approx(1.9999896854617727).epsilon(1e-12));
}

TEST_CASE("a steady slowdown is learnt, and the process noise falls back to its floor") {
    SlowdownFilter filter;
    for (int i = 0; i < 50; ++i) {
        filter.observe(1.7);
    }
    CHECK(filter.mean() == Approx(1.7).epsilon(1e-9));
    // sigma = (1 - K) sigma + 0.1 with 1 - K = R / (sigma + R) has its fixed point here.
    const double fixed_point = (0.1 + std::sqrt(0.01 + 4 * 0.0001)) / 2;
    CHECK(filter.std() == Approx(fixed_point).epsilon(1e-9));
}

TEST_CASE("the slowdown filter follows long random sequences as another arrangement of it does") {
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        SlowdownFilter filter;
        SlowdownHistory history;
        double worst = 0;
        for (const double ratio : random_ratios(20000, seed)) {
            filter.observe(ratio);
            history.append(ratio);
            worst = std::max({worst, std::abs(filter.mean() - double(history.mu.back())),
                              std::abs(filter.std() - double(history.sigma.back()))});
        }
        CHECK(worst < 1e-10);
    }
}

TEST_CASE("other constants of the slowdown filter are obeyed") {
    SlowdownFilter filter({.initial_gain = 0.25,
                           .measurement_noise = 0.5,
                           .least_process_noise = 0.2,
                           .initial_mean = 2,
                           .initial_std = 0.4,
                           .forgetting = 0.5});
    filter.observe(3);  // Q = 0.2, sigma = 0.75 * 0.4 + 0.2 = 0.5, K = 0.5
    CHECK(filter.std() == Approx(0.5));
    CHECK(filter.mean() == Approx(2.5));
    filter.observe(2.5);  // Q = 0.1 + 0.5 * 0.5^2 = 0.225, sigma = 0.5 * 0.5 + 0.225, y = 0
    CHECK(filter.std() == Approx(0.475));
    CHECK(filter.mean() == Approx(2.5));
}

TEST_CASE("the first steps of the idle ratio filter are those worked out by hand") {
    IdleRatioFilter filter;
    CHECK(filter.ratio() == 0.3);
    filter.observe(0.2);  // W = 0.0101 / 0.0111
    CHECK(filter.ratio() == Approx(0.3 - 0.1 * 101 / 111).epsilon(1e-12));
    filter.observe(0.25);  // W = (0.0009099 + 0.0001) / (0.0009099 + 0.0011)
    CHECK(filter.ratio() == Approx(0.22960555804571942).epsilon(1e-12));
}

TEST_CASE("the idle ratio filter follows long random sequences as its information form does") {
    IdleRatioFilter filter;
    IdleRatioHistory history;
    double worst = 0;
    for (const double ratio : random_ratios(20000, 7)) {
        filter.observe(0.2 * ratio);
        history.append(0.2 * ratio);
        worst = std::max(worst, std::abs(filter.ratio() - double(history.phi)));
    }
    CHECK(worst < 1e-12);
}
