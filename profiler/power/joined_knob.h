#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "profiler/engine/engine.h"
#include "profiler/power/power_knob.h"

namespace alert {

/// A power knob paired with the number of threads that networks compute with. A setting is a pair,
/// "40W+2t": every setting of the base knob with every number of threads; with `none` it is "2t".
/// Threads belong to the program, so only the base knob has something to restore.
class JoinedKnob : public PowerKnob {
   public:
    /// `threads` ascend; `engine` must outlive the knob.
    JoinedKnob(std::unique_ptr<PowerKnob> base, std::vector<int> threads, Engine& engine);

    std::string_view spec() const override { return spec_; }
    std::span<const PowerSetting> settings() const override { return settings_; }
    void apply(std::size_t setting) override;
    std::string current_setting() const override;
    std::optional<std::string> external_change() override { return base_->external_change(); }
    std::vector<std::string> restore() override { return base_->restore(); }

   private:
    std::string spec_;
    std::unique_ptr<PowerKnob> base_;
    std::vector<int> threads_;
    std::vector<PowerSetting> settings_;  // by the base's setting, then threads
    Engine& engine_;
};

}  // namespace alert
