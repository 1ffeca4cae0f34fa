#include "profiler/power/joined_knob.h"

#include <fmt/format.h>

#include <utility>

#include "alert/error.h"

namespace alert {

namespace {

std::string joined(std::string_view base, int threads) {
    return fmt::format("{}{}{}t", base, base.empty() ? "" : "+", threads);
}

}  // namespace

JoinedKnob::JoinedKnob(std::unique_ptr<PowerKnob> base, std::vector<int> threads, Engine& engine)
    : spec_(fmt::format("{}+threads", base->spec())),
      base_(std::move(base)),
      threads_(std::move(threads)),
      engine_(engine) {
    const bool alone = base_->spec() == "none";
    for (const PowerSetting& setting : base_->settings()) {
        for (const int count : threads_) {
            settings_.push_back({joined(alone ? "" : setting.name, count), std::nullopt});
        }
    }
}

void JoinedKnob::apply(std::size_t setting) {
    const int wanted = threads_[setting % threads_.size()];
    base_->apply(setting / threads_.size());
    if (engine_.threads() == wanted) {
        return;
    }
    engine_.set_threads(wanted);
    if (engine_.threads() != wanted) {
        throw Error(fmt::format("--power {}: {} threads did not take: the engine has {}", spec_,
                                wanted, engine_.threads()));
    }
}

std::string JoinedKnob::current_setting() const {
    return joined(base_->current_setting(), engine_.threads());
}

}  // namespace alert
