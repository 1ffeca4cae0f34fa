#include <dirent.h>

#include <atomic>
#include <cmath>
#include <csignal>
#include <fstream>
#include <string>
#include <vector>

#include "profiler/clock.h"
#include "profiler/stop.h"
#include "tests/profiler/engine_files.h"
#include "tests/profiler/processes.h"
#include "tests/support/catch.h"

using namespace alert;
using namespace alert::test;

namespace {

using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

/// What is told while networks are loaded.
using Told = std::vector<std::string>;

std::unique_ptr<Engine> patient_engine(double patience_s, Told* told = nullptr) {
    EngineOptions options{.patience_s = patience_s};
    if (told != nullptr) {
        options.listener = [told](std::string_view line) { told->emplace_back(line); };
    }
    auto engine = open_engine(options);
    engine->load_data(at("good"), {});
    return engine;
}

std::vector<LoadedNetwork> load_all(Engine& engine, const std::vector<std::string>& names) {
    std::vector<NetworkFile> files;
    for (const std::string& name : names) {
        files.push_back({.file = at(name)});
    }
    const auto nobody = [](auto, auto) {};
    return engine.load_networks(files, nobody, false);
}

/// Processes that try networks for this one.
std::vector<pid_t> trial_processes() {
    std::vector<pid_t> found;
    const std::string tasks = "/proc/self/task/";
    DIR* folder = opendir(tasks.c_str());
    for (const dirent* entry = readdir(folder); entry != nullptr; entry = readdir(folder)) {
        std::ifstream children(tasks + entry->d_name + "/children");
        for (pid_t child = 0; children >> child;) {
            found.push_back(child);
        }
    }
    closedir(folder);
    return found;
}

}  // namespace

TEST_CASE("forms of a network have names, and names forms") {
    for (const char* name : {"plain", "optimised", "fused", "optimised, fused"}) {
        REQUIRE(form_named(name));
        CHECK(to_string(*form_named(name)) == name);
    }
    CHECK(form_named("plain") == NetworkForm{});
    CHECK(form_named("optimised, fused") == NetworkForm{.optimised = true, .fused = true});
    CHECK_FALSE(form_named("fast"));
    CHECK_FALSE(form_named(""));
}

TEST_CASE("networks of all kinds are tried, and answer in the form that was chosen") {
    const auto engine = patient_engine(120);
    const std::vector<std::string> names{"linear", "frozen", "traced",         "in_place",
                                         "named",  "flat",   "anytime_frozen", "anytime"};
    const auto loaded = load_all(*engine, names);
    REQUIRE(loaded.size() == names.size());
    for (std::size_t i = 0; i < names.size(); ++i) {
        INFO(names[i] << ": " << loaded[i].trial);
        REQUIRE(loaded[i].form);
        CHECK_THAT(loaded[i].trial, StartsWith(to_string(*loaded[i].form)));
        CHECK_THAT(loaded[i].trial, Contains("optimised"));
        CHECK(loaded[i].classes == 3);
        CHECK_FALSE(loaded[i].warning);
        CHECK(classes_of(*loaded[i].network, 0).back() == 2);
    }
    CHECK(trial_processes().empty());
}

TEST_CASE("a form that is known is taken without a trial") {
    const auto name = GENERATE("plain", "optimised", "fused", "optimised, fused");
    const auto network = GENERATE("linear", "anytime");
    const auto engine = patient_engine(120);
    const LoadedNetwork loaded = load_file(*engine, at(network), form_named(name));
    CHECK(loaded.form == form_named(name));
    CHECK(loaded.trial.empty());
    for (int round = 0; round < 3; ++round) {
        CHECK(classes_of(*loaded.network, 0).back() == 2);
    }
}

TEST_CASE("without data nothing is tried") {
    const LoadedNetwork loaded = load_file(*open_engine({}), at("crashes"), std::nullopt);
    CHECK_FALSE(loaded.form);
    CHECK(loaded.trial.empty());
}

