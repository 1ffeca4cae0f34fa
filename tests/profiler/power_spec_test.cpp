#include <string>
#include <vector>

#include "alert/error.h"
#include "profiler/power/platform.h"
#include "tests/support/catch.h"

using namespace alert;
using Catch::Matchers::Contains;

namespace {

SettingsSelection watts(std::vector<double> values, std::string text) {
    return {SettingsSelection::Unit::kWatts, std::move(values), std::move(text)};
}

std::vector<std::string> names(const Platform& platform) {
    std::vector<std::string> names;
    for (const PowerSetting& setting : platform.knob->settings()) {
        names.push_back(setting.name);
    }
    return names;
}

}  // namespace

TEST_CASE("auto takes the emulated server and says why") {
    const Platform platform = open_platform("auto", {}, "cpu");
    CHECK(platform.knob->spec() == "emulated:server");
    CHECK_THAT(platform.why, Contains("emulated:server") && Contains("no hardware knob") &&
                                 Contains("modelled:server"));
    REQUIRE(platform.meter);
    CHECK(platform.meter->source() == "modelled:server");
}

TEST_CASE("a knob asked for by name gives no reasons") {
    CHECK(open_platform("emulated", {}, "cpu").knob->spec() == "emulated:server");
    CHECK(open_platform("emulated", {}, "cpu").why.empty());
    CHECK(open_platform("emulated:laptop", {}, "cpu").knob->settings().size() == 11);
}

TEST_CASE("the spec of a knob makes it again") {
    const Platform platform = open_platform("emulated:embedded", {}, "cpu");
    const Platform again = open_platform(platform.knob->spec(), {}, "cpu");
    CHECK(names(again) == names(platform));
    CHECK(again.description_json == platform.description_json);
}

TEST_CASE("selected caps need not be among those of the file, and come out ascending, once") {
    const Platform platform =
        open_platform("emulated", watts({60, 42.5, 60}, "60W,42.5W,60W"), "cpu");
    CHECK(names(platform) == std::vector<std::string>{"42.5W", "60W"});
}

TEST_CASE("a cap outside the platform's range is refused with the range") {
    CHECK_THROWS_WITH(
        open_platform("emulated", watts({15, 40}, "15W,40W"), "cpu"),
        Contains("--settings 15W,40W: 15W is outside") && Contains("above 15W and up to 100W"));
    CHECK_THROWS_AS(open_platform("emulated", watts({101}, "101W"), "cpu"), RequestError);
    CHECK_NOTHROW(open_platform("emulated", watts({100}, "100W"), "cpu"));
}

TEST_CASE("a cap that leaves no speed is refused, as nothing would come to an end") {
    // ((1e-12 W) / (85 W)) ^ (1 / 2.2) is 5e-7.
    CHECK_THROWS_WITH(open_platform("emulated", watts({15 + 1e-12}, "15.000000000001W"), "cpu"),
                      Contains("--settings 15.000000000001W") && Contains("no speed"));
}

TEST_CASE("settings of another dimension are refused with how to write them") {
    const SettingsSelection half{SettingsSelection::Unit::kShare, {0.5}, "50%"};
    CHECK_THROWS_WITH(open_platform("emulated", half, "cpu"),
                      Contains("--settings 50%") && Contains("write 40W"));
    CHECK_THROWS_WITH(open_platform("quota", watts({40}, "40W"), "cpu"),
                      Contains("--settings 40W") && Contains("25%,50%,100%"));
    CHECK_THROWS_WITH(open_platform("none", half, "cpu"), Contains("has no settings"));
}

TEST_CASE("a quota outside its range is refused") {
    const SettingsSelection much{SettingsSelection::Unit::kShare, {0.5, 1.5}, "50%,150%"};
    CHECK_THROWS_WITH(open_platform("quota", much, "cpu"),
                      Contains("150% is outside") && Contains("1% to 100%"));
}

TEST_CASE("none has one setting, no meter and changes nothing") {
    const Platform platform = open_platform("none", {}, "cpu");
    CHECK(names(platform) == std::vector<std::string>{"default"});
    CHECK_FALSE(platform.meter);
    CHECK_NOTHROW(platform.knob->apply(0));
    CHECK(platform.knob->restore().empty());
}

TEST_CASE("a knob that does not exist is refused with those that do") {
    CHECK_THROWS_WITH(
        open_platform("warp", {}, "cpu"),
        Contains("there is no such power knob") &&
            Contains("auto, rapl, cpufreq, nvml, emulated[:NAME|FILE], quota or none"));
    CHECK_THROWS_AS(open_platform("", {}, "cpu"), RequestError);
}
