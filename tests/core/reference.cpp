#include "tests/core/reference.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <vector>

namespace alert::reference {

namespace {

double phi(double z) {
    return 1 - std::erfc(z / std::sqrt(2.0)) / 2;
}

// The z with phi(z) = p, by bisection.
double quantile(double p) {
    double low = -40, high = 40;
    for (int i = 0; i < 200; ++i) {
        const double middle = (low + high) / 2;
        (phi(middle) < p ? low : high) = middle;
    }
    return low;
}

double probability_of(double latency_s, const Belief& belief, const InputGoal& goal) {  // E6
    if (!goal.deadline_s) {
        return 1;
    }
    return phi((*goal.deadline_s / latency_s - belief.xi_mean) / belief.xi_std);
}

double energy_of(double power_w, double time_s, double idle_ratio, double period_s) {  // E9
    const double rest_s = time_s < period_s ? period_s - time_s : 0;
    return power_w * time_s + idle_ratio * power_w * rest_s;
}

// Where the chain is expected to stop if the slowdown is xi: at its last stage that fits, and
// never before its first.
double stop_s(const std::vector<ProfiledConfiguration>& chain, double xi, const InputGoal& goal) {
    double time_s = xi * chain.front().latency_s;
    for (const auto& stage : chain) {
        if (!goal.deadline_s || xi * stage.latency_s <= *goal.deadline_s) {
            time_s = xi * stage.latency_s;
        }
    }
    return time_s;
}

double draw(std::mt19937_64& random, double low, double high) {
    return std::uniform_real_distribution<>(low, high)(random);
}

bool toss(std::mt19937_64& random, double probability) {
    return draw(random, 0, 1) < probability;
}

}  // namespace

Expected expected_of(const Profile& profile, std::size_t configuration, const Belief& belief,
                     const InputGoal& goal) {
    const auto& last = profile.configurations[configuration];
    std::map<int, ProfiledConfiguration> stages;
    for (const auto& other : profile.configurations) {
        if (other.model == last.model && other.setting == last.setting &&
            other.stage <= last.stage) {
            stages[other.stage] = other;
        }
    }
    std::vector<ProfiledConfiguration> chain;
    std::vector<double> in_time;
    for (const auto& [stage, profiled] : stages) {
        chain.push_back(profiled);
        in_time.push_back(probability_of(profiled.latency_s, belief, goal));
    }
    in_time.push_back(0);

    Expected expected{.probability = in_time.front(),
                      .accuracy = profile.fail_accuracy * (1 - in_time.front())};
    for (std::size_t k = 0; k < chain.size(); ++k) {  // E8, and E7 as its case of one stage
        expected.accuracy += chain[k].accuracy * (in_time[k] - in_time[k + 1]);
    }
    const bool has_power = last.power_w.has_value();
    const double power_w = last.power_w.value_or(1);
    const double idle_ratio = has_power ? belief.idle_ratio : 0;
    const double xi_bound =
        goal.energy_confidence
            ? std::max(0.0, belief.xi_mean + belief.xi_std * quantile(*goal.energy_confidence))
            : belief.xi_mean;
    expected.latency_s = stop_s(chain, belief.xi_mean, goal);
    expected.energy_j = energy_of(power_w, expected.latency_s, idle_ratio, goal.period_s);
    expected.energy_bound_j =
        energy_of(power_w, stop_s(chain, xi_bound, goal), idle_ratio, goal.period_s);  // E11
    return expected;
}

Profile random_profile(std::mt19937_64& random, bool has_power, bool coarse) {
    const auto rounded = [&](double value, double step) {
        return coarse ? std::max(1.0, std::round(value / step)) * step : value;
    };
    Profile profile;
    profile.fail_accuracy = rounded(draw(random, 0, 0.2), 0.1);
    const auto settings = static_cast<std::size_t>(draw(random, 1, 5));
    const auto models = static_cast<std::size_t>(draw(random, 1, 8));
    for (std::size_t j = 0; j < settings; ++j) {
        profile.settings.push_back("setting " + std::to_string(j));
    }
    for (std::size_t i = 0; i < models; ++i) {
        profile.models.push_back("model " + std::to_string(i));
        const int stages = toss(random, 0.5) ? 0 : static_cast<int>(draw(random, 1, 7));
        for (std::size_t j = 0; j < settings; ++j) {
            const double power_w = rounded(draw(random, 5, 100), 25);
            double latency_s = 0, accuracy = draw(random, 0.2, 0.6);
            for (int k = stages == 0 ? 0 : 1; k <= stages; ++k) {
                latency_s += rounded(draw(random, 0.005, 0.08), 0.02);
                accuracy += draw(random, 0, 0.4) * (1 - accuracy);
                profile.configurations.push_back(
                    {.model = i,
                     .setting = j,
                     .stage = k,
                     .latency_s = latency_s,
                     .power_w = has_power ? std::optional(power_w) : std::nullopt,
                     .accuracy = rounded(accuracy, 0.1)});
            }
        }
    }
    std::shuffle(profile.configurations.begin(), profile.configurations.end(), random);
    return profile;
}

Belief random_belief(std::mt19937_64& random) {
    return {.xi_mean = draw(random, 0.7, 2.5),
            .xi_std = draw(random, 0.05, 0.5),
            .idle_ratio = draw(random, 0, 0.6)};
}

InputGoal random_goal(std::mt19937_64& random, bool has_power) {
    InputGoal goal{.objective = static_cast<Objective>(static_cast<int>(draw(random, 0, 3)))};
    if (toss(random, 0.8)) {
        goal.deadline_s = draw(random, -0.01, 0.4);
        goal.deadline_confidence = toss(random, 0.6) ? draw(random, 0.1, 0.999) : 0;
    }
    if (toss(random, 0.6)) {
        goal.accuracy = draw(random, 0.3, 1);
    }
    if (has_power && toss(random, 0.6)) {
        goal.energy_j = draw(random, 0.2, 15);
    }
    if (toss(random, 0.4)) {
        goal.energy_confidence = draw(random, 0.05, 0.999);
    }
    if (toss(random, 0.8)) {
        goal.period_s = draw(random, 0.01, 0.3);
    }
    return goal;
}

}  // namespace alert::reference