TEST_CASE("a network that crashes the process is refused, those before it are not") {
#ifndef __x86_64__
    SKIP_TEST("divisions do not crash this processor");
#endif
    const auto engine = patient_engine(120);
    CHECK(refusal([&] {
              load_all(*engine, {"linear", "crashes", "traced"});
          }) == at("crashes") +
                    ": running it on one input crashes LibTorch (SIGFPE: Floating point "
                    "exception); export it again, or leave it out");
    CHECK(trial_processes().empty());
    CHECK(load_all(*engine, {"linear", "traced"}).size() == 2);
}

TEST_CASE("a network that never comes back is refused") {
    const auto engine = patient_engine(1);
    CHECK(refusal([&] { load_all(*engine, {"loops"}); }) ==
          at("loops") +
              ": no answer to one input within 1.0 s; does it loop forever? Leave it "
              "out");
    CHECK(trial_processes().empty());
}

TEST_CASE("a form in which a network crashes or never comes back is not taken") {
#ifndef __x86_64__
    SKIP_TEST("divisions do not crash this processor");
#endif
    const auto engine = patient_engine(5);
    const auto loaded = load_all(*engine, {"crashes_later", "linear", "loops_later", "linear"});
    CHECK(loaded[0].trial ==
          "plain (optimised: crashes LibTorch (SIGFPE: Floating point exception))");
    CHECK_THAT(loaded[2].trial, StartsWith("plain (optimised: not ready within "));
    for (const std::size_t other : {1, 3}) {  // a trial was started anew
        CHECK_THAT(loaded[other].trial, Contains("times as long"));
    }
    for (const LoadedNetwork& network : loaded) {
        CHECK(classes_of(*network.network, 0) == std::vector{2});
    }
}

TEST_CASE("a form that gives other scores is not taken") {
    const auto engine = patient_engine(120);
    const auto loaded = load_all(*engine, {"random"});
    CHECK(loaded[0].form == NetworkForm{});
    CHECK_THAT(loaded[0].trial, StartsWith("plain (optimised: gives different scores"));
}

TEST_CASE("what a trial finds wrong is told as it would be without one") {
    const auto engine = patient_engine(120);
    for (const char* name : {"good", "no_forward", "sequence", "image", "sparse_scores"}) {
        const std::string tried = refusal([&] { load_all(*engine, {name}); });
        CHECK(tried == refusal([&] { load_file(*engine, at(name), NetworkForm{}); }));
        CHECK_THAT(tried, StartsWith(at(name)));
    }
}

TEST_CASE("a trial ends at once when a stop is asked for") {
    const auto engine = patient_engine(1e6);
    const NetworkFile file{.file = at("loops")};
    std::atomic<bool> stop{false};
    int told = 0;
    const auto watch = [&](std::size_t network, std::string_view doing) {
        CHECK(network == 0);
        told += static_cast<int>(doing.starts_with("trying plain"));
        stop = told > 3;  // while it loops, for it is told only then
    };
    CHECK_THROWS_AS(engine->load_networks({&file, 1}, watch, stop), Interrupted);
    CHECK(trial_processes().empty());
}

TEST_CASE("a stop that is asked for before ends loading before anything runs") {
    Told told;
    const auto engine = patient_engine(120, &told);
    const NetworkFile file{.file = at("prints"), .form = NetworkForm{}};
    const auto nobody = [](auto, auto) {};
    CHECK_THROWS_AS(engine->load_networks({&file, 1}, nobody, true), Interrupted);
    CHECK(told.empty());
}

