#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "core/evaluation/statistics.h"
#include "core/method/slowdown_distribution.h"
#include "tests/core/method/slowdowns.h"
#include "tests/support/catch.h"

using namespace alert;

TEST_CASE("the probability that is stated is the true one, and the one observed") {
    // The deadlines lie anywhere around the slowdowns, whatever the estimate. All of an input's
    // share its draw, so that a bin's share is as uncertain as that of some thousand inputs: one
    // point.
    for (const auto& synthetic : synthetics()) {
        // Known to be worse between two modes, where many deadlines share one true probability:
        // about half of that comes of what E15 forgets, and goes where it remembers longer.
        const bool smooth = synthetic.name != "bimodal" && synthetic.name != "narrow";
        const double tolerance = smooth ? 0.03 : synthetic.name == "narrow" ? 0.06 : 0.13;
        // Nor can it be true to two points of what is as narrow as the cells, over which every step
        // is smoothed.
        for (const unsigned seed : {91U, 92U}) {
            Random random(seed);
            SlowdownDistribution distribution = single();
            std::array<double, 10> stated{}, truth{}, kept{}, count{};
            for (int n = 0; n < kInputs; ++n) {
                const double slowdown = synthetic.draw(random, n);
                for (int i = 0; i < 40 && n >= kBurnIn; ++i) {
                    const double deadline =
                        std::exp(uniform(random, synthetic.low, synthetic.high));
                    const double p = distribution.probability(0, deadline);
                    const auto bin = std::min<std::size_t>(9, static_cast<std::size_t>(10 * p));
                    stated[bin] += p;
                    truth[bin] += synthetic.cdf(deadline, n);
                    kept[bin] += slowdown <= deadline ? 1 : 0;
                    count[bin] += 1;
                }
                distribution.observe(0, slowdown);
            }
            for (std::size_t bin = 0; bin < 10; ++bin) {
                INFO(synthetic.name << ", seed " << seed << ", bin " << bin << " of "
                                    << count[bin]);
                if (count[bin] >= 200) {
                    CHECK(kept[bin] / count[bin] ==
                          Approx(stated[bin] / count[bin]).margin(tolerance).epsilon(0));
                    if (smooth) {
                        CHECK(truth[bin] / count[bin] ==
                              Approx(stated[bin] / count[bin]).margin(0.02).epsilon(0));
                    }
                }
            }
        }
    }
}

TEST_CASE("quantiles that are stated are exceeded as often as they say") {
    for (const auto& synthetic : synthetics()) {
        Random random(93);
        SlowdownDistribution distribution = single();
        constexpr std::array kShares{0.1, 0.25, 0.5, 0.75, 0.9, 0.95};
        std::array<int, kShares.size()> below{};
        for (int n = 0; n < kInputs; ++n) {
            const double slowdown = synthetic.draw(random, n);
            for (std::size_t i = 0; i < kShares.size() && n >= kBurnIn; ++i) {
                below[i] += slowdown <= distribution.quantile(0, kShares[i]) ? 1 : 0;
            }
            distribution.observe(0, slowdown);
        }
        for (std::size_t i = 0; i < kShares.size(); ++i) {
            INFO(synthetic.name << ", quantile " << kShares[i]);
            const double share = below[i] / static_cast<double>(kInputs - kBurnIn);
            CHECK(share == Approx(kShares[i]).margin(synthetic.name == "narrow" ? 0.06 : 0.03));
        }
    }
}

TEST_CASE("more time is never less likely to be enough") {
    for (const auto& synthetic : synthetics()) {
        const auto distribution = taught(synthetic, 700, 94);
        double before = 0;
        for (double ratio = 0.01; ratio < 100; ratio *= 1.003) {
            const double p = distribution.probability(0, ratio);
            CHECK(p >= before - 1e-6);  // the weights' sum is rounded
            before = p;
        }
        CHECK(distribution.probability(0, 0.01) <= 0.01);
        CHECK(before >= 0.99);
        CHECK(before <= 1 + 1e-6);
    }
}

TEST_CASE("a quantile is where its probability is reached") {
    for (const auto& synthetic : synthetics()) {
        const auto distribution = taught(synthetic, 700, 95);
        for (double p = 0.02; p < 0.98; p += 0.02) {
            INFO(synthetic.name << ", " << p);
            CHECK(distribution.probability(0, distribution.quantile(0, p)) ==
                  Approx(p).margin(1e-5));
        }
    }
}

TEST_CASE("mean and deviation are about those of what was seen") {
    for (const auto& synthetic : synthetics()) {
        if (synthetic.name == "step" || synthetic.name == "drift") {
            continue;  // what was seen long ago is forgotten
        }
        Random random(96);
        SlowdownDistribution distribution = single();
        std::vector<double> seen;
        double mean = 0, std = 0;
        for (int n = 0; n < kInputs; ++n) {
            seen.push_back(synthetic.draw(random, n));
            distribution.observe(0, seen.back());
            mean += distribution.mean(0) / kInputs;
            std += distribution.std(0) / kInputs;
        }
        INFO(synthetic.name);
        CHECK(mean == Approx(mean_of(seen)).epsilon(0.04));
        CHECK(std >= 0.9 * std_of(seen));
        CHECK(std <= 1.1 * std_of(seen) + 0.02);  // the prior has its part
    }
}

TEST_CASE("the excess over a limit is the mean of what lies above it") {
    // E[(xi - x)+] is the integral of P[xi > x] from x upwards, here in much finer steps. A step of
    // the histogram is smoothed over a cell, its excess is not.
    using D = SlowdownDistribution;
    for (const auto& synthetic : synthetics()) {
        const auto distribution = taught(synthetic, 700, 99);
        const auto edge = [](int cell) {
            return std::exp(double{D::kLowest} + double{D::kExcessCell} * (cell + 1));
        };
        double integral = 0;
        constexpr double kStep = 1e-4;
        for (int cell = D::kExcessCells - 1; cell >= 0; --cell) {
            INFO(synthetic.name << ", cell " << cell);
            CHECK(distribution.excess()[static_cast<std::size_t>(cell)] ==
                  Approx(integral).epsilon(0).margin(0.6 * D::kCell));
            for (double x = edge(cell - 1) + kStep / 2; x < edge(cell); x += kStep) {
                integral += kStep * (1 - distribution.probability(0, x));
            }
        }
    }
}
