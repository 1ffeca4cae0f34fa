#pragma once

#include <functional>
#include <string>
#include <vector>

#include "profiler/clock.h"
#include "profiler/engine/engine.h"

/// What happened, in order: "load N", "run", "apply N".
using Events = std::vector<std::string>;

/// A network whose stages take given times and answer given classes.
class ScriptedNetwork final : public alert::Network {
   public:
    static constexpr double kLossRight = 0.5, kLossWrong = 2.5;

    struct Script {
        int stages = 0;  ///< 0: traditional
        /// Seconds that a stage (1..K; 1 for a traditional network) takes on an input.
        std::function<double(std::size_t input, int stage)> takes_s;
        std::function<int(std::size_t input, int stage)> answers = [](auto, auto) { return 0; };
        Events* events = nullptr;
        double loads_s = 0;  ///< what giving it an input takes
    };

    /// Its stages take their time on `clock`.
    ScriptedNetwork(Script script, alert::Clock& clock)
        : script_(std::move(script)), clock_(clock) {}

    int stages() const override { return script_.stages; }

    void load_input(std::size_t n) override {
        loads_.push_back(n);
        loaded_at_s_.push_back(clock_.now_s());
        stage_ = 0;
        tell("load " + std::to_string(n));
        clock_.wait_until(clock_.now_s() + script_.loads_s);
    }

    void run_stage() override {
        ++stage_;
        ++runs_;
        tell("run");
        clock_.wait_until(clock_.now_s() + script_.takes_s(loads_.back(), stage_));
    }

    bool ranks(std::int64_t label, int /*top*/) override {
        return script_.answers(loads_.back(), stage_) == label;
    }
    double log_loss(std::int64_t label) override {
        return ranks(label, 1) ? kLossRight : kLossWrong;
    }
    int classes() override { return 10; }

    const std::vector<std::size_t>& loads() const { return loads_; }
    const std::vector<double>& loaded_at_s() const { return loaded_at_s_; }
    int runs() const { return runs_; }  ///< of a stage

   private:
    void tell(const std::string& event) {
        if (script_.events != nullptr) {
            script_.events->push_back(event);
        }
    }

    Script script_;
    alert::Clock& clock_;
    std::vector<std::size_t> loads_;
    std::vector<double> loaded_at_s_;
    int stage_ = 0, runs_ = 0;
};