TEST_CASE("an anytime network is stopped within one stage") {
    std::atomic<bool> stop{false};
    int stages = 0;
    EngineOptions options;
    options.listener = [&](std::string_view line) {
        stages += static_cast<int>(line == "inference");
        stop = stages == 2;
    };
    const auto engine = open_engine(options);
    engine->load_data(at("good"), {});
    const NetworkFile file{.file = at("slow_anytime"), .form = NetworkForm{}};
    const auto nobody = [](auto, auto) {};
    CHECK_THROWS_AS(engine->load_networks({&file, 1}, nobody, stop), Interrupted);
    CHECK(stages == 2);
}

TEST_CASE("a trial ends with the process that asked for it, however that ends") {
    processes::Child child([](const auto& ready) {
        const auto engine = patient_engine(1e6);
        const NetworkFile file{.file = at("loops")};
        int told = 0;
        const auto watch = [&](std::size_t, std::string_view) {
            if (++told == 20) {
                std::ofstream(at("trial_process")) << trial_processes().at(0) << std::endl;
                ready();
            }
        };
        engine->load_networks({&file, 1}, watch, false);
    });
    REQUIRE(child.ready());
    pid_t trial = 0;
    std::ifstream(at("trial_process")) >> trial;
    REQUIRE(trial > 0);
    REQUIRE(kill(trial, 0) == 0);
    child.end(SIGKILL);
    CHECK(processes::becomes_true([&] { return kill(trial, 0) != 0; }));
}

TEST_CASE("a network of seconds is tried in its plain form alone, and runs twice when loaded") {
    Told told;
    const auto engine = patient_engine(120, &told);
    const auto loaded = load_all(*engine, {"slow"});
    CHECK_THAT(loaded[0].trial, StartsWith("plain (optimised: would take too long to try"));
    CHECK_THAT(loaded[0].trial, !Contains("takes"));
    CHECK(told == Told(2, "inference"));
}

TEST_CASE("what networks print and LibTorch warns of goes to the listener, or nowhere") {
    Told told;
    {
        const auto engine = patient_engine(120, &told);
        const auto network = load(*engine, "prints");
        CHECK(told == Told(2, "a line from inside"));
        CHECK(classes_of(*network, 0) == std::vector{2});
        CHECK(told.size() == 3);
        told.clear();
        load(*engine, "noisy");
        REQUIRE_FALSE(told.empty());
        CHECK_THAT(told.front(), Contains("a warning from inside"));
        told.clear();
    }
    const auto network = load(*patient_engine(120), "prints");
    CHECK(classes_of(*network, 0) == std::vector{2});
    CHECK(told.empty());
}

TEST_CASE("a network that was traced in training mode is warned of") {
    const auto engine = patient_engine(120);
    const auto warning = [&](const char* name) {
        return load_file(*engine, at(name), NetworkForm{}).warning.value_or("");
    };
    CHECK(warning("training_dropout") ==
          "training_dropout: its dropout stays in training mode, so its answers are not those of "
          "the trained network; call model.eval() before torch.jit.trace");
    CHECK_THAT(warning("training_norm"), StartsWith("training_norm: its batch_norm stays"));
    CHECK(warning("random") ==
          "random gives different answers to the same input; if it was traced in training mode, "
          "call model.eval() before torch.jit.trace");
    for (const char* sound : {"training_no_dropout", "dropped", "traced", "anytime"}) {
        CHECK(warning(sound).empty());
    }
}

TEST_CASE("scores are dequantised; those of other kinds are refused in one line") {
    const auto engine = patient_engine(120);
    const auto network = load(*engine, "quantized_scores");
    CHECK(classes_of(*network, 0) == std::vector{2});
    CHECK(network->log_loss(2) == Approx(std::log(2 + std::exp(1)) - 1));
    CHECK(network->classes() == 3);
    for (const auto& [name, why] : {std::pair("complex_scores", "returns ComplexFloat of shape"),
                                    std::pair("sparse_scores", "returns scores that are Sparse"),
                                    std::pair("meta_scores", "failed: ")}) {
        CHECK_THAT(refusal([&] { load(*engine, name); }), Contains(why));
    }
}
