#include "profiler/engine/engine.h"

#include <dlfcn.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "profiler/warm_up.h"
#include "tests/profiler/engine_files.h"
#include "tests/support/catch.h"

using namespace alert;
using namespace alert::test;

namespace {

std::string refused_network(const std::string& name, const std::string& data = "good") {
    const auto engine = engine_with(data);
    return refusal([&] { load(*engine, name); });
}

// Sets a variable of the environment while it lives.
class Variable {
   public:
    Variable(const char* name, const char* value) : name_(name) { setenv(name, value, 1); }
    ~Variable() { unsetenv(name_); }
    Variable(const Variable&) = delete;
    Variable& operator=(const Variable&) = delete;

   private:
    const char* name_;
};

using Catch::Matchers::Contains;
using Catch::Matchers::EndsWith;
using Catch::Matchers::StartsWith;

}  // namespace

TEST_CASE("the engine tells its version") {
    const std::string version = open_engine({})->version();
    CHECK(version.find('.') != std::string::npos);
    CHECK(std::stoi(version) >= 1);
}

TEST_CASE("a wrong device, or one that is not there, is refused") {
    for (const char* device : {"", "gpu", "CPU", "cpu:0", "cuda:", "cuda:x", "cuda:-1", "cuda0"}) {
        const std::string line = refusal([&] { open_engine({device, 1}); });
        CHECK_THAT(line, Contains("cpu, cuda or cuda:N is needed"));
    }
    CHECK_THAT(refusal([] { open_engine({"cuda:99", 1}); }), StartsWith("--device cuda:99: "));
    CHECK_THAT(refusal([] { open_engine({"cpu", 0}); }), StartsWith("--threads 0: "));
}

TEST_CASE("an engine that is not there is named, with the remedy") {
    const Variable engine("ALERT_ENGINE", "/nowhere/libalert_torch.so");
    CHECK_THAT(refusal([] { open_engine({}); }),
               Contains("ALERT_ENGINE is /nowhere/libalert_torch.so, which is not a file"));
}

TEST_CASE("a file that is no engine is not loaded as one") {
    const Variable text("ALERT_ENGINE", ALERT_TEST_MODELS "/text.pt");
    CHECK_THROWS_WITH(open_engine({}),
                      Contains("text.pt does not load") && Contains("libtorch-dev"));
    try {
        open_engine({});
    } catch (const RequestError&) {
        FAIL("is no wrong request");
    } catch (const Error&) {
    }
}

TEST_CASE("a path that is no file is refused") {
    const auto engine = open_engine({});
    CHECK(refusal([&] { engine->load_data("/nowhere/x.pt", {}); }) ==
          "/nowhere/x.pt: no such file");
    CHECK(refusal([&] { load_file(*engine, "/nowhere/x.pt", NetworkForm{}); }) ==
          "/nowhere/x.pt: no such file");
    CHECK(refusal([&] { engine->load_data("/tmp", {}); }) == "/tmp is a folder; name a file in it");
    CHECK(refusal([&] { load_file(*engine, "/tmp", NetworkForm{}); }) ==
          "/tmp is a folder; name a file in it");
}

TEST_CASE("a failed load leaves the data that was there") {
    const auto engine = engine_with("good");
    refusal([&] { engine->load_data(at("text"), {}); });
    CHECK(classes_of(*load(*engine, "linear"), 0) == std::vector{2});
}

TEST_CASE("a traditional network answers each input with its best class") {
    const auto name = GENERATE("linear", "dropped", "in_place", "flat", "named", "random", "noisy",
                               "traced", "frozen");
    const auto engine = engine_with("good");
    const auto network = load(*engine, name);
    CHECK(network->stages() == 0);
    for (int round = 0; round < 3; ++round) {
        CHECK(classes_of(*network, 0) == std::vector{2});
        CHECK(classes_of(*network, 1) == std::vector{0});
        CHECK(classes_of(*network, 2) == std::vector{1});
        CHECK(classes_of(*network, 3) == std::vector{0});
        CHECK(network->classes() == 3);
    }
}

