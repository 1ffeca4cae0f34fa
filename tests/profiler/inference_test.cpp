#include "profiler/inference.h"

#include <memory>

#include "tests/profiler/scripted_knob.h"
#include "tests/profiler/scripted_network.h"
#include "tests/support/catch.h"
#include "tests/support/fake_clock.h"

using namespace alert;

TEST_CASE("log losses of every output are measured where the data asks for perplexity") {
    Platform platform;
    platform.knob = std::make_unique<ScriptedKnob>(std::vector{50.0});
    DataSet data{.size = 2, .labels = {0, 1}};
    FakeClock clock;
    ScriptedNetwork network({.stages = 2,
                             .takes_s = [](auto, auto) { return 50e-6; },
                             .answers = [](auto, int stage) { return stage - 1; }},
                            clock);
    const auto measured = [&](std::size_t input) {
        return measure_inference(network, data, input, platform, platform.knob->settings().front(),
                                 clock);
    };
    CHECK_FALSE(measured(0)[1].log_loss);
    data.perplexity = true;
    CHECK(measured(0)[0].log_loss == ScriptedNetwork::kLossRight);
    CHECK(measured(0)[1].log_loss == ScriptedNetwork::kLossWrong);
    CHECK(measured(1)[0].log_loss == ScriptedNetwork::kLossWrong);
    CHECK(measured(1)[1].log_loss == ScriptedNetwork::kLossRight);
}
