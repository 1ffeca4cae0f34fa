#include "profiler/power/emulated.h"

#include <cstdlib>
#include <fstream>
#include <string>

#include "alert/error.h"
#include "tests/profiler/temporary_folder.h"
#include "tests/support/catch.h"

using namespace alert;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

namespace {

const EmulatedPlatform kLinear{"linear", {25, 50, 100}, 0, 100, 10, 1};

/// A platform file that is right but for one key.
std::string file_with(const std::string& key, const std::string& value) {
    std::string text = "{";
    const char* keys[][2] = {{"name", "\"bench\""},      {"kind", "\"emulated\""},
                             {"settings_w", "[20, 30]"}, {"static_w", "10"},
                             {"peak_w", "30"},           {"idle_w", "5"},
                             {"exponent", "2"}};
    for (const auto& [known, right] : keys) {
        const std::string stands = known == key ? value : right;
        if (!stands.empty()) {
            text += (text.size() > 1 ? ", \"" : "\"") + std::string(known) + "\": " + stands;
        }
    }
    return text + "}";
}

}  // namespace

TEST_CASE("speed under a cap follows the formula") {
    // (cap - static) / (peak - static), to the power of 1 / exponent.
    CHECK(speed_under_cap(kLinear, 100) == 1);
    CHECK(speed_under_cap(kLinear, 25) == Approx(0.25));
    const EmulatedPlatform cubic{"cubic", {17}, 10, 66, 5, 3};
    CHECK(speed_under_cap(cubic, 17) == Approx(0.5));  // (7 / 56) ^ (1 / 3)
}

TEST_CASE("the built-in server stretches as worked out by hand") {
    const EmulatedPlatform server = load_emulated_platform("server");
    const EmulatedKnob knob(server, server.settings_w, "emulated:server");
    REQUIRE(knob.settings().size() == 13);
    CHECK(knob.settings()[0].name == "40W");
    CHECK(knob.settings()[0].emulated->stretch == Approx(1.744140).epsilon(1e-6));
    CHECK(knob.settings()[0].emulated->power_w == 40);
    CHECK(knob.settings()[12].name == "100W");
    CHECK(knob.settings()[12].emulated->stretch == 1);
}

TEST_CASE("the built-in platforms cover the ranges of the paper's boards") {
    CHECK(builtin_platform_names() == std::vector<std::string>{"embedded", "laptop", "server"});
    const EmulatedPlatform laptop = load_emulated_platform("laptop");
    CHECK(laptop.settings_w.front() == 10);
    CHECK(laptop.settings_w[1] == 12.5);
    CHECK(laptop.settings_w.back() == 35);
    CHECK(load_emulated_platform("embedded").settings_w.back() < 10);
}

TEST_CASE("settings are named as flags are written") {
    const EmulatedPlatform platform{"odd", {}, 0, 2000, 0, 1};
    const double caps_w[] = {0.5, 42.5, 1200};
    const EmulatedKnob knob(platform, caps_w, "emulated:odd");
    CHECK(knob.settings()[0].name == "500mW");
    CHECK(knob.settings()[1].name == "42.5W");
    CHECK(knob.settings()[2].name == "1.2kW");
}

TEST_CASE("work takes as long as under the cap") {
    CHECK(stretched_s(0.01, {"25W", EmulatedSetting{4, 25}}) == Approx(0.04));
    CHECK(stretched_s(0.01, {"default", std::nullopt}) == 0.01);
}

TEST_CASE("the modelled meter integrates cap and idle power over what it is told") {
    EmulatedKnob knob(kLinear, kLinear.settings_w, "emulated:linear");
    ModelledMeter meter("linear", knob.power());
    CHECK(meter.source() == "modelled:linear");
    knob.apply(0);
    CHECK(meter.read_j(100) == 0);
    meter.tell(Activity::kInferring, 102);  // 2 s at rest: 20 J
    meter.tell(Activity::kIdle, 105);       // 3 s at 25 W: 75 J
    CHECK(meter.read_j(106) == Approx(105));
    knob.apply(2);
    CHECK(meter.read_j(107) == Approx(115));  // at rest the cap does not matter
    meter.tell(Activity::kInferring, 107);
    CHECK(meter.read_j(107.5) == Approx(165));  // 0.5 s at 100 W
}