TEST_CASE("inputs may be pictures of many classes, or single numbers of one") {
    const auto image = load(*engine_with("images"), "image");
    CHECK(classes_of(*image, 1) == std::vector{712});
    CHECK(image->classes() == 1000);
    const auto one = load(*engine_with("numbers"), "one_class");
    CHECK(classes_of(*one, 1) == std::vector{0});
    CHECK(one->classes() == 1);
}

TEST_CASE("an anytime network answers stage by stage") {
    const auto name = GENERATE("anytime", "anytime_frozen", "constant");
    const auto network = load(*engine_with("good"), name);
    REQUIRE(network->stages() == 4);
    for (int round = 0; round < 3; ++round) {
        CHECK(classes_of(*network, 0) == std::vector{0, 1, 1, 2});
        CHECK(network->classes() == 3);
    }
}

TEST_CASE("a label is among the best when fewer classes have better scores") {
    const auto network = load(*engine_with("good"), "linear");
    run_once(*network, 3);  // scores 2, 0, 1
    for (const auto& [label, place] : {std::pair(0, 1), std::pair(2, 2), std::pair(1, 3)}) {
        CAPTURE(label);
        CHECK_FALSE(network->ranks(label, place - 1));
        CHECK(network->ranks(label, place));
    }
    run_once(*network, 0);  // scores 0, 0, 1: of equals the first is the better
    CHECK(network->ranks(0, 2));
    CHECK_FALSE(network->ranks(1, 2));
}

TEST_CASE("the log loss is that of the softmax of the scores") {
    const auto network = load(*engine_with("good"), "linear");
    run_once(*network, 0);  // scores 0, 0, 1
    const double all = std::log(2 + std::exp(1));
    CHECK(network->log_loss(2) == Approx(all - 1));
    CHECK(network->log_loss(0) == Approx(all));
    CHECK_THROWS_WITH(network->log_loss(3), "linear.pt scores 3 classes, but a label is 3");
}

TEST_CASE("a log loss is of the last stage that ran, and of scores as large as they come") {
    const auto anytime = load(*engine_with("good"), "anytime");
    anytime->load_input(0);
    anytime->run_stage();  // scores 1, 0, 0
    CHECK(anytime->log_loss(1) == Approx(std::log(2 + std::exp(1))));
    anytime->run_stage();  // scores 1, 2, 0
    CHECK(anytime->log_loss(1) == Approx(std::log(std::exp(1) + std::exp(2) + 1) - 2));
    const auto linear = load(*engine_with("huge"), "linear");
    run_once(*linear, 0);  // scores 0, 0, 1000
    CHECK(linear->log_loss(2) == 0);
    CHECK(linear->log_loss(0) == 1000);
}

TEST_CASE("the log loss of a label that has no chance is infinite, and that of the others is not") {
    const auto engine = engine_with("good");
    const auto network = load(*engine, "masked");
    run_once(*network, 0);  // scores 0, -inf, 1
    CHECK(network->log_loss(1) == std::numeric_limits<double>::infinity());
    CHECK(network->log_loss(2) == Approx(std::log(1 + std::exp(1)) - 1));
}

TEST_CASE("an input that is loaded before the last stage starts again") {
    const auto network = load(*engine_with("good"), "anytime");
    network->load_input(1);
    network->run_stage();
    network->run_stage();
    CHECK(classes_of(*network, 0) == std::vector{0, 1, 1, 2});
}

TEST_CASE("an anytime network needs no forward") {
    const auto network = load(*engine_with("good"), "step_only");
    CHECK(network->stages() == 1);
    CHECK(classes_of(*network, 2) == std::vector{2});
}

TEST_CASE("running past the last stage is a programming error") {
    const auto name = GENERATE("linear", "anytime");
    const auto network = load(*engine_with("good"), name);
    classes_of(*network, 0);
    CHECK_THROWS_AS(network->run_stage(), std::logic_error);
    CHECK(classes_of(*network, 0).size() == (network->stages() == 0 ? 1 : 4));
}

TEST_CASE("networks outlive their engine and a change of data") {
    auto engine = engine_with("good");
    const auto network = load(*engine, "linear");
    engine->load_data(at("images"), {});
    CHECK(classes_of(*network, 2) == std::vector{1});
    engine.reset();
    CHECK(classes_of(*network, 0) == std::vector{2});
}

