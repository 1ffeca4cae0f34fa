#include "core/evaluation/schemes.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <optional>
#include <string>
#include <utility>

#include "alert/error.h"
#include "core/evaluation/baselines.h"
#include "core/evaluation/oracle.h"
#include "core/method/alert_scheme.h"

namespace alert {

namespace {

constexpr std::string_view kFixed = "fixed:";
constexpr std::array<std::string_view, 11> kNames{
    "alert",    "alert-trad", "alert-any",     "alert-star",    "app-only",     "sys-only",
    "no-coord", "oracle",     "oracle-timely", "oracle-causal", "oracle-static"};

using Configurations = std::vector<std::size_t>;

std::string joined(std::span<const std::string> names) {
    std::string text;
    for (const std::string& name : names) {
        text += (text.empty() ? "" : ", ") + name;
    }
    return text;
}

template <class Wanted>
Configurations where(const Profile& profile, const Wanted& wanted) {
    Configurations found;
    for (std::size_t c = 0; c < profile.configurations.size(); ++c) {
        if (wanted(profile.configurations[c])) {
            found.push_back(c);
        }
    }
    return found;
}

bool at_full_power(const Profile& profile, const ProfiledConfiguration& configuration) {
    return configuration.setting + 1 == profile.settings.size();
}

Configurations traditional(const Profile& profile, std::string_view scheme) {
    auto found = where(profile, [](const auto& c) { return c.stage == 0; });
    if (found.empty()) {
        throw RequestError(std::string(scheme) + ": the profile has no traditional model");
    }
    return found;
}

// The fastest traditional model, under every setting.
Configurations fastest_traditional(const Profile& profile, std::string_view scheme) {
    const auto all = traditional(profile, scheme);
    const auto fastest = *std::min_element(all.begin(), all.end(), [&](auto a, auto b) {
        const auto &left = profile.configurations[a], &right = profile.configurations[b];
        return std::pair(!at_full_power(profile, left), left.latency_s) <
               std::pair(!at_full_power(profile, right), right.latency_s);
    });
    const std::size_t model = profile.configurations[fastest].model;
    return where(profile, [&](const auto& c) { return c.model == model; });
}

Configurations anytime(const Profile& profile, std::string_view scheme) {
    auto found = where(profile, [](const auto& c) { return c.stage > 0; });
    if (found.empty()) {
        throw RequestError(std::string(scheme) + ": the profile has no anytime model");
    }
    return found;
}

// The last stage of the anytime model that ends up the most accurate, under every setting.
Configurations best_anytime(const Profile& profile, std::string_view scheme) {
    const auto all = anytime(profile, scheme);
    const auto best = *std::max_element(all.begin(), all.end(), [&](auto a, auto b) {
        return profile.configurations[a].accuracy < profile.configurations[b].accuracy;
    });
    const auto& last = profile.configurations[best];
    return where(profile,
                 [&](const auto& c) { return c.model == last.model && c.stage == last.stage; });
}

std::size_t at_full_power(const Profile& profile, const Configurations& configurations) {
    return *std::max_element(configurations.begin(), configurations.end(), [&](auto a, auto b) {
        return profile.configurations[a].setting < profile.configurations[b].setting;
    });
}

// fixed:MODEL[/STAGE]@SETTING; without a stage the last one.
std::size_t fixed_configuration(std::string_view scheme, const Profile& profile) {
    const std::size_t at = scheme.rfind('@');
    if (at == std::string_view::npos) {
        throw RequestError(std::string(scheme) +
                           ": no setting is named; write fixed:MODEL[/STAGE]@SETTING");
    }
    const std::string_view setting = scheme.substr(at + 1);
    const std::string_view model = scheme.substr(kFixed.size(), at - kFixed.size());
    std::optional<std::size_t> last;
    for (std::size_t c = 0; c < profile.configurations.size(); ++c) {
        const auto& configuration = profile.configurations[c];
        const std::string& name = profile.models[configuration.model];
        if (profile.settings[configuration.setting] != setting) {
            continue;
        }
        if (model == name + "/" + std::to_string(configuration.stage)) {
            return c;
        }
        if (model == name && (!last || configuration.stage > profile.configurations[*last].stage)) {
            last = c;
        }
    }
    if (!last) {
        throw RequestError(std::string(scheme) +
                           ": the profile has no such configuration; models: " +
                           joined(profile.models) + "; settings: " + joined(profile.settings));
    }
    return *last;
}

bool is_fixed(std::string_view scheme) {
    return scheme.substr(0, kFixed.size()) == kFixed;
}

void check_name(std::string_view scheme) {
    if (is_fixed(scheme) || std::find(kNames.begin(), kNames.end(), scheme) != kNames.end()) {
        return;
    }
    std::string names;
    for (const std::string_view name : kNames) {
        names += std::string(name) + ", ";
    }
    throw RequestError(std::string(scheme) + ": not a scheme; write one of " + names +
                       "or fixed:MODEL[/STAGE]@SETTING");
}

Configurations every(const Profile& profile) {
    Configurations all(profile.configurations.size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    return all;
}

std::unique_ptr<Scheme> make_oracle(std::string_view scheme, const Profile& profile,
                                    const EstimatorOptions& estimator, const Workload& workload,
                                    const Trace* trace) {
    if (trace == nullptr) {
        throw RequestError(std::string(scheme) +
                           ": needs the whole trace in advance, so it can be replayed but not run");
    }
    if (scheme == "oracle-static") {
        return make_fixed(
            profile, best_fixed_configuration(profile, *trace, workload, estimator, every(profile)),
            estimator);
    }
    if (scheme == "oracle-causal") {
        return std::make_unique<OracleCausalScheme>(profile, *trace);
    }
    return std::make_unique<OracleScheme>(
        profile, *trace, workload,
        scheme == "oracle" ? OracleScheme::Knows::kCorrectness : OracleScheme::Knows::kAccuracy);
}

}  // namespace

Estimator estimator_named(std::string_view name) {
    if (name == "paper") {
        return Estimator::kPaper;
    }
    if (name == "calibrated") {
        return Estimator::kCalibrated;
    }
    throw RequestError(std::string(name) + ": not an estimator; write paper or calibrated");
}

std::span<const std::string_view> scheme_names() {
    return kNames;
}

bool needs_trace(std::string_view scheme) {
    return scheme.substr(0, 6) == "oracle";
}

std::vector<std::size_t> configurations_for(std::string_view scheme, const Profile& profile) {
    check_name(scheme);
    if (is_fixed(scheme)) {
        return {fixed_configuration(scheme, profile)};
    }
    if (scheme == "alert-trad") {
        return traditional(profile, scheme);
    }
    if (scheme == "alert-any") {
        return anytime(profile, scheme);
    }
    if (scheme == "app-only") {
        return {at_full_power(profile, best_anytime(profile, scheme))};
    }
    if (scheme == "sys-only") {
        return fastest_traditional(profile, scheme);
    }
    if (scheme == "no-coord") {
        return best_anytime(profile, scheme);
    }
    return every(profile);
}

std::unique_ptr<Scheme> make_scheme(std::string_view scheme, const Profile& profile,
                                    const EstimatorOptions& estimator, const Workload& workload,
                                    const Trace* trace) {
    const auto configurations = configurations_for(scheme, profile);
    if (needs_trace(scheme)) {
        return make_oracle(scheme, profile, estimator, workload, trace);
    }
    if (is_fixed(scheme) || scheme == "app-only") {
        return make_fixed(profile, configurations.front(), estimator);
    }
    if (scheme == "sys-only") {
        return std::make_unique<SubsetScheme>(
            profile, configurations, [&](const Profile& subset) -> std::unique_ptr<Scheme> {
                return std::make_unique<SysOnlyScheme>(subset, estimator);
            });
    }
    if (scheme == "no-coord") {
        return std::make_unique<NoCoordScheme>(profile, estimator, configurations,
                                               fastest_traditional(profile, scheme));
    }
    if (scheme == "alert-trad" || scheme == "alert-any") {
        return std::make_unique<SubsetScheme>(
            profile, configurations, [&](const Profile& subset) -> std::unique_ptr<Scheme> {
                return std::make_unique<AlertScheme>(subset, estimator);
            });
    }
    return std::make_unique<AlertScheme>(profile, estimator, scheme == "alert-star");
}

}  // namespace alert
