#include <algorithm>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "profiler/engine/pickle.h"
#include "profiler/stop.h"
#include "tests/profiler/engine_files.h"

using namespace alert;
using namespace alert::test;

namespace {

using Catch::Matchers::Contains;
using Catch::Matchers::EndsWith;
using Catch::Matchers::StartsWith;

std::string refused_data(const std::string& name) {
    return refusal([&] { open_engine({})->load_data(at(name), {}); });
}

}  // namespace

TEST_CASE("a data file gives its size, labels and groups") {
    const auto engine = open_engine({});
    const DataSet good = engine->load_data(at("good"), {});
    CHECK(good.size == 4);
    CHECK(good.labels == std::vector<std::int64_t>{2, 0, 1, 0});
    CHECK(good.groups.empty());
    CHECK(engine->load_data(at("groups"), {}).groups == std::vector<std::int64_t>{0, 0, 1, 1});
    CHECK(engine->load_data(at("int32_labels"), {}).labels == good.labels);
    CHECK(engine->load_data(at("extra"), {}).size == 4);
}

TEST_CASE("inputs of any type and layout are given as they are") {
    const auto data = GENERATE("float64", "float16", "bfloat16", "uint8", "int64", "bool",
                               "transposed", "gradient", "slice", "parameter");
    const auto engine = engine_with(data);
    const auto network = load(*engine, "linear");
    CHECK(classes_of(*network, 0) == std::vector{2});
    CHECK(classes_of(*network, 1) == std::vector{0});
    CHECK(classes_of(*network, 2) == std::vector{1});
}

TEST_CASE("data is read whatever torch.save wrote beside it, and however") {
    const auto name = GENERATE("many_kinds", "nested_entry", "ordered", "protocol2", "protocol3",
                               "protocol4", "protocol5", "deflated", "on_cuda", "on_mps", "on_xpu",
                               "on_npu", "on_privateuseone", "good_little");
    CAPTURE(name);
    const auto engine = open_engine({});
    CHECK(engine->load_data(at(name), {}).labels == std::vector<std::int64_t>{2, 0, 1, 0});
    const auto network = load(*engine, "linear");
    CHECK(classes_of(*network, 0) == std::vector{2});
    CHECK(classes_of(*network, 3) == std::vector{0});
}

TEST_CASE("inputs that repeat one take no more memory than that one") {
    const auto engine = open_engine({});
    CHECK(engine->load_data(at("many_inputs"), {}).size == 1000000);
    const auto network = load(*engine, "large");
    CHECK(classes_of(*network, 999999) == std::vector{0});
}

TEST_CASE("a bad input among good ones is named by its number") {
    const auto engine = engine_with("nan_input");
    const auto linear = load(*engine, "linear");
    CHECK_NOTHROW(classes_of(*linear, 1));
    CHECK_THROWS_WITH(
        classes_of(*linear, 2),
        "linear.pt returns NaN scores for input 2 of the data, which holds NaN itself");
    engine->load_data(at("words"), {});
    const auto words = load(*engine, "words_network");
    CHECK_NOTHROW(classes_of(*words, 0));
    CHECK_THROWS_WITH(classes_of(*words, 1),
                      StartsWith("words_network.pt failed on input 1 of the data: ") &&
                          Contains("index out of range"));
}

TEST_CASE("whoever waits for data is told how far it is, and may end it") {
    const auto engine = engine_with("good");
    std::vector<double> shares;
    engine->load_data(at("images"), [&](double share) { shares.push_back(share); });
    CHECK(std::is_sorted(shares.begin(), shares.end()));
    CHECK(shares.front() < 0.1);
    CHECK(shares.back() == Approx(1).epsilon(0.01));
    engine->load_data(at("good"), {});
    // At the end of the archive, where its reader begins, and in the midst of the inputs.
    for (const double from : {0.0, 0.5}) {
        CHECK_THROWS_AS(engine->load_data(at("images"),
                                          [&](double share) {
                                              if (share >= from) {
                                                  throw Interrupted();
                                              }
                                          }),
                        Interrupted);
        CHECK(classes_of(*load(*engine, "linear"), 0) == std::vector{2});
    }
}

TEST_CASE("tensors that share their numbers are read alike") {
    const auto engine = open_engine({});
    const DataSet data = engine->load_data(at("shared"), {});  // inputs (2, 2, 2), (0, 0, 0), ...
    CHECK(data.labels == std::vector<std::int64_t>{2, 0, 1, 0});
    const auto network = load(*engine, "linear");
    CHECK(classes_of(*network, 0) == std::vector{0});  // of equal scores the first
}

