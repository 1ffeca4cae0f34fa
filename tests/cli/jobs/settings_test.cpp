
#include "cli/jobs/settings.h"

#include "alert/error.h"
#include "tests/support/catch.h"

using namespace alert;
using namespace alert::cli;
using Catch::Matchers::Contains;

namespace {

/// What a text selects: the values and the threads.
struct Selected {
    std::vector<double> values;
    std::vector<int> threads;
    bool operator==(const Selected&) const = default;
};

Selected selected(const std::string& text) {
    const auto selection = parse_settings(text);
    REQUIRE(selection);
    CHECK(selection->text == text);
    return {selection->values, selection->threads};
}

}  // namespace

TEST_CASE("settings without a plus select values of their unit") {
    CHECK_FALSE(parse_settings("").has_value());
    CHECK(selected("40W:100W:30W") == Selected{{40, 70, 100}, {}});
    CHECK(parse_settings("1.2GHz")->unit == SettingsSelection::Unit::kHertz);
    CHECK(parse_settings("25%,50%")->unit == SettingsSelection::Unit::kShare);
}

TEST_CASE("what follows a plus are threads, and either side may be left out") {
    CHECK(selected("40W:100W:30W+1t,2t") == Selected{{40, 70, 100}, {1, 2}});
    CHECK(selected("40W,60W+1t:4t:1t") == Selected{{40, 60}, {1, 2, 3, 4}});
    CHECK(selected("+1t,2t") == Selected{{}, {1, 2}});
    CHECK(selected("4t,1t") == Selected{{}, {1, 4}});
    CHECK(parse_settings("50%+2t")->unit == SettingsSelection::Unit::kShare);
}

TEST_CASE("the names of pairs select every side once") {
    CHECK(selected("40W+1t,40W+2t,60W+1t,60W+2t") == Selected{{40, 60}, {1, 2}});
}

TEST_CASE("threads that are none are refused") {
    CHECK_THROWS_WITH(parse_settings("40W+1.5t"), Contains("whole"));
    CHECK_THROWS_WITH(parse_settings("40W+0t"), Contains("above 0"));
    CHECK_THROWS_WITH(parse_settings("40W+2"), Contains("a unit is missing"));
    CHECK_THROWS_WITH(parse_settings("40W+2W"), Contains("no unit of a number of threads"));
    CHECK_THROWS_AS(parse_settings("40W,"), RequestError);
}

TEST_CASE("flag --threads beside a knob that sets them is refused with how to write it") {
    CHECK_THROWS_WITH(check_threads("rapl+threads", 2), Contains("write --settings +2t"));
    CHECK_NOTHROW(check_threads("rapl", 2));
    CHECK_NOTHROW(check_threads("rapl+threads", std::nullopt));
}
