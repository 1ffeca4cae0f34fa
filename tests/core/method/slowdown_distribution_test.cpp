#include "core/method/slowdown_distribution.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "core/evaluation/statistics.h"
#include "tests/core/method/slowdowns.h"
#include "tests/support/catch.h"

using namespace alert;

namespace {

EstimatorOptions with(const std::function<void(EstimatorOptions&)>& change) {
    EstimatorOptions options;
    change(options);
    return options;
}

// E15 as it is written: every observation is kept with its weight in every memory, and all of them
// are summed up again for every question.
class PlainMixture {
   public:
    PlainMixture(std::size_t octaves, EstimatorOptions options)
        : options_(std::move(options)),
          kept_(options_.memories.size(), std::vector<std::vector<Kept>>(octaves)),
          weights(options_.memories.size(), 1.0 / static_cast<double>(options_.memories.size())) {}

    void observe(std::size_t octave, double ratio) {
        weigh(octave, ratio);
        for (std::size_t e = 0; e < kept_.size(); ++e) {
            for (std::size_t k = 0; k < kept_[e].size(); ++k) {
                const double distance =
                    std::abs(static_cast<double>(k) - static_cast<double>(octave));
                const double v = std::pow(options_.pooling, distance);
                for (Kept& older : kept_[e][k]) {
                    older.v *= 1 - (1 - options_.memories[e]) * v;
                }
                kept_[e][k].push_back({ratio, v});
            }
        }
    }

    double probability(std::size_t octave, double x) const {
        double sum = 0;
        for (std::size_t e = 0; e < kept_.size(); ++e) {
            sum += weights[e] * memory(e, octave, std::log(x));
        }
        return sum;
    }

   private:
    struct Kept {
        double ratio, v;
    };

    static double kernel(double z) {  // the integral of Epanechnikov's
        const double u = std::clamp(z, -1.0, 1.0);
        return (2 + 3 * u - u * u * u) / 4;
    }

    double memory(std::size_t e, std::size_t k, double log_x) const {  // F_e
        double sum = options_.prior_weight * kernel(log_x / options_.prior_width);
        double total = options_.prior_weight;
        for (const Kept& kept : kept_[e][k]) {
            sum += kept.v * kernel((log_x - std::log(kept.ratio)) / options_.bandwidth);
            total += kept.v;
        }
        return sum / total;
    }

    // The tables know F_e at the edges of cells only.
    double at_edge(std::size_t e, std::size_t k, double cells) const {
        using D = SlowdownDistribution;
        const double cell = std::floor(cells + 0.5);
        return memory(e, k, double{D::kLowest} + double{D::kCell} * cell);
    }

    void weigh(std::size_t octave, double ratio) {
        using D = SlowdownDistribution;
        const double cells = (std::log(ratio) - double{D::kLowest}) / double{D::kCell};
        double total = 0;
        for (std::size_t e = 0; e < weights.size(); ++e) {
            weights[e] *= at_edge(e, octave, cells + 2.5) - at_edge(e, octave, cells - 2.5) + 1e-4;
            total += weights[e];
        }
        for (double& w : weights) {
            w = (1 - options_.share) * w / total +
                options_.share / static_cast<double>(weights.size());
        }
    }

    EstimatorOptions options_;
    std::vector<std::vector<std::vector<Kept>>> kept_;  // by memory, then octave

   public:
    std::vector<double> weights;  // w_e
};

}  // namespace

TEST_CASE("before anything is seen the slowdown is the prior, around one") {
    const auto distribution = single(with([](auto& o) { o.prior_width = 0.5F; }));
    CHECK(distribution.probability(0, 1) == Approx(0.5).margin(1e-4));
    CHECK(distribution.probability(0, std::exp(0.25)) ==
          Approx(0.5 + 0.75 * 0.5 - 0.25 * 0.125).margin(0.002));
    CHECK(distribution.probability(0, std::exp(0.55)) == Approx(1).margin(1e-4));
    CHECK(distribution.probability(0, std::exp(-0.55)) == Approx(0).margin(1e-4));
    // The kernel's deviation is its bandwidth over the root of 5.
    CHECK(distribution.mean(0) == Approx(std::exp(0.5 * 0.5 * 0.5 / 5)).epsilon(2e-3));
}

TEST_CASE("the mixture is what the equations say, summed up by a plain loop") {
    Random random(90);
    const EstimatorOptions options = with([](auto& o) {
        o.memories = {0.5F, 0.9F, 0.98F, 0.995F};
    });
    SlowdownDistribution distribution(0.001, 0.017, options);
    PlainMixture plain(distribution.octaves(), options);
    for (int n = 0; n < 400; ++n) {
        const double level = n / 50 % 2 == 0 ? 0.1 : 0.8;
        const auto octave = static_cast<std::size_t>(uniform(random, 0, 5));
        const double ratio = std::exp(normal(random, level, 0.1));
        distribution.observe(octave, ratio);
        plain.observe(octave, ratio);
        for (std::size_t e = 0; e < plain.weights.size(); ++e) {
            INFO("input " << n << ", memory " << e);
            CHECK(distribution.weights()[e] == Approx(plain.weights[e]).margin(2e-3));
        }
        for (std::size_t k = 0; k < distribution.octaves(); ++k) {
            INFO("input " << n << ", octave " << k);
            const double x = std::exp(uniform(random, -0.5, 1.5));
            // Between the edges of two cells F is a straight line.
            CHECK(distribution.probability(k, x) == Approx(plain.probability(k, x)).margin(0.02));
        }
    }
}

