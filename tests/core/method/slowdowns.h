#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "core/method/normal.h"
#include "core/method/slowdown_distribution.h"

/// Random slowdowns for tests of the calibrated estimator.

using Random = std::mt19937_64;

inline double normal(Random& random, double mean, double std) {
    return std::normal_distribution<>(mean, std)(random);
}

inline double uniform(Random& random, double low, double high) {
    return std::uniform_real_distribution<>(low, high)(random);
}

// Slowdowns whose true distribution at input n is known.
struct Synthetic {
    std::string name;
    double low, high;  // logs of the deadlines that are worth asking about
    std::function<double(Random&, int n)> draw;
    std::function<double(double x, int n)> cdf;
};

inline constexpr int kInputs = 4000;
inline constexpr int kBurnIn = 300;

inline std::vector<Synthetic> synthetics() {
    const auto gaussian = [](double x, double mean, double std) {
        return alert::normal_cdf((x - mean) / std);
    };
    const auto level = [](int n) { return n < kInputs / 2 ? 0 : std::log(1.7); };
    const auto wave = [](int n) { return 0.3 * std::sin(n * 2e-3); };
    return {
        {"Gaussian", 0, 0.5, [](Random& r, int) { return std::max(0.5, normal(r, 1.3, 0.1)); },
         [=](double x, int) { return gaussian(x, 1.3, 0.1); }},
        {"log-normal", -0.5, 0.9, [](Random& r, int) { return std::exp(normal(r, 0.2, 0.25)); },
         [=](double x, int) { return gaussian(std::log(x), 0.2, 0.25); }},
        {"narrow", -0.1, 0.1, [](Random& r, int) { return std::exp(normal(r, 0, 0.02)); },
         [=](double x, int) { return gaussian(std::log(x), 0, 0.02); }},
        {"bimodal", -0.2, 0.8,  // preempted or not
         [](Random& r, int) {
             return uniform(r, 0, 1) < 0.7 ? normal(r, 1, 0.03) : normal(r, 1.8, 0.08);
         },
         [=](double x, int) { return 0.7 * gaussian(x, 1, 0.03) + 0.3 * gaussian(x, 1.8, 0.08); }},
        {"step", -0.2, 0.8,
         [=](Random& r, int n) { return std::exp(level(n) + normal(r, 0, 0.06)); },
         [=](double x, int n) { return gaussian(std::log(x), level(n), 0.06); }},
        {"drift", -0.5, 0.5,
         [=](Random& r, int n) { return std::exp(wave(n) + normal(r, 0, 0.08)); },
         [=](double x, int n) { return gaussian(std::log(x), wave(n), 0.08); }},
    };
}

// A single octave.
inline alert::SlowdownDistribution single(const alert::EstimatorOptions& options = {}) {
    return {0.01, 0.01, options};
}

inline alert::SlowdownDistribution taught(const Synthetic& synthetic, int inputs, unsigned seed) {
    Random random(seed);
    alert::SlowdownDistribution distribution = single();
    for (int n = 0; n < inputs; ++n) {
        distribution.observe(0, synthetic.draw(random, n));
    }
    return distribution;
}
