#include "core/method/anytime.h"

#include <map>
#include <utility>

namespace alert {

StageTable::StageTable(const Profile& profile) : chain_of_(profile.configurations.size()) {
    std::map<std::pair<std::size_t, std::size_t>, std::size_t> known;
    for (std::size_t c = 0; c < profile.configurations.size(); ++c) {
        const auto& configuration = profile.configurations[c];
        const auto [at, fresh] =
            known.try_emplace({configuration.model, configuration.setting}, chains_.size());
        if (fresh) {
            chains_.emplace_back();
        }
        auto& chain = chains_[at->second];
        const auto stage = static_cast<std::size_t>(configuration.stage);
        if (chain.size() <= stage) {
            chain.resize(stage + 1, kNone);
        }
        chain[stage] = c;
        chain_of_[c] = at->second;
    }
}

}  // namespace alert