TEST_CASE("the weights of two memories after two observations, by hand") {
    // E15 with one octave, and a prior that has nothing at 2.
    const EstimatorOptions options = with([](auto& o) {
        o.memories = {0.5F, 1.0F};
        o.prior_width = 0.4F;
        o.prior_weight = 1;
        o.share = 0.1F;
    });
    SlowdownDistribution distribution = single(options);
    distribution.observe(0, 1);
    CHECK(distribution.weights()[0] == Approx(0.5));  // both expected the same
    distribution.observe(0, 2);                       // where neither holds anything
    CHECK(distribution.weights()[0] == Approx(0.5));
    // Now the first has kept half of the 1: of n0 + 0.5 + 1 it has 1 at 2; the second of 3.
    distribution.observe(0, 2);
    const double first = 1 / 2.5 + 1e-4, second = 1 / 3.0 + 1e-4;
    CHECK(distribution.weights()[0] == Approx(0.9 * first / (first + second) + 0.05).margin(1e-3));
}

TEST_CASE("weights sum up to one, and none is ever nothing") {
    Random random(89);
    SlowdownDistribution distribution = single();
    for (int n = 0; n < 2000; ++n) {
        distribution.observe(0, n % 300 < 280 ? 1 : uniform(random, 0.4, 30));
        float sum = 0;
        for (const float w : distribution.weights()) {
            sum += w;
            CHECK(w >= 0.1F / 3 - 1e-5F);
        }
        CHECK(sum == Approx(1).margin(1e-5));
    }
}

TEST_CASE("the median follows a step in four inputs, however large") {
    for (const double step : {0.5, 0.8, 1.25, 1.7, 4.0, 20.0}) {
        for (unsigned seed = 0; seed < 21; ++seed) {
            Random random(seed);
            SlowdownDistribution distribution = single();
            for (int n = 0; n < 500; ++n) {
                distribution.observe(0, std::exp(normal(random, 0, 0.04)));
            }
            int needed = 0;
            while (std::abs(std::log(distribution.quantile(0, 0.5) / step)) > 0.1 && needed < 100) {
                distribution.observe(0, step * std::exp(normal(random, 0, 0.04)));
                ++needed;
            }
            INFO("to " << step << ", seed " << seed);
            CHECK(needed <= 4);
        }
    }
}

TEST_CASE(
    "where environments take turns the short memory prevails, on a steady machine the long one") {
    Random random(3);
    const auto weights = [&](int turn) {
        SlowdownDistribution distribution = single();
        std::vector<double> mean(distribution.weights().size());
        for (int n = 0; n < 1000; ++n) {
            const double level = n / turn % 2 == 0 ? 1 : 2;
            distribution.observe(0, level * std::exp(normal(random, 0, 0.05)));
            for (std::size_t e = 0; e < mean.size(); ++e) {
                mean[e] += static_cast<double>(distribution.weights()[e]) / 1000;
            }
        }
        return mean;
    };
    const auto turns = weights(40), steady = weights(1000);
    CHECK(turns[0] + turns[1] > turns[2]);
    CHECK(steady[2] > steady[0]);
}

TEST_CASE("a regime that returns is followed within six inputs, every time") {
    Random random(4);
    SlowdownDistribution distribution = single();
    for (int turn = 0; turn < 20; ++turn) {
        const double level = turn % 2 == 0 ? 1 : 1.9;
        for (int n = 0; n < 25; ++n) {
            distribution.observe(0, level * std::exp(normal(random, 0, 0.04)));
            INFO("turn " << turn << ", input " << n);
            if (n >= 6) {
                CHECK(distribution.quantile(0, 0.5) == Approx(level).epsilon(0.15));
            }
        }
    }
}

TEST_CASE("latencies belong to octaves") {
    const SlowdownDistribution distribution(0.001, 0.017);
    REQUIRE(distribution.octaves() == 5);
    CHECK(distribution.octave_of(0.001) == 0);
    CHECK(distribution.octave_of(0.0019) == 0);
    CHECK(distribution.octave_of(0.0021) == 1);
    CHECK(distribution.octave_of(0.0079) == 2);
    CHECK(distribution.octave_of(0.017) == 4);
    CHECK(distribution.octave_of(0.0001) == 0);  // beyond them: the nearest
    CHECK(distribution.octave_of(1) == 4);
}

TEST_CASE("what is seen of one octave counts half for each octave away") {
    SlowdownDistribution distribution(0.001, 0.017);
    distribution.observe(2, 1.3);
    // Of the weight 0.1 + v that every memory then has the prior has 0.1; half of it lies below 1.
    for (const std::size_t k : {0U, 1U, 2U, 3U, 4U}) {
        INFO(k);
        const double v = k == 2 ? 1 : k == 1 || k == 3 ? 0.5 : 0.25;
        CHECK(distribution.probability(k, 1) == Approx(0.5 * 0.1 / (0.1 + v)).margin(1e-4));
    }
}

