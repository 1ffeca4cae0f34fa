#include "profiler/engine/engine.h"

#include <dlfcn.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/error.h"
#include "profiler/warm_up.h"

using namespace alert;

namespace {

// The folder that make_models.py wrote.
std::string at(const std::string& name) {
    return ALERT_TEST_MODELS "/" + name + ".pt";
}

std::unique_ptr<Engine> engine_with(const std::string& data) {
    auto engine = open_engine({});
    engine->load_data(at(data));
    return engine;
}

// The line that a wrong request is answered with.
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

std::string refused_data(const std::string& name) {
    return refusal([&] { open_engine({})->load_data(at(name)); });
}

std::string refused_network(const std::string& name, const std::string& data = "good") {
    const auto engine = engine_with(data);
    return refusal([&] { engine->load_network(at(name)); });
}

// The classes that every stage predicts for an input.
std::vector<int> classes_of(Network& network, std::size_t input) {
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
    CHECK_THAT(refusal([] { open_engine({"cuda:99", 1}); }), StartsWith("device cuda:99: "));
    CHECK_THAT(refusal([] { open_engine({"cpu", 0}); }), StartsWith("threads 0: "));
}

TEST_CASE("an engine that is not there is named, with the mend") {
    const Variable engine("ALERT_ENGINE", "/nowhere/libalert_torch.so");
    CHECK_THAT(refusal([] { open_engine({}); }),
               Contains("ALERT_ENGINE is /nowhere/libalert_torch.so, which is no file"));
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

TEST_CASE("a data file gives its size, labels and groups") {
    const auto engine = open_engine({});
    const DataSet good = engine->load_data(at("good"));
    CHECK(good.size == 4);
    CHECK(good.labels == std::vector<std::int64_t>{2, 0, 1, 0});
    CHECK(good.groups.empty());
    CHECK(engine->load_data(at("groups")).groups == std::vector<std::int64_t>{0, 0, 1, 1});
    CHECK(engine->load_data(at("int32_labels")).labels == good.labels);
    CHECK(engine->load_data(at("extra")).size == 4);
}

TEST_CASE("a file that holds no data set is refused in one line that says why") {
    const auto [name, why] = GENERATE(table<std::string, std::string>({
        {"module", "torch.nn.modules.linear.Linear"},
        {"quantized", "has inputs that are sparse or quantized"},
        {"lists", "has inputs that are no tensor"},
        {"tensor", "holds a Tensor, not a dict"},
        {"pair", "holds a Tuple, not a dict"},
        {"empty_dict", "has no inputs"},
        {"int_keys", "is a dict with keys that are no strings"},
        {"no_inputs", "has no inputs"},
        {"no_labels", "has no labels"},
        {"float_labels", "has labels of type Float, not whole numbers"},
        {"bool_labels", "has labels of type Bool, not whole numbers"},
        {"few_labels", "has 4 inputs, but labels of shape [3]"},
        {"one_hot_labels", "has 4 inputs, but labels of shape [4, 3]"},
        {"negative_labels", "has the negative number -1 in labels"},
        {"few_groups", "has 4 inputs, but groups of shape [3]"},
        {"empty_groups", "has no groups: their shape is [0]"},
        {"torn_groups", "group 0 goes on at input 2 after another began"},
        {"unsorted_groups", "group 1 comes after group 3 at input 2"},
        {"no_data", "has no inputs: their shape is [0, 3]"},
        {"scalar", "has no inputs: their shape is []"},
        {"old", "is data in the format of PyTorch before 1.6"},
        {"linear", "holds a network, not data"},
        {"frozen", "holds a network, not data"},
        {"good_cut", "is cut short or damaged"},
        {"empty", "is empty"},
        {"short", "was not written by PyTorch"},
        {"text", "was not written by PyTorch"},
        {"zip", "cannot be read: "},
        {"folder_zip", "holds neither data nor a network"},
    }));
    const std::string line = refused_data(name);
    CHECK_THAT(line, StartsWith(at(name) + " "));
    CHECK_THAT(line, Contains(why));
    CHECK_THAT(line, Contains("save it with torch.save({") && EndsWith("PyTorch 1.6 or later"));
}

TEST_CASE("what the reader of LibTorch 1 cannot read is named") {
    if (std::stoi(open_engine({})->version()) > 1) {
        return;  // Later ones read some of it.
    }
    const auto [name, why] = GENERATE(table<std::string, std::string>({
        {"state_dict", "is an OrderedDict, not a plain dict"},
        {"one_entry", "is a dict of one entry"},
        {"ordered", "is an OrderedDict, not a plain dict"},
        {"parameter", "holds a Parameter, not a plain tensor"},
        {"sparse", "holds a sparse tensor"},
        {"numpy", "holds a numpy array"},
    }));
    const std::string line = refused_data(name);
    CHECK_THAT(line, StartsWith(at(name) + " " + why));
    CHECK_THAT(line, Contains("save it with torch.save({") && EndsWith("PyTorch 1.6 or later"));
}

TEST_CASE("a path that is no file is refused") {
    const auto engine = open_engine({});
    CHECK(refusal([&] { engine->load_data("/nowhere/x.pt"); }) == "/nowhere/x.pt: no such file");
    CHECK(refusal([&] { engine->load_network("/nowhere/x.pt"); }) == "/nowhere/x.pt: no such file");
    CHECK(refusal([&] { engine->load_data("/tmp"); }) == "/tmp is a folder; name a file in it");
    CHECK(refusal([&] { engine->load_network("/tmp"); }) == "/tmp is a folder; name a file in it");
}

TEST_CASE("a failed load leaves the data that was there") {
    const auto engine = engine_with("good");
    refusal([&] { engine->load_data(at("text")); });
    CHECK(classes_of(*engine->load_network(at("linear")), 0) == std::vector{2});
}

TEST_CASE("a traditional network answers each input with its best class") {
    const auto name = GENERATE("linear", "dropped", "in_place", "flat", "named", "random", "noisy",
                               "traced", "frozen");
    const auto engine = engine_with("good");
    const auto network = engine->load_network(at(name));
    CHECK(network->stages() == 0);
    for (int round = 0; round < 3; ++round) {
        CHECK(classes_of(*network, 0) == std::vector{2});
        CHECK(classes_of(*network, 1) == std::vector{0});
        CHECK(classes_of(*network, 2) == std::vector{1});
        CHECK(classes_of(*network, 3) == std::vector{0});
        CHECK(network->classes() == 3);
    }
}

TEST_CASE("inputs of any type and layout are given as they are") {
    const auto data = GENERATE("float64", "float16", "bfloat16", "uint8", "int64", "bool",
                               "transposed", "gradient");
    const auto network = engine_with(data)->load_network(at("linear"));
    CHECK(classes_of(*network, 0) == std::vector{2});
    CHECK(classes_of(*network, 1) == std::vector{0});
    CHECK(classes_of(*network, 2) == std::vector{1});
}

TEST_CASE("inputs may be pictures of many classes, or single numbers of one") {
    const auto image = engine_with("images")->load_network(at("image"));
    CHECK(classes_of(*image, 1) == std::vector{712});
    CHECK(image->classes() == 1000);
    const auto one = engine_with("numbers")->load_network(at("one_class"));
    CHECK(classes_of(*one, 1) == std::vector{0});
    CHECK(one->classes() == 1);
}

TEST_CASE("an anytime network answers stage by stage") {
    const auto name = GENERATE("anytime", "anytime_frozen", "constant");
    const auto network = engine_with("good")->load_network(at(name));
    REQUIRE(network->stages() == 4);
    for (int round = 0; round < 3; ++round) {
        CHECK(classes_of(*network, 0) == std::vector{0, 1, 1, 2});
        CHECK(network->classes() == 3);
    }
}

TEST_CASE("a label is among the best when fewer classes have better scores") {
    const auto network = engine_with("good")->load_network(at("linear"));
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
    const auto network = engine_with("good")->load_network(at("linear"));
    run_once(*network, 0);  // scores 0, 0, 1
    const double all = std::log(2 + std::exp(1));
    CHECK(network->log_loss(2) == Approx(all - 1));
    CHECK(network->log_loss(0) == Approx(all));
    CHECK_THROWS_WITH(network->log_loss(3), "linear.pt scores 3 classes, but a label is 3");
}

TEST_CASE("a log loss is of the last stage that ran, and of scores as large as they come") {
    const auto anytime = engine_with("good")->load_network(at("anytime"));
    anytime->load_input(0);
    anytime->run_stage();  // scores 1, 0, 0
    CHECK(anytime->log_loss(1) == Approx(std::log(2 + std::exp(1))));
    anytime->run_stage();  // scores 1, 2, 0
    CHECK(anytime->log_loss(1) == Approx(std::log(std::exp(1) + std::exp(2) + 1) - 2));
    const auto linear = engine_with("huge")->load_network(at("linear"));
    run_once(*linear, 0);  // scores 0, 0, 1000
    CHECK(linear->log_loss(2) == 0);
    CHECK(linear->log_loss(0) == 1000);
}

TEST_CASE("an input that is loaded before the last stage starts again") {
    const auto network = engine_with("good")->load_network(at("anytime"));
    network->load_input(1);
    network->run_stage();
    network->run_stage();
    CHECK(classes_of(*network, 0) == std::vector{0, 1, 1, 2});
}

TEST_CASE("an anytime network needs no forward") {
    const auto network = engine_with("good")->load_network(at("step_only"));
    CHECK(network->stages() == 1);
    CHECK(classes_of(*network, 2) == std::vector{2});
}

TEST_CASE("running past the last stage is a programming error") {
    const auto name = GENERATE("linear", "anytime");
    const auto network = engine_with("good")->load_network(at(name));
    classes_of(*network, 0);
    CHECK_THROWS_AS(network->run_stage(), std::logic_error);
    CHECK(classes_of(*network, 0).size() == (network->stages() == 0 ? 1 : 4));
}

TEST_CASE("networks outlive their engine and a change of data") {
    auto engine = engine_with("good");
    const auto network = engine->load_network(at("linear"));
    engine->load_data(at("images"));
    CHECK(classes_of(*network, 2) == std::vector{1});
    engine.reset();
    CHECK(classes_of(*network, 0) == std::vector{2});
}

TEST_CASE("a network may be loaded before data, but not run") {
    const auto network = open_engine({})->load_network(at("linear"));
    CHECK(network->stages() == 0);
    CHECK_THROWS_AS(network->load_input(0), std::logic_error);
}

TEST_CASE("a network that fails says so in one line, and goes on") {
    const auto [name, why] = GENERATE(table<std::string, std::string>({
        {"throws", "throws.pt failed: builtins.ValueError: too much of it"},
        {"mismatch",
         "mismatch.pt failed: RuntimeError: mat1 and mat2 shapes cannot be multiplied (1x6 and "
         "3x3)"},
        {"fails_later", "fails_later.pt failed: builtins.ValueError: stage one fails"},
        {"nan", "nan.pt returns NaN scores"},
    }));
    const auto network = engine_with("good")->load_network(at(name));
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
              " (Float of shape [4]): linear.pt failed: RuntimeError: mat1 and mat2 shapes cannot "
              "be multiplied (1x4 and 3x3)");
    CHECK_THAT(refused_network("image", "good"), Contains("image.pt failed: "));
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
