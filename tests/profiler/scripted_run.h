#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <vector>

#include "profiler/run_loop.h"
#include "tests/profiler/scripted_knob.h"
#include "tests/profiler/scripted_network.h"
#include "tests/support/fake_clock.h"

/// What the tests of the run loop share: a scheme that does as it is told, networks of given
/// times, a modelled meter, and a clock on which nothing else takes any time.
namespace scripted {

using namespace alert;

using Indices = std::vector<std::size_t>;

/// Decides as it is told and remembers what it was asked and told.
class ScriptedScheme final : public Scheme {
   public:
    explicit ScriptedScheme(FakeClock& clock) : clock_(clock) {}

    Decision next(const InputGoal& goal) override {
        goals.push_back(goal);
        clock_.pass(decides_s);
        return decide(goals.size() - 1);
    }
    void observe(const Outcome& outcome) override {
        outcomes.push_back(outcome);
        stages_s.emplace_back(outcome.stages_s.begin(), outcome.stages_s.end());
    }
    void rehearse(const InputGoal&) override { rehearsed_before.push_back(goals.size()); }

    std::function<Decision(std::size_t n)> decide = [](std::size_t) { return Decision{}; };
    double decides_s = 0;
    std::vector<InputGoal> goals;
    std::vector<Outcome> outcomes;
    std::vector<std::vector<double>> stages_s;  // of each outcome
    std::vector<std::size_t> rehearsed_before;  // which decisions

   private:
    FakeClock& clock_;
};

// For tests to which the goal does not matter: the scheme does as it is told.
inline constexpr Goal kAnyGoal{.accuracy = 0.1};

// Configurations of the profile below.
inline constexpr std::size_t kPlain = 0, kPlainAtLow = 1, kFirstStage = 2, kSecondStage = 3,
                             kThirdStage = 4;

/// A traditional network "plain" under two settings, 100 W and 50 W, and an anytime network
/// "nested" of three stages under the first. 10 W at rest; q_fail 0.1. Labels are 1, the networks
/// answer 1.
struct Run {
    Run() {
        auto scripted = std::make_unique<ScriptedKnob>(std::vector{50.0, 100.0});
        knob = scripted.get();
        knob->events = &events;
        platform.knob = std::move(scripted);
        platform.meter = knob->meter();
        profile = {
            .models = {"plain", "nested"},
            .settings = {"s1", "s0"},  // in another order than the knob's
            .fail_accuracy = 0.1,
            .configurations = {
                {.model = 0, .setting = 0, .latency_s = 5e-3, .power_w = 100, .accuracy = 0.9},
                {.model = 0, .setting = 1, .latency_s = 5e-3, .power_w = 50, .accuracy = 0.9},
                {.model = 1, .stage = 1, .latency_s = 10e-3, .power_w = 100, .accuracy = 0.7},
                {.model = 1, .stage = 2, .latency_s = 20e-3, .power_w = 100, .accuracy = 0.8},
                {.model = 1, .stage = 3, .latency_s = 400e-3, .power_w = 100, .accuracy = 0.95}}};
        plain([](std::size_t) { return 1e-3; });
        nested({10e-3, 10e-3, 80e-3});
    }

    void plain(std::function<double(std::size_t input)> takes_s) {
        networks[0] = std::make_unique<ScriptedNetwork>(
            ScriptedNetwork::Script{.takes_s = [takes_s](std::size_t n, int) { return takes_s(n); },
                                    .answers = [](auto, auto) { return 1; },
                                    .events = &events},
            clock);
    }
    /// Stage k of the anytime network answers class k - 1 but for `right`, which answers 1.
    void nested(std::vector<double> takes_s, int right = 2) {
        networks[1] = std::make_unique<ScriptedNetwork>(
            ScriptedNetwork::Script{
                .stages = 3,
                .takes_s = [takes_s](auto, int stage) { return takes_s.at(stage - 1U); },
                .answers = [right](auto, int stage) { return stage == right ? 1 : 0; },
                .events = &events},
            clock);
    }
    ScriptedNetwork& network(std::size_t i) { return static_cast<ScriptedNetwork&>(*networks[i]); }

    void always(std::size_t configuration, double xi_expected = 1) {
        scheme.decide = [=](std::size_t) {
            return Decision{.configuration = configuration, .xi_expected = xi_expected};
        };
    }

    std::vector<InputRecord>& run() {
        RunLoop loop(profile, networks, settings, data, platform, scheme, options, clock);
        started_at_s = clock.now_s();
        loop.run(sink, before_input, stop);
        return records;
    }

    FakeClock clock;
    Events events;
    ScriptedKnob* knob = nullptr;
    Platform platform;
    Profile profile;
    std::vector<std::unique_ptr<Network>> networks{2};
    Indices settings{1, 0};
    DataSet data{.size = 100, .labels = std::vector<std::int64_t>(100, 1)};
    ScriptedScheme scheme{clock};
    RunOptions options{.goal = kAnyGoal, .inputs = 4, .period_s = 30e-3};
    std::atomic<bool> stop = false;
    std::vector<InputRecord> records;
    RunLoop::Sink sink = [this](const InputRecord& record) { records.push_back(record); };
    RunLoop::BeforeInput before_input = [](std::size_t) {};
    double started_at_s = 0;
};

}  // namespace scripted
