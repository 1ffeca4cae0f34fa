#pragma once

#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include "alert/profile.h"

namespace alert {

inline constexpr double kFailAccuracy = 0.1;

// Half traditional models, half the stages of anytime ones (five each), with 10 outputs per
// setting up to 100 configurations, and 25 beyond.
inline Profile synthetic_profile(std::size_t configurations) {
    const std::size_t outputs = configurations <= 100 ? 10 : 25;
    const std::size_t chains = configurations <= 100 ? 1 : 3;
    const std::size_t settings = configurations / outputs;
    const std::size_t traditional = outputs - 5 * chains;
    Profile profile{.models = std::vector<std::string>(traditional + chains, "model"),
                    .fail_accuracy = kFailAccuracy};
    for (std::size_t j = 0; j < settings; ++j) {
        profile.settings.push_back("setting");
        const double share = static_cast<double>(j + 1) / static_cast<double>(settings);
        const double power_w = 20 + 80 * share;
        const double stretch = std::pow(share, -1 / 2.2);
        const auto add = [&](std::size_t i, int stage, double position) {
            profile.configurations.push_back(
                {.model = i,
                 .setting = j,
                 .stage = stage,
                 .latency_s = stretch * 0.0005 * std::pow(30, position),
                 .power_w = power_w,
                 .accuracy = 0.94 - 0.14 * std::exp(-3 * position) - 0.001 * stage});
        };
        for (std::size_t i = 0; i < traditional; ++i) {
            add(i, 0, static_cast<double>(i) / static_cast<double>(traditional));
        }
        for (std::size_t i = 0; i < chains; ++i) {
            for (int k = 1; k <= 5; ++k) {
                add(traditional + i, k, 0.2 * (k - 1) + 0.05 * static_cast<double>(i));
            }
        }
    }
    return profile;
}

}  // namespace alert
