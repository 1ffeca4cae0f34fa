#pragma once

#include <algorithm>
#include <atomic>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "profiler/sweep.h"
#include "tests/profiler/scripted_knob.h"
#include "tests/profiler/scripted_network.h"
#include "tests/support/fake_clock.h"

using Indices = std::vector<std::size_t>;

/// Two traditional networks and an anytime one of two stages, on five inputs of class 0.
struct Bench {
    explicit Bench(std::unique_ptr<ScriptedKnob> scripted) : knob(scripted.get()) {
        platform.knob = std::move(scripted);
        for (const int stages : {0, 2, 0}) {
            add({.stages = stages, .takes_s = [](auto, auto) { return 50e-6; }});
        }
    }

    void add(const ScriptedNetwork::Script& script) {
        networks.push_back(std::make_unique<ScriptedNetwork>(script, clock));
    }
    ScriptedNetwork& network(std::size_t i) { return static_cast<ScriptedNetwork&>(*networks[i]); }

    alert::Sweep sweep(const alert::SweepOptions& options) {
        return {networks, data, platform, options, clock};
    }

    bool run(alert::Sweep& sweep) {
        return sweep.run(
            [&](std::span<const alert::SweepSample> samples) {
                all.insert(all.end(), samples.begin(), samples.end());
                if (++inferences == stop_after) {
                    stop = true;
                }
            },
            [&](double fraction, double left_s) { watched.emplace_back(fraction, left_s); }, stop);
    }

    std::size_t count(std::size_t model, std::size_t setting) const {
        return static_cast<std::size_t>(
            std::count_if(all.begin(), all.end(), [&](const alert::SweepSample& s) {
                return s.model == model && s.setting == setting && s.stage <= 1;
            }));
    }

    FakeClock clock;
    ScriptedKnob* knob;
    alert::Platform platform;
    std::vector<std::unique_ptr<alert::Network>> networks;
    alert::DataSet data{.size = 5, .labels = {0, 0, 0, 0, 0}};
    std::vector<alert::SweepSample> all;
    std::vector<std::pair<double, double>> watched;
    int inferences = 0, stop_after = -1;
    std::atomic<bool> stop = false;
};

/// A meter whose reading is said to move every `step_s`.
class CoarseMeter final : public alert::EnergyMeter {
   public:
    CoarseMeter(std::unique_ptr<alert::EnergyMeter> exact, double step_s)
        : exact_(std::move(exact)), step_s_(step_s) {}

    std::string_view source() const override { return exact_->source(); }
    double read_j(double now_s) override { return exact_->read_j(now_s); }
    double resolution_s() const override { return step_s_; }

   private:
    std::unique_ptr<alert::EnergyMeter> exact_;
    double step_s_;
};

inline Bench hardware(std::size_t settings) {
    return Bench(std::make_unique<ScriptedKnob>(std::vector<double>(settings, 50.0)));
}

inline Bench emulated() {
    return Bench(
        std::make_unique<ScriptedKnob>(std::vector{40.0, 60.0, 100.0}, std::vector{4.0, 2.0, 1.0}));
}

/// Samples of a traditional network as an earlier sweep would have stored them.
inline std::vector<alert::SweepSample> stored(
    std::size_t setting, std::int64_t count, const std::function<double(std::int64_t)>& latency_s) {
    std::vector<alert::SweepSample> samples;
    for (std::int64_t round = 0; round < count; ++round) {
        samples.push_back({.setting = setting, .round = round, .latency_s = latency_s(round)});
    }
    return samples;
}
