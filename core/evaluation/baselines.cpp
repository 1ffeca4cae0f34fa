#include "core/evaluation/baselines.h"

#include <utility>

namespace alert {

Profile subset_of(const Profile& profile, const std::vector<std::size_t>& configurations) {
    Profile subset = profile;
    subset.configurations.clear();
    for (const std::size_t c : configurations) {
        subset.configurations.push_back(profile.configurations[c]);
    }
    return subset;
}

SubsetScheme::SubsetScheme(const Profile& profile, std::vector<std::size_t> configurations,
                           const Make& make)
    : configurations_(std::move(configurations)),
      place_(profile.configurations.size()),
      scheme_(make(subset_of(profile, configurations_))) {
    for (std::size_t i = 0; i < configurations_.size(); ++i) {
        place_[configurations_[i]] = i;
    }
}

Decision SubsetScheme::next(const InputGoal& goal) {
    Decision decision = scheme_->next(goal);
    decision.configuration = configurations_[decision.configuration];
    return decision;
}

void SubsetScheme::observe(const Outcome& outcome) {
    Outcome mine = outcome;
    mine.configuration = place_[outcome.configuration];
    scheme_->observe(mine);
}

FixedScheme::FixedScheme(const Profile& profile, std::size_t configuration,
                         const EstimatorOptions& estimator)
    : predictor_(profile, estimator), slot_(predictor_.table().slot_of(configuration)) {}

Decision FixedScheme::next(const InputGoal& goal) {
    predictor_.estimate(goal);
    return predictor_.describe(slot_);
}

std::unique_ptr<Scheme> make_fixed(const Profile& profile, std::size_t configuration,
                                   const EstimatorOptions& estimator) {
    const auto& fixed = profile.configurations[configuration];
    std::vector<std::size_t> chain;
    std::size_t place = 0;
    for (std::size_t c = 0; c < profile.configurations.size(); ++c) {
        const auto& other = profile.configurations[c];
        if (other.model == fixed.model && other.setting == fixed.setting) {
            place = c == configuration ? chain.size() : place;
            chain.push_back(c);
        }
    }
    return std::make_unique<SubsetScheme>(
        profile, std::move(chain), [&](const Profile& subset) -> std::unique_ptr<Scheme> {
            return std::make_unique<FixedScheme>(subset, place, estimator);
        });
}

Decision SysOnlyScheme::next(const InputGoal& goal) {
    InputGoal timely = goal;
    timely.energy_j.reset();
    if (!timely.deadline_s) {
        timely.deadline_s = goal.period_s;
    }
    Estimates& estimates = predictor_.estimate(timely);
    const ProfileTable& table = predictor_.table();
    const auto in_time = estimates.deadline_probability();
    std::size_t chosen = 0;
    bool feasible = false;
    for (std::size_t slot = 0; slot < table.size(); ++slot) {
        const bool keeps = in_time[slot] >= goal.deadline_confidence;
        // Feasible ones by the least power, others by the highest probability.
        const bool better = keeps == feasible
                                ? (keeps ? table.power_w()[slot] < table.power_w()[chosen]
                                         : in_time[slot] > in_time[chosen])
                                : keeps;
        if (slot == 0 || better) {
            chosen = slot;
            feasible = keeps;
        }
    }
    Decision decision = predictor_.describe(chosen);
    decision.feasible = feasible;
    return decision;
}

NoCoordScheme::NoCoordScheme(const Profile& profile, const EstimatorOptions& estimator,
                             std::vector<std::size_t> anytime,
                             const std::vector<std::size_t>& traditional)
    : application_(profile, estimator),
      system_(subset_of(profile, traditional), estimator),
      anytime_(std::move(anytime)),
      setting_of_(profile.configurations.size()) {
    for (std::size_t c = 0; c < profile.configurations.size(); ++c) {
        for (std::size_t place = 0; place < anytime_.size(); ++place) {
            if (profile.configurations[anytime_[place]].setting ==
                profile.configurations[c].setting) {
                setting_of_[c] = place;
            }
        }
    }
}

Decision NoCoordScheme::next(const InputGoal& goal) {
    const Decision power = system_.next(goal);
    application_.estimate(goal);
    return application_.describe(application_.table().slot_of(anytime_[power.configuration]));
}

void NoCoordScheme::observe(const Outcome& outcome) {
    application_.observe(outcome);
    Outcome seen = outcome;
    seen.configuration = setting_of_[outcome.configuration];
    system_.observe(seen);
}

}  // namespace alert
