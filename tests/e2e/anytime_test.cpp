
#include "tests/e2e/session.h"
#include "tests/support/catch.h"

namespace alert::test {
namespace {

TEST_CASE("a fixed stage is never passed") {
    const Session session;
    session.profile(std::string(kAnytimeModel) + " --inputs 30");
    const auto inputs =
        session.run_json("--deadline 100ms --no-pace --inputs 40 --scheme fixed:nested-4/2@40W");
    REQUIRE(inputs.size() == 40);
    for (const auto& input : inputs) {
        INFO(input.dump());
        CHECK(input.at("stage_limit").get<int>() == 2);
        CHECK(input.at("power_setting").get<std::string>() == "40W");
        if (!input.at("stage").is_null()) {
            CHECK(input.at("stage").get<int>() <= 2);
        }
    }
    CHECK(session.sql("SELECT count(*) > 0, max(stage) FROM run_input WHERE stage > 0") == "1|2");
}

TEST_CASE("a deadline between the stages brings the answer of an earlier one") {
    const Session session;
    session.profile(std::string(kAnytimeModel) + " --inputs 60");
    // Between the first stage and the last, whatever this machine's speed.
    const std::string seconds = session.sql(
        "SELECT printf('%.6f', (min(latency_mean_s) + max(latency_mean_s)) / 2) "
        "FROM profile_summary WHERE power_setting = '40W'");
    session.run_json("--period 20ms --inputs 60 --scheme fixed:nested-4@40W --deadline " + seconds +
                     "s");
    CHECK(session.sql("SELECT count(*) > 0 FROM run_input WHERE met_deadline AND stage < 4") ==
          "1");
    CHECK(session.sql("SELECT count(*) FROM run_input WHERE met_deadline <> "
                      "(response_s IS NOT NULL AND response_s <= deadline_s)") == "0");
    CHECK(session.sql("SELECT count(*) FROM run_input WHERE met_deadline AND stage IS NULL") ==
          "0");
}

}  // namespace
}  // namespace alert::test
