#include "profiler/power/joined_knob.h"

#include <string>
#include <vector>

#include "alert/error.h"
#include "profiler/machine.h"
#include "profiler/power/platform.h"
#include "tests/profiler/scripted_engine.h"
#include "tests/profiler/scripted_knob.h"
#include "tests/support/catch.h"

using namespace alert;
using Catch::Matchers::Contains;

namespace {

std::vector<std::string> names(const PowerKnob& knob) {
    std::vector<std::string> names;
    for (const PowerSetting& setting : knob.settings()) {
        names.push_back(setting.name);
    }
    return names;
}

SettingsSelection pairs(std::vector<double> watts, std::vector<int> threads) {
    return {SettingsSelection::Unit::kWatts, std::move(watts), "pairs", std::move(threads)};
}

}  // namespace

TEST_CASE("a joined setting is a pair: every base setting with every number of threads") {
    ScriptedEngine engine;
    const JoinedKnob knob(std::make_unique<ScriptedKnob>(std::vector<double>{40, 60}), {1, 2, 4},
                          engine);
    CHECK(knob.spec() == "scripted+threads");
    CHECK(names(knob) ==
          std::vector<std::string>{"s0+1t", "s0+2t", "s0+4t", "s1+1t", "s1+2t", "s1+4t"});
}

TEST_CASE("applying a pair sets the base and the threads, the threads only when they change") {
    ScriptedEngine engine;
    auto owned = std::make_unique<ScriptedKnob>(std::vector<double>{40, 60});
    const ScriptedKnob& base = *owned;
    JoinedKnob knob(std::move(owned), {1, 2}, engine);
    knob.apply(0);
    CHECK(engine.sets == 0);
    knob.apply(3);
    CHECK(engine.threads() == 2);
    knob.apply(1);
    CHECK(engine.threads() == 2);
    CHECK(engine.sets == 1);
    CHECK(base.applied() == std::vector<std::size_t>{0, 1, 0});
}

TEST_CASE("a number of threads that the engine does not take is an error") {
    ScriptedEngine engine(2);
    JoinedKnob knob(std::make_unique<ScriptedKnob>(std::vector<double>{40}), {1, 4}, engine);
    CHECK_THROWS_WITH(knob.apply(1), Contains("4 threads did not take: the engine has 2"));
}

TEST_CASE("threads alone are joined with none, from one to the cores there are") {
    ScriptedEngine engine;
    const Platform platform = open_platform("none+threads", {}, "cpu", &engine);
    CHECK(names(*platform.knob).front() == "1t");
    CHECK(names(*platform.knob).back() == std::to_string(allowed_cores()) + "t");
    platform.knob->apply(platform.knob->settings().size() - 1);
    CHECK(engine.threads() == allowed_cores());
    CHECK(platform.knob->current_setting() == names(*platform.knob).back());
}

TEST_CASE("more threads than cores are refused") {
    ScriptedEngine engine;
    CHECK_THROWS_WITH(
        open_platform("none+threads", pairs({}, {1, allowed_cores() + 1}), "cpu", &engine),
        Contains("threads are more than"));
}

TEST_CASE("emulated settings are not joined with threads, and threads need a knob that joins") {
    ScriptedEngine engine;
    CHECK_THROWS_WITH(open_platform("emulated:laptop+threads", {}, "cpu", &engine),
                      Contains("computed from one another") && Contains("none+threads"));
    CHECK_THROWS_WITH(open_platform("none", pairs({}, {2}), "cpu", &engine),
                      Contains("--power none has no threads; write --power none+threads"));
    CHECK_THROWS_WITH(open_platform("warp+threads", {}, "cpu", &engine),
                      Contains("there is no such power knob"));
}
