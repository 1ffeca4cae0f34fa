#pragma once

#include <memory>
#include <string>
#include <vector>

#include "profiler/meter/modelled_meter.h"
#include "profiler/power/power_knob.h"
#include "tests/profiler/scripted_network.h"

/// Settings "s0", "s1", ... that change nothing but the power that a modelled meter integrates.
class ScriptedKnob final : public alert::PowerKnob {
   public:
    /// `inferring_w` per setting; with `stretches`, the settings are emulated ones.
    explicit ScriptedKnob(std::vector<double> inferring_w, std::vector<double> stretches = {},
                          double resting_w = 10)
        : inferring_w_(std::move(inferring_w)),
          power_(std::make_shared<alert::ModelledPower>(
              alert::ModelledPower{inferring_w_.back(), resting_w})) {
        for (std::size_t i = 0; i < inferring_w_.size(); ++i) {
            settings_.push_back({.name = "s" + std::to_string(i)});
            if (!stretches.empty()) {
                settings_.back().emulated = {stretches[i], inferring_w_[i]};
            }
        }
    }

    std::string_view spec() const override { return "scripted"; }
    std::span<const alert::PowerSetting> settings() const override { return settings_; }

    void apply(std::size_t setting) override {
        applied_.push_back(setting);
        power_->inferring_w = inferring_w_.at(setting);
        if (events != nullptr) {
            events->push_back("apply " + std::to_string(setting));
        }
    }

    const std::vector<std::size_t>& applied() const { return applied_; }
    std::unique_ptr<alert::EnergyMeter> meter() const {
        return std::make_unique<alert::ModelledMeter>("scripted", power_);
    }

    Events* events = nullptr;

   private:
    std::vector<double> inferring_w_;
    std::vector<alert::PowerSetting> settings_;
    std::shared_ptr<alert::ModelledPower> power_;
    std::vector<std::size_t> applied_;
};
