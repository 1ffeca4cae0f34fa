#include "core/method/slowdown_distribution.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "core/evaluation/statistics.h"
#include "core/method/normal.h"
#include "core/method/predictor.h"
#include "tests/support/catch.h"

using namespace alert;

namespace {

using Random = std::mt19937_64;

double normal(Random& random, double mean, double std) {
    return std::normal_distribution<>(mean, std)(random);
}

double uniform(Random& random, double low, double high) {
    return std::uniform_real_distribution<>(low, high)(random);
}

// Slowdowns whose true distribution at input n is known.
struct Synthetic {
    std::string name;
    double low, high;  // logs of the deadlines that are worth asking about
    std::function<double(Random&, int n)> draw;
    std::function<double(double x, int n)> cdf;
};

constexpr int kInputs = 4000;
constexpr int kBurnIn = 300;

std::vector<Synthetic> synthetics() {
    const auto gaussian = [](double x, double mean, double std) {
        return normal_cdf((x - mean) / std);
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
SlowdownDistribution single(const EstimatorOptions& options = {}) {
    return {0.01, 0.01, options};
}

SlowdownDistribution taught(const Synthetic& synthetic, int inputs, unsigned seed) {
    Random random(seed);
    SlowdownDistribution distribution = single();
    for (int n = 0; n < inputs; ++n) {
        distribution.observe(0, synthetic.draw(random, n));
    }
    return distribution;
}

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

TEST_CASE("the budget is held against the stage at which the calibrated estimate ends, too") {
    // Beside a co-runner the second stage fits one time in four: it is tried, and not stopped.
    const Profile profile{.models = {"nested"},
                          .settings = {"only"},
                          .fail_accuracy = 0.1,
                          .configurations = {{0, 0, 1, 0.010, 10, 0.5}, {0, 0, 2, 0.040, 10, 0.8}}};
    Predictor predictor(profile, Estimator::kCalibrated);
    for (int n = 0; n < 400; ++n) {
        const double second_s = n % 4 == 0 ? 0.04 : 0.08;
        predictor.observe({.configuration = 1,
                           .latency_s = second_s,
                           .idle_power_w = {},
                           .stages_s = std::array{0.01, second_s}});
    }
    const InputGoal goal{.deadline_s = 0.06, .period_s = 0.06};
    Estimates& estimates = predictor.estimate(goal);
    const std::size_t slot = predictor.table().slot_of(1);
    CHECK(estimates.latency_s()[slot] == Approx(0.07).epsilon(0.05));
    CHECK(estimates.energy_bound_j()[slot] == estimates.energy_j()[slot]);
    predictor.estimate({.deadline_s = 0.06, .period_s = 0.06, .energy_confidence = 0.9});
    CHECK(estimates.energy_bound_j()[slot] == Approx(0.8).epsilon(0.05));
}

TEST_CASE("the calibrated estimates of a profile are what its distribution says") {
    const Profile profile{.models = {"a", "b", "c", "d"},
                          .settings = {"only"},
                          .fail_accuracy = 0.1,
                          .configurations = {{0, 0, 0, 0.0015, 10, 0.5},
                                             {1, 0, 0, 0.004, 10, 0.6},
                                             {2, 0, 0, 0.011, 10, 0.7},
                                             {3, 0, 0, 0.03, 10, 0.8}}};
    Random random(98);
    Predictor predictor(profile, Estimator::kCalibrated);
    SlowdownDistribution distribution(0.0015, 0.03);
    for (int n = 0; n < 400; ++n) {
        const InputGoal goal{
            .deadline_s = std::exp(uniform(random, std::log(0.001), std::log(0.06))),
            .energy_confidence = 0.9};
        Estimates& estimates = predictor.estimate(goal);
        for (std::size_t c = 0; c < 4; ++c) {
            const auto& configuration = profile.configurations[c];
            const std::size_t slot = predictor.table().slot_of(c);
            const std::size_t k = distribution.octave_of(configuration.latency_s);
            const double p =
                distribution.probability(k, *goal.deadline_s / configuration.latency_s);
            CHECK(estimates.deadline_probability()[slot] == Approx(p).margin(1e-4));
            CHECK(estimates.accuracy()[slot] ==
                  Approx(0.1 + (configuration.accuracy - 0.1) * p).margin(1e-4));
            const double mean_s = distribution.mean(k) * configuration.latency_s;
            CHECK(estimates.latency_s()[slot] == Approx(mean_s).epsilon(1e-5));
            CHECK(estimates.energy_j()[slot] == Approx(10 * mean_s).epsilon(1e-5));
            CHECK(
                estimates.energy_bound_j()[slot] ==
                Approx(10 * distribution.quantile(k, 0.9) * configuration.latency_s).epsilon(1e-5));
            const Decision decision = predictor.describe(slot);
            CHECK(decision.xi_mean == Approx(distribution.mean(k)));
            CHECK(decision.xi_std == Approx(distribution.std(k)));
        }
        const auto ran = static_cast<std::size_t>(n % 4);
        const double slowdown = std::exp(normal(random, 0.2, 0.3));
        const double profiled_s = profile.configurations[ran].latency_s;
        predictor.observe({.configuration = ran, .latency_s = slowdown * profiled_s});
        distribution.observe(distribution.octave_of(profiled_s), slowdown);
    }
}

TEST_CASE("a stage that ended too late is learnt from, not the one that answered before it") {
    const Profile profile{.models = {"nested"},
                          .settings = {"only"},
                          .configurations = {{0, 0, 1, 0.01, 10, 0.5}, {0, 0, 2, 0.015, 10, 0.7}}};
    Predictor predictor(profile, Estimator::kCalibrated);
    for (int n = 0; n < 50; ++n) {
        const std::array stages_s{0.01, 0.03};
        predictor.observe({.configuration = 0, .latency_s = 0.01, .stages_s = stages_s});
    }
    predictor.estimate({.deadline_s = 0.017});
    CHECK(predictor.describe(0).xi_mean == Approx(2).epsilon(0.1));
    CHECK(predictor.describe(0).deadline_probability < 0.2);
    predictor.estimate({.deadline_s = 0.023});
    CHECK(predictor.describe(0).deadline_probability > 0.8);
}

TEST_CASE("every stage that was run is learnt from, each by its own slowdown") {
    const Profile profile{
        .models = {"nested", "plain"},
        .settings = {"only"},
        .configurations = {
            {0, 0, 1, 0.001, 10, 0.5}, {0, 0, 2, 0.016, 10, 0.7}, {1, 0, 0, 0.002, 10, 0.6}}};
    Predictor predictor(profile, Estimator::kCalibrated);
    for (int n = 0; n < 200; ++n) {  // the first stage takes 1 ms or 3 in turn, the second 20
        const std::array stages_s{n % 2 == 0 ? 0.001 : 0.003, 0.02};
        predictor.observe({.configuration = 1, .latency_s = 0.02, .stages_s = stages_s});
    }
    predictor.estimate({.deadline_s = 0.002});
    const auto first = predictor.table().slot_of(0), second = predictor.table().slot_of(1);
    CHECK(predictor.describe(first).deadline_probability == Approx(0.5).margin(0.03));
    CHECK(predictor.describe(first).xi_mean == Approx(2).epsilon(0.03));
    CHECK(predictor.describe(second).xi_mean == Approx(1.25).epsilon(0.03));
    // What is one octave from the first stage and three from the second goes by both.
    const auto plain = predictor.table().slot_of(2);
    const double expected = (0.5 * 2 + 0.125 * 1.25) / (0.5 + 0.125);
    CHECK(predictor.describe(plain).xi_mean == Approx(expected).epsilon(0.03));
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
