#include "profiler/trace_recorder.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "tests/profiler/scripted_knob.h"
#include "tests/profiler/scripted_network.h"
#include "tests/support/catch.h"
#include "tests/support/fake_clock.h"

using namespace alert;

namespace {

using Indices = std::vector<std::size_t>;

/// A traditional network, an anytime one of two stages, and another traditional one; inputs are of
/// class 0.
struct Bench {
    explicit Bench(std::unique_ptr<ScriptedKnob> scripted) : knob(scripted.get()) {
        knob->events = &events;
        platform.knob = std::move(scripted);
        for (const int stages : {0, 2, 0}) {
            networks.push_back(std::make_unique<ScriptedNetwork>(
                ScriptedNetwork::Script{
                    .stages = stages,
                    .takes_s =
                        [this](auto, auto) {
                            if (++runs == stop_at_run) {
                                stop = true;
                            }
                            return 50e-6;
                        },
                    // Input 1 is answered wrong, but by the second stage.
                    .answers = [](std::size_t n,
                                  int stage) { return n == 1 && stage == 1 ? 5 : 0; },
                    .events = &events},
                clock));
        }
    }

    bool record(const std::string& schedule, RecorderOptions options) {
        const Schedule parsed = Schedule::parse(schedule, options.inputs);
        TraceRecorder recorder(networks, data, platform, parsed, options, clock);
        return recorder.run(
            [&](std::size_t n, std::span<const RecordedOutput> outputs) {
                inputs.emplace_back(n, std::vector(outputs.begin(), outputs.end()));
                events.push_back("recorded " + std::to_string(n));
            },
            [&](double fraction, double left_s) { watched.emplace_back(fraction, left_s); },
            [&](Environment environment) {
                events.push_back("beside " + std::string(to_string(environment)));
            },
            stop);
    }

    /// Which models were recorded on the i-th input, in order.
    Indices models_of(std::size_t i) const {
        Indices models;
        for (const RecordedOutput& recorded : inputs.at(i).second) {
            if (recorded.output.stage <= 1) {
                models.push_back(recorded.model);
            }
        }
        return models;
    }

    Events beside() const {
        Events found;
        std::copy_if(events.begin(), events.end(), std::back_inserter(found),
                     [](const std::string& e) { return e.rfind("beside", 0) == 0; });
        return found;
    }

    FakeClock clock;
    Events events;
    ScriptedKnob* knob;
    Platform platform;
    std::vector<std::unique_ptr<Network>> networks;
    DataSet data{.size = 3, .labels = {0, 0, 0}};
    std::vector<std::pair<std::size_t, std::vector<RecordedOutput>>> inputs;
    std::vector<std::pair<double, double>> watched;
    int runs = 0, stop_at_run = -1;
    std::atomic<bool> stop = false;
};

std::unique_ptr<ScriptedKnob> hardware(std::size_t settings) {
    return std::make_unique<ScriptedKnob>(std::vector<double>(settings, 50.0));
}

std::unique_ptr<ScriptedKnob> emulated() {
    return std::make_unique<ScriptedKnob>(std::vector{40.0, 100.0}, std::vector{1e6, 1.0});
}

/// A meter whose power the test sets.
class SetMeter final : public EnergyMeter {
   public:
    std::string_view source() const override { return "measured:set"; }
    double read_j(double now_s) override {
        energy_j_ += power_w * (now_s - last_s_);
        last_s_ = now_s;
        return energy_j_;
    }
    double power_w = 0;

   private:
    double last_s_ = 0, energy_j_ = 0;
};

constexpr double kAtOnce = 0;  // no settling: nothing runs unrecorded

}  // namespace

TEST_CASE("every model answers every input, and none is always the first") {
    Bench bench(hardware(1));
    REQUIRE(bench.record("default", {.inputs = 4, .settle_s = kAtOnce}));
    REQUIRE(bench.inputs.size() == 4);
    CHECK(bench.models_of(0) == Indices{0, 1, 2});
    CHECK(bench.models_of(1) == Indices{1, 2, 0});
    CHECK(bench.models_of(2) == Indices{2, 0, 1});
    CHECK(bench.models_of(3) == Indices{0, 1, 2});
    for (std::size_t n = 0; n < 4; ++n) {
        CHECK(bench.inputs[n].first == n);
    }
    CHECK(bench.runs == 4 * (1 + 2 + 1));
}

TEST_CASE("data starts over when a trace is longer") {
    Bench bench(hardware(1));
    REQUIRE(bench.record("default", {.inputs = 5, .settle_s = kAtOnce}));
    for (const auto& network : bench.networks) {
        CHECK(static_cast<ScriptedNetwork&>(*network).loads() == Indices{0, 1, 2, 0, 1});
    }
}