TEST_CASE("a network may be loaded before data, but not run") {
    const auto network = load(*open_engine({}), "linear");
    CHECK(network->stages() == 0);
    CHECK_THROWS_AS(network->load_input(0), std::logic_error);
}

TEST_CASE("a network that fails says so in one line, and goes on") {
    const auto [name, why] = GENERATE(table<std::string, std::string>({
        {"throws", "throws.pt failed on input 3 of the data: builtins.ValueError: too much of it"},
        {"mismatch",
         "mismatch.pt failed on input 3 of the data: RuntimeError: mat1 and mat2 shapes cannot be "
         "multiplied (1x6 and 3x3)"},
        {"fails_later",
         "fails_later.pt failed on input 3 of the data: builtins.ValueError: stage one fails"},
        {"nan", "nan.pt returns NaN scores for input 3 of the data"},
    }));
    const auto network = load(*engine_with("good"), name);
    try {
        classes_of(*network, 3);
        FAIL("did not fail");
    } catch (const RequestError&) {
        FAIL("is no wrong request");
    } catch (const Error& error) {
        CHECK(error.what() == why);
    }
    CHECK_NOTHROW(classes_of(*network, 1));
}

TEST_CASE("a file that holds no network is refused in one line that says why") {
    const auto [name, why] = GENERATE(table<std::string, std::string>({
        {"good", ": holds data, not a network; save it with torch.jit.script"},
        {"state_dict", ": holds data, not a network; save it with torch.jit.script"},
        {"module", ": holds data, not a network; save it with torch.jit.script"},
        {"old", " is data in the format of PyTorch before 1.6"},
        {"linear_cut", " is cut short or damaged"},
        {"empty", " is empty"},
        {"text", " was not written by PyTorch"},
        {"no_forward", ": the network has no method forward(x)"},
        {"two_inputs", ": the network's forward does not take one tensor"},
        {"no_step", ": the network has num_stages but no method step"},
        {"no_num_stages", ": the network has a method step but no attribute num_stages"},
        {"no_stages", ": the network's num_stages is 0; 1 or more is needed"},
        {"float_stages", ": the network's num_stages is not an int"},
        {"wrong_step",
         ": the network's step is not step(state: List[Tensor], stage: int) -> "
         "Tuple[Tensor, List[Tensor]]"},
    }));
    CHECK_THAT(refused_network(name), StartsWith(at(name) + why));
}

TEST_CASE("a network that does not fit the data is refused when it is loaded") {
    CHECK(refused_network("linear", "wide") ==
          at("linear") + ": does not fit " + at("wide") +
              " (Float of shape [4]): linear.pt failed on input 0 of the data: RuntimeError: mat1 "
              "and "
              "mat2 shapes cannot be multiplied (1x4 and 3x3)");
    CHECK_THAT(refused_network("image", "good"),
               Contains("image.pt failed on input 0 of the data: "));
    CHECK(refused_network("linear", "large_labels") ==
          at("linear") + ": has 3 classes, but " + at("large_labels") + " has labels up to 7");
    CHECK_THAT(refused_network("sequence"),
               EndsWith("returns Float of shape [1, 1, 3]; class scores [1, C] are needed"));
    CHECK_THAT(refused_network("dictionary"),
               Contains("returns a Dict(str, Tensor); class scores"));
}

TEST_CASE("the threads asked for are those of the matrix library, too") {
    const int threads = GENERATE(2, 1);
    const auto engine = open_engine({.threads = 3});
    CHECK(engine->threads() == 3);
    engine->set_threads(threads);
    CHECK(engine->threads() == threads);
    void* blas = dlopen("libopenblas.so.0", RTLD_LAZY | RTLD_NOLOAD);
    if (blas == nullptr) {
        WARN("LibTorch does not use OpenBLAS here");
        return;
    }
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): what dlsym gives
    const auto used = reinterpret_cast<int (*)()>(dlsym(blas, "openblas_get_num_threads"));
    REQUIRE(used != nullptr);
    CHECK(used() == threads);
    dlclose(blas);
}
