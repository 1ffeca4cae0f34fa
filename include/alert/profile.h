#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace alert {

/// One configuration, a network under a power setting (and up to a stage), and what was measured of
/// it in a quiet environment.
struct ProfiledConfiguration {
    std::size_t model = 0;    ///< i, index into Profile::models
    std::size_t setting = 0;  ///< j, index into Profile::settings
    int stage = 0;            ///< k = 1..K for an anytime network; 0 for a traditional one
    double latency_s = 0;     ///< t_prof: mean time from the start of the inference to this output
    std::optional<double> power_w{};  ///< p: mean power while inferring; empty without a meter
    double accuracy = 0;              ///< q of this output, 0 to 1
};

/// A family of networks under the settings of a power knob: all that can be chosen, and what was
/// measured of it. Names are the caller's; a configuration is known by its place in
/// `configurations`, in any order. An anytime network has one configuration for each of its stages,
/// 1 to K, under every setting that it has any under. Without a knob there is one setting.
struct Profile {
    std::vector<std::string> models{};
    std::vector<std::string> settings{};
    double fail_accuracy = 0;  ///< q_fail: what no answer in time is worth, such as a guess
    std::vector<ProfiledConfiguration> configurations{};

    /// q_max, the best that any configuration reaches; 0 without one.
    double best_accuracy() const {
        double best = 0;
        for (const ProfiledConfiguration& configuration : configurations) {
            best = configuration.accuracy > best ? configuration.accuracy : best;
        }
        return best;
    }
};

}  // namespace alert