TEST_CASE("of an emulated platform the setting with the most power stands for all") {
    Bench bench(emulated());
    REQUIRE(bench.record("default", {.inputs = 3, .settle_s = kAtOnce}));
    for (const std::size_t applied : bench.knob->applied()) {
        CHECK(applied == 1);
    }
    for (const auto& [n, outputs] : bench.inputs) {
        REQUIRE(outputs.size() == 4);
        for (const RecordedOutput& recorded : outputs) {
            CHECK(recorded.setting == 1);
            CHECK(recorded.output.power_w == 100.0);
            CHECK_FALSE(recorded.idle_power_w);
            CHECK(recorded.output.latency_s == Approx(50e-6 * std::max(1, recorded.output.stage)));
        }
    }
}

TEST_CASE("under a real knob every setting is applied in turn on every input") {
    Bench bench(hardware(3));
    REQUIRE(bench.record("default", {.inputs = 2, .settle_s = kAtOnce}));
    CHECK(bench.knob->applied() == Indices{0, 1, 2, 1, 2, 0});
    for (const auto& [n, outputs] : bench.inputs) {
        std::map<std::pair<std::size_t, std::size_t>, int> seen;
        for (const RecordedOutput& recorded : outputs) {
            ++seen[{recorded.model, recorded.setting}];
        }
        CHECK(seen.size() == 9);
        CHECK(seen[{1, 2}] == 2);  // its stages
    }
}

TEST_CASE("all stages are timed from the start of the inference and graded each by itself") {
    Bench bench(hardware(1));
    REQUIRE(bench.record("default", {.inputs = 2, .settle_s = kAtOnce}));
    for (const auto& [n, outputs] : bench.inputs) {
        std::vector<RecordedOutput> staged;
        std::copy_if(outputs.begin(), outputs.end(), std::back_inserter(staged),
                     [](const RecordedOutput& r) { return r.model == 1; });
        REQUIRE(staged.size() == 2);
        CHECK(staged[0].output.stage == 1);
        CHECK(staged[1].output.stage == 2);
        CHECK(staged[0].output.latency_s == Approx(50e-6));
        CHECK(staged[1].output.latency_s == Approx(100e-6));
        CHECK(staged[0].output.correct == (n == 0));
        CHECK(staged[1].output.correct);
    }
}

TEST_CASE("every input meets the environment of the schedule, before any network runs") {
    Bench bench(hardware(1));
    REQUIRE(bench.record("compute@50%-100%", {.inputs = 4, .settle_s = kAtOnce}));
    CHECK(bench.beside() ==
          Events{"beside default", "beside default", "beside compute", "beside compute"});
    const auto at = [&](const std::string& event) {
        return std::find(bench.events.begin(), bench.events.end(), event);
    };
    CHECK(at("recorded 1") < at("beside compute"));
    CHECK(at("beside compute") < at("load 2"));
}

TEST_CASE("after a switch the networks run unrecorded until the environment stands") {
    Bench bench(hardware(1));
    REQUIRE(bench.record("memory@50%-100%", {.inputs = 4, .settle_s = 4.9e-3}));
    const auto load = std::find(bench.events.begin(), bench.events.end(), "beside memory");
    const auto recorded = std::find(load, bench.events.end(), "recorded 2");
    // 50, 100 and 50 us: 24 turns of all three and two more end after 4.9 ms; each is recorded
    // once.
    CHECK(std::count(load, recorded, "load 2") == 24 * 3 + 2 + 3);
    for (const auto& [n, outputs] : bench.inputs) {
        CHECK(outputs.size() == 4);
    }
}

TEST_CASE("a trace is taken up at the input it stopped at, in the same order") {
    Bench whole(hardware(2)), rest(hardware(2));
    REQUIRE(whole.record("compute@0%-60%", {.inputs = 5, .settle_s = kAtOnce}));
    REQUIRE(rest.record("compute@0%-60%", {.inputs = 5, .first = 2, .settle_s = kAtOnce}));
    REQUIRE(rest.inputs.size() == 3);
    CHECK(rest.inputs[0].first == 2);
    CHECK(rest.beside() == Events{"beside compute", "beside default", "beside default"});
    for (std::size_t i = 0; i < 3; ++i) {
        CHECK(rest.models_of(i) == whole.models_of(i + 2));
    }
}