TEST_CASE("readings never decrease, also when the clock stands") {
    EmulatedKnob knob(kLinear, kLinear.settings_w, "emulated:linear");
    ModelledMeter meter("linear", knob.power());
    meter.tell(Activity::kInferring, 1);
    const double before_j = meter.read_j(2);
    CHECK(meter.read_j(2) == before_j);
    CHECK(meter.read_j(1.5) == before_j);
    CHECK(meter.read_j(3) == Approx(before_j + 100));
}

TEST_CASE("a platform file survives being written and read") {
    const EmulatedPlatform read = parse_emulated_platform(to_json(kLinear), "linear.json");
    CHECK(read.name == "linear");
    CHECK(read.settings_w == kLinear.settings_w);
    CHECK(read.static_w == 0);
    CHECK(read.peak_w == 100);
    CHECK(read.idle_w == 10);
    CHECK(read.exponent == 1);
}

TEST_CASE("a wrong platform file is refused with its name and the key") {
    const auto [key, value, says] = GENERATE(table<const char*, const char*, const char*>({
        {"name", "", "is missing"},
        {"name", "\"\"", "must be a string"},
        {"kind", "\"measured\"", "must be \"emulated\""},
        {"settings_w", "", "is missing"},
        {"settings_w", "40", "must be a list"},
        {"settings_w", "[]", "must be a list"},
        {"settings_w", "[20, \"30\"]", "must be a number"},
        {"settings_w", "[30, 20]", "must ascend"},
        {"settings_w", "[20, 20]", "must ascend"},
        {"settings_w", "[10, 20]", "has 10 W"},
        {"settings_w", "[20, 31]", "has 31 W"},
        {"static_w", "-1", "must be 0 W or more"},
        {"static_w", "null", "must be a number"},
        {"peak_w", "10", "must be above static_w, 10 W"},
        {"peak_w", "true", "must be a number"},
        {"idle_w", "-1", "must lie within"},
        {"idle_w", "31", "must lie within"},
        {"exponent", "0", "must be above 0"},
        {"exponent", "-2", "must be above 0"},
        {"exponent", "", "is missing"},
        {"exponent", "1e-300", "leaves no speed at 20 W"},
        {"peak_w", "[[30]]", "must be a number, not a list"},
        {"peak_w", "{}", "must be a number, not an object"},
    }));
    CAPTURE(key, value);
    CHECK_THROWS_WITH(parse_emulated_platform(file_with(key, value), "my.json"),
                      Contains("my.json: \"" + std::string(key) + "\"") && Contains(says));
}

TEST_CASE("a platform file that is no JSON object is refused") {
    CHECK_THROWS_WITH(parse_emulated_platform("{", "my.json"), Contains("my.json: not JSON"));
    CHECK_THROWS_WITH(parse_emulated_platform("[1]", "my.json"),
                      Contains("my.json: not a JSON object"));
}

TEST_CASE("a platform file may nest what it should not as deep as it likes") {
    const std::string deep(1'000'000, '[');
    const std::string closed = deep + std::string(1'000'000, ']');
    CHECK_THROWS_WITH(parse_emulated_platform(file_with("peak_w", closed.c_str()), "my.json"),
                      Contains("must be a number, not a list"));
    CHECK_THROWS_WITH(parse_emulated_platform(deep, "my.json"), Contains("not JSON"));
}

TEST_CASE("a platform file may begin with a mark of the byte order") {
    const TemporaryFolder folder;
    std::ofstream(folder.path() / "my.json") << "\xef\xbb\xbf" << file_with("", "");
    CHECK(load_emulated_platform((folder.path() / "my.json").string()).name == "bench");
}

TEST_CASE("a wrong platform file is told by the flag that named it") {
    const TemporaryFolder folder;
    const std::string file = (folder.path() / "my.json").string();
    std::ofstream(file) << "{";
    CHECK_THROWS_WITH(load_emulated_platform(file),
                      StartsWith("--power emulated:" + file + ": not JSON"));
}

TEST_CASE("a platform file is found by its path") {
    const TemporaryFolder folder;
    std::ofstream(folder.path() / "my.json") << file_with("", "");
    CHECK(load_emulated_platform((folder.path() / "my.json").string()).name == "bench");
    CHECK_THROWS_WITH(load_emulated_platform("desktop"),
                      Contains("emulated:desktop") && Contains("embedded, laptop, server"));
    CHECK_THROWS_AS(load_emulated_platform("desktop"), RequestError);
    CHECK_THROWS_AS(load_emulated_platform(std::string(5000, 'x')), RequestError);
}