TEST_CASE("a file that holds no data set is refused in one line that says why") {
    const auto [name, why] = GENERATE(table<std::string, std::string>({
        {"module", "holds a torch.nn.modules.linear.Linear, not a dict"},
        {"tensor", "holds a tensor, not a dict"},
        {"pair", "holds a tuple, not a dict"},
        {"quantized", "has inputs that are a quantized tensor (take its .dequantize())"},
        {"sparse", "has inputs that are a sparse tensor (take its .to_dense())"},
        {"numpy", "has inputs that are a numpy array (use torch.from_numpy)"},
        {"lists", "has inputs that are of the kind list, not a plain tensor"},
        {"list_labels", "has labels that are of the kind list, not a plain tensor"},
        {"empty_dict", "has no inputs"},
        {"int_keys", "has no inputs"},
        {"state_dict", "has no inputs"},
        {"no_inputs", "has no inputs"},
        {"no_labels", "has no labels"},
        {"one_entry", "has no labels"},
        {"float_labels", "has labels of type Float, not whole numbers"},
        {"bool_labels", "has labels of type Bool, not whole numbers"},
        {"few_labels", "has 4 inputs, but labels of shape [3]"},
        {"one_hot_labels", "has 4 inputs, but labels of shape [4, 3]"},
        {"negative_labels", "has the negative number -1 in labels, at input 1"},
        {"repeated_inputs", "has 1000000000000 inputs, but labels of shape [1]"},
        {"repeated_labels", "has labels that repeat a number (take their .clone())"},
        {"few_groups", "has 4 inputs, but groups of shape [3]"},
        {"empty_groups", "has no groups: their shape is [0]"},
        {"torn_groups", "group 0 goes on at input 2 after another began"},
        {"unsorted_groups", "group 1 comes after group 3 at input 2"},
        {"no_data", "has no inputs: their shape is [0, 3]"},
        {"scalar", "has no inputs: their shape is []"},
        {"unknown_type", "has inputs of type Float8Storage, which is not supported"},
        {"conjugate", "has inputs that are yet to be conjugated or negated"},
        {"protocol0", "has a pickle of protocol 0 or 1 (pickle_protocol=2 is torch.save's own)"},
        {"protocol1", "has a pickle of protocol 0 or 1 (pickle_protocol=2 is torch.save's own)"},
        {"old", "is data in the format of PyTorch before 1.6"},
        {"linear", "holds a network, not data"},
        {"frozen", "holds a network, not data"},
        {"newer", "was written by a PyTorch that is newer than this LibTorch"},
    }));
    const std::string line = refused_data(name);
    CHECK_THAT(line, StartsWith(at(name) + " "));
    CHECK_THAT(line, Contains(why));
    CHECK_THAT(line, Contains("save it with torch.save({") && EndsWith("PyTorch 1.6 or later"));
}

TEST_CASE("a damaged data file is refused in one line that says what is wrong") {
    const auto [name, why] = GENERATE(table<std::string, std::string>({
        {"good_cut", "is cut short or damaged; copy it again"},
        {"good_4", "is cut short or damaged; copy it again"},
        {"good_30", "is cut short or damaged; copy it again"},
        {"empty", "is empty"},
        {"short", "was not written by PyTorch"},
        {"text", "was not written by PyTorch"},
        {"empty_zip", "was not written by PyTorch"},
        {"zip", "holds neither data nor a network"},
        {"folder_zip", "holds neither data nor a network"},
        {"no_version", "holds neither data nor a network"},
        {"encrypted", "is encrypted"},
        {"bzip", "is compressed in a way that LibTorch does not read"},
        {"no_record", "is damaged: "},
        {"short_record", "is damaged: its record data/0 has 8 of 48 bytes"},
        {"large_record", "is damaged: its record data/0 has 48 of 1020 bytes"},
        {"offset", "is damaged: its inputs extend beyond the stored numbers"},
        {"negative_size", "a tensor has a size that is not a whole number of 0 or more"},
        {"cut_pickle", "is damaged: its pickle is invalid at byte "},
        {"empty_pickle", "is damaged: its pickle is invalid at byte 0: it ends too early"},
        {"unknown_operation", "there is no operation 0xff"},
    }));
    const std::string line = refused_data(name);
    CHECK_THAT(line, StartsWith(at(name) + " "));
    CHECK_THAT(line, Contains(why) && EndsWith("PyTorch 1.6 or later"));
}

TEST_CASE("data and networks of a machine of the other byte order are refused") {
    CHECK_THAT(refused_data("good_big"), StartsWith(at("good_big") + " was written on a machine of "
                                                                     "the other byte order"));
    const auto engine = engine_with("good");
    CHECK_THAT(refusal([&] { load(*engine, "linear_big"); }), Contains("the other byte order"));
    CHECK(classes_of(*load(*engine, "linear_little"), 0) == std::vector{2});
}

TEST_CASE("a pickle that is damaged anywhere is read or refused, and nothing worse") {
    std::ifstream in(at("pickle"), std::ios::binary);
    const std::string whole{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    REQUIRE(read_pickle(whole).entries.size() == 14);
    const auto read_or_refused = [](const std::string& pickle) {
        try {
            read_pickle(pickle);
            return true;
        } catch (const RequestError&) {
            return true;
        }
    };
    bool all = true;
    for (std::size_t at = 0; at < whole.size(); ++at) {
        all = all && read_or_refused(whole.substr(0, at));
        for (const int change : {0x01, 0x80, 0xff}) {
            std::string damaged = whole;
            damaged[at] = static_cast<char>(damaged[at] ^ change);
            all = all && read_or_refused(damaged);
        }
    }
    CHECK(all);
}
