#include "core/method/profile_table.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <utility>

#include "alert/error.h"

namespace alert {

namespace {

// The configurations of one model under one setting, by stage.
using Chain = std::vector<std::size_t>;

bool is_share(double value) {
    return value >= 0 && value <= 1;  // false for NaN
}

[[noreturn]] void refuse(std::size_t c, const std::string& why) {
    throw RequestError("the profile's configuration " + std::to_string(c) + ": " + why);
}

void check(const Profile& profile, std::size_t c) {
    const ProfiledConfiguration& configuration = profile.configurations[c];
    if (configuration.model >= profile.models.size() ||
        configuration.setting >= profile.settings.size()) {
        refuse(c, "model " + std::to_string(configuration.model) + " and setting " +
                      std::to_string(configuration.setting) + " must be indices of " +
                      std::to_string(profile.models.size()) + " models and " +
                      std::to_string(profile.settings.size()) + " settings");
    }
    if (!(configuration.latency_s > 0 && std::isfinite(configuration.latency_s))) {
        refuse(c, "latency_s is " + std::to_string(configuration.latency_s) +
                      "; give seconds above 0");
    }
    if (configuration.power_w &&
        !(*configuration.power_w >= 0 && std::isfinite(*configuration.power_w))) {
        refuse(c, "power_w is " + std::to_string(*configuration.power_w) +
                      "; give watts, or leave it empty if it was not measured");
    }
    if (!is_share(configuration.accuracy)) {
        refuse(c, "accuracy is " + std::to_string(configuration.accuracy) +
                      "; give a share from 0 to 1");
    }
}

std::vector<Chain> chains_of(const Profile& profile) {
    std::map<std::pair<std::size_t, std::size_t>, Chain> grouped;
    for (std::size_t c = 0; c < profile.configurations.size(); ++c) {
        const auto& configuration = profile.configurations[c];
        check(profile, c);
        grouped[{configuration.model, configuration.setting}].push_back(c);
    }
    std::vector<Chain> chains;
    for (auto& [key, chain] : grouped) {
        const auto stage_of = [&](std::size_t c) { return profile.configurations[c].stage; };
        std::sort(chain.begin(), chain.end(),
                  [&](std::size_t a, std::size_t b) { return stage_of(a) < stage_of(b); });
        const bool traditional = chain.size() == 1 && stage_of(chain[0]) == 0;
        for (std::size_t k = 0; k < chain.size() && !traditional; ++k) {
            if (stage_of(chain[k]) != static_cast<int>(k) + 1) {
                refuse(chain[k], "model '" + profile.models[key.first] + "' lacks stage " +
                                     std::to_string(k + 1) + " under setting '" +
                                     profile.settings[key.second] +
                                     "', or has it twice; give every stage from 1 on once, a "
                                     "traditional network's as 0");
            }
        }
        chains.push_back(std::move(chain));
    }
    std::stable_sort(chains.begin(), chains.end(),
                     [](const Chain& a, const Chain& b) { return a.size() > b.size(); });
    return chains;
}

}  // namespace

ProfileTable::ProfileTable(const Profile& profile)
    : slot_of_(profile.configurations.size()), fail_accuracy_(profile.fail_accuracy) {
    if (!is_share(fail_accuracy_)) {
        throw RequestError("the profile's fail_accuracy is " + std::to_string(fail_accuracy_) +
                           ": give a share from 0 to 1");
    }
    const auto chains = chains_of(profile);
    if (chains.empty()) {
        throw RequestError(
            "the profile has no configurations: give one for every network and setting");
    }
    has_power_ = std::all_of(profile.configurations.begin(), profile.configurations.end(),
                             [](const auto& c) { return c.power_w.has_value(); });
    for (std::size_t level = 0; level < chains.front().size(); ++level) {
        level_begin_.push_back(size());
        for (const Chain& chain : chains) {
            if (chain.size() <= level) {
                break;
            }
            const auto& configuration = profile.configurations[chain[level]];
            const double before = level == 0 ? profile.fail_accuracy
                                             : profile.configurations[chain[level - 1]].accuracy;
            slot_of_[chain[level]] = size();
            configuration_of_.push_back(chain[level]);
            latency_s_.push_back(static_cast<float>(configuration.latency_s));
            inverse_latency_.push_back(static_cast<float>(1 / configuration.latency_s));
            log_latency_.push_back(static_cast<float>(std::log(configuration.latency_s)));
            power_w_.push_back(has_power_ ? static_cast<float>(*configuration.power_w) : 1.0F);
            accuracy_step_.push_back(static_cast<float>(configuration.accuracy - before));
            best_accuracy_ = std::max(best_accuracy_, configuration.accuracy);
        }
    }
    level_begin_.push_back(size());
}

}  // namespace alert