TEST_CASE(
    "an octave that was slow and is avoided since learns from the others that it is quiet again") {
    SlowdownDistribution distribution(0.001, 0.017);
    for (int n = 0; n < 100; ++n) {
        distribution.observe(4, n % 2 == 0 ? 3 : 1);
    }
    const auto slow = [&] { return 1 - distribution.probability(4, 2); };
    CHECK(slow() == Approx(0.5).margin(0.25));
    for (int n = 0; n < 400; ++n) {
        distribution.observe(1, 1);
    }
    // Even the longest memory has kept less than (1 - 0.02 / 8)^400 = 0.37 of the 0.5.
    CHECK(slow() < 0.5 * 0.37);
    CHECK(slow() > 1e-4);
}

TEST_CASE("each octave learns its own distribution") {
    // Short inferences are preempted or not, long ones average that out.
    Random random(97);
    SlowdownDistribution distribution(0.001, 0.017);
    constexpr int kCounted = 1000;
    double short_low = 0, short_high = 0, long_low = 0, long_high = 0;  // mean quantiles
    for (int n = -kBurnIn; n < kCounted; ++n) {
        distribution.observe(0, uniform(random, 0, 1) < 0.5 ? 1 : 2);
        distribution.observe(4, std::exp(normal(random, std::log(1.5), 0.05)));
        if (n >= 0) {
            short_low += distribution.quantile(0, 0.2) / kCounted;
            short_high += distribution.quantile(0, 0.8) / kCounted;
            long_low += distribution.quantile(4, 0.2) / kCounted;
            long_high += distribution.quantile(4, 0.8) / kCounted;
        }
    }
    CHECK(short_low < 1.2);
    CHECK(short_high > 1.7);
    CHECK(long_low > 1.35);
    CHECK(long_high < 1.65);
}

TEST_CASE("a stalled machine or a clock that jumps leaves numbers that can be used") {
    for (const double ratio : {1e-6, 1e6}) {
        SlowdownDistribution distribution = single();
        for (int n = 0; n < 50; ++n) {
            distribution.observe(0, n % 5 == 0 ? ratio : 1.0);
        }
        CHECK(std::isfinite(distribution.mean(0)));
        CHECK(std::isfinite(distribution.std(0)));
        CHECK(distribution.quantile(0, 0.5) == Approx(1).epsilon(0.2));
        CHECK(distribution.probability(0, 1.5) > 0.6);
    }
}

TEST_CASE("slowdowns as far apart as the cells reach are told apart from the first on") {
    SlowdownDistribution distribution = single();
    for (int n = 0; n < 400; ++n) {
        distribution.observe(0, n % 2 == 0 ? 0.31 : 39);
    }
    CHECK(distribution.probability(0, 0.3) < 0.001);
    CHECK(distribution.probability(0, 0.32) == Approx(0.5).margin(0.1));
    CHECK(distribution.probability(0, 37) == Approx(0.5).margin(0.1));
    CHECK(distribution.probability(0, 41) == Approx(1).margin(1e-4));
    CHECK(distribution.mean(0) == Approx((0.31 + 39) / 2).epsilon(0.2));
}

TEST_CASE(
    "of two outputs of one octave the longer counts, and neighbours with outputs take no guess") {
    SlowdownDistribution once(0.001, 0.064), both(0.001, 0.064);
    using Seen = SlowdownDistribution::Seen;
    for (int n = 0; n < 50; ++n) {
        once.observe(2, 2);
        both.observe(std::array{Seen{2, 1}, Seen{2, 2}});
    }
    CHECK(both.mean(2) == once.mean(2));
    CHECK(both.mean(1) == once.mean(1));
    CHECK(both.mean(3) == once.mean(3));
    SlowdownDistribution apart(0.001, 0.064);
    for (int n = 0; n < 50; ++n) {
        apart.observe(std::array{Seen{1, 3}, Seen{2, 1}});
    }
    CHECK(apart.mean(1) == Approx(3).epsilon(0.05));
    CHECK(apart.mean(2) == Approx(1).epsilon(0.01));
    CHECK(apart.mean(0) == Approx(3).epsilon(0.1));
    CHECK(apart.mean(3) == Approx(1).epsilon(0.01));
}

TEST_CASE("what is certain stays certain, however much is learnt") {
    SlowdownDistribution distribution(0.001, 0.064);
    Random random(96);
    for (int n = 0; n < 20000; ++n) {
        distribution.observe(static_cast<std::size_t>(n) % distribution.octaves(),
                             std::exp(normal(random, 0.3, 0.4)));
    }
    for (std::size_t k = 0; k < distribution.octaves(); ++k) {
        CHECK(distribution.probability(k, 1e9) == Approx(1).margin(3e-7));
        CHECK(distribution.probability(k, 1e-9) == Approx(0).margin(3e-7));
    }
}
