#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "alert/error.h"
#include "profiler/engine/engine.h"
#include "tests/support/catch.h"

/// What the tests of the engine have in common.
namespace alert::test {

/// A file in the folder that make_models.py wrote.
inline std::string at(const std::string& name) {
    return ALERT_TEST_MODELS "/" + name + ".pt";
}

inline std::unique_ptr<Engine> engine_with(const std::string& data) {
    auto engine = open_engine({});
    engine->load_data(at(data), {});
    return engine;
}

/// Loads one network; without a form, a trial finds it.
inline LoadedNetwork load_file(Engine& engine, const std::string& file,
                               std::optional<NetworkForm> form) {
    const NetworkFile network{.file = file, .form = form};
    const auto nobody = [](auto, auto) {};
    return std::move(engine.load_networks({&network, 1}, nobody, false).front());
}

/// One of make_models.py's networks in its plain form.
inline std::unique_ptr<Network> load(Engine& engine, const std::string& name) {
    return load_file(engine, at(name), NetworkForm{}).network;
}

/// The line that a wrong request is answered with.
template <typename Action>
std::string refusal(Action&& action) {
    try {
        action();
    } catch (const RequestError& error) {
        const std::string line = error.what();
        CHECK(line.find('\n') == std::string::npos);
        CHECK(line.find("frame #") == std::string::npos);
        return line;
    }
    FAIL("was not refused");
    return {};
}

/// The classes that every stage predicts for an input.
inline std::vector<int> classes_of(Network& network, std::size_t input) {
    std::vector<int> classes;
    network.load_input(input);
    for (int stage = 0; stage < std::max(network.stages(), 1); ++stage) {
        network.run_stage();
        int best = 0;
        while (!network.ranks(best, 1)) {
            ++best;
        }
        classes.push_back(best);
    }
    return classes;
}

}  // namespace alert::test