TEST_CASE("an input that is stopped half-way is not handed over") {
    Bench bench(hardware(1));
    bench.stop_at_run = 6;  // 4 a input: in the second
    CHECK_FALSE(bench.record("default", {.inputs = 5, .settle_s = kAtOnce}));
    REQUIRE(bench.inputs.size() == 1);
    CHECK(bench.inputs[0].first == 0);
    CHECK(bench.runs < 8);
}

TEST_CASE("power is measured around the inference, and when idle in each environment") {
    Bench bench(hardware(1));
    auto meter = std::make_unique<SetMeter>();
    SetMeter& set = *meter;
    bench.platform.meter = std::move(meter);
    const Schedule schedule = Schedule::parse("compute@50%-100%", 4);
    TraceRecorder recorder(bench.networks, bench.data, bench.platform, schedule,
                           {.inputs = 4, .settle_s = kAtOnce}, bench.clock);
    REQUIRE(recorder.run(
        [&](std::size_t n, std::span<const RecordedOutput> outputs) {
            const double expected_w = n < 2 ? 20 : 35;
            for (const RecordedOutput& recorded : outputs) {
                CHECK(recorded.idle_power_w.value() == Approx(expected_w));
                CHECK(recorded.output.power_w.value() == Approx(expected_w));
            }
        },
        [](double, double) {},
        [&](Environment e) { set.power_w = e == Environment::kDefault ? 20 : 35; }, bench.stop));
}

TEST_CASE("without a meter there is no power") {
    Bench bench(hardware(1));
    REQUIRE(bench.record("default", {.inputs = 1, .settle_s = kAtOnce}));
    for (const RecordedOutput& recorded : bench.inputs[0].second) {
        CHECK_FALSE(recorded.output.power_w);
        CHECK_FALSE(recorded.idle_power_w);
    }
}

TEST_CASE("every inference comes after an idle time") {
    Bench bench(hardware(1));
    const double start_s = bench.clock.now_s();
    REQUIRE(bench.record("default", {.inputs = 2, .rest_s = 2e-3, .settle_s = 0}));
    // Two inputs, three networks of four outputs together.
    CHECK(bench.clock.now_s() - start_s == Approx(2 * (3 * 2e-3 + 4 * 50e-6)));
}

TEST_CASE("in data with groups a trace rests before each group only") {
    Bench bench(hardware(1));
    bench.data.groups = {7, 7, 8};  // and over again: 7, 7
    const double start_s = bench.clock.now_s();
    REQUIRE(bench.record("default", {.inputs = 5, .rest_s = 2e-3, .settle_s = 0}));
    // Three groups, three networks; five inputs, four outputs.
    CHECK(bench.clock.now_s() - start_s == Approx(3 * 3 * 2e-3 + 5 * 4 * 50e-6));
}

TEST_CASE("the time that a trace takes counts a rest for each group") {
    Bench bench(hardware(1));
    bench.data.groups = {7, 7, 8};
    const Schedule schedule = Schedule::parse("default", 3);
    TraceRecorder recorder(bench.networks, bench.data, bench.platform, schedule,
                           {.inputs = 3, .rest_s = 2e-3, .warmup = 3}, bench.clock);
    recorder.warm_up([](auto) {}, false);
    // Two groups, three networks; three inputs, four outputs, each run twice.
    CHECK(recorder.seconds_left() == Approx(2 * 3 * 2e-3 + 3 * 2 * 4 * 50e-6));
}

TEST_CASE("the time that a trace takes is known beforehand and runs out") {
    Bench bench(hardware(2));
    const Schedule schedule = Schedule::parse("compute@50%-100%", 4);
    TraceRecorder recorder(bench.networks, bench.data, bench.platform, schedule,
                           {.inputs = 4, .rest_s = 0, .warmup = 3}, bench.clock);
    recorder.warm_up([](auto) {}, false);
    // Two inputs, two settings, four outputs of 50 us, and a run unmeasured before each; twice as
    // long beside a co-runner.
    const double quiet_s = recorder.seconds_left(Environment::kDefault);
    CHECK(quiet_s == Approx(2 * 2 * 2 * 4 * 50e-6));
    CHECK(recorder.seconds_left(Environment::kCompute) == Approx(2 * quiet_s));
    CHECK(recorder.seconds_left(Environment::kMemory) == 0);
    CHECK(recorder.seconds_left() == Approx(3 * quiet_s));

    REQUIRE(bench.record("default", {.inputs = 4, .settle_s = kAtOnce}));
    REQUIRE(bench.watched.size() == 4);
    CHECK(std::is_sorted(bench.watched.begin(), bench.watched.end()));
    CHECK(bench.watched.back() == std::pair(1.0, 0.0));
}
