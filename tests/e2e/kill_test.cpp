#include <algorithm>

#include "tests/e2e/session.h"
#include "tests/support/catch.h"

namespace alert::test {
namespace {

TEST_CASE("a profile killed at random moments resumes without asking an input twice") {
    const Session session;
    const std::string profile =
        std::string("profile -q --precision 0 --inputs 200 ") + kAnytimeModel;
    session(
        "for i in $(seq \"${ALERT_TEST_KILLS:-10}\"); do\n"
        "  \"$ALERT\" " +
        profile +
        " > out 2> err &\n"
        "  sleep 0.$((RANDOM % 7 + 3)); kill -9 $!; wait $!\n"
        "done");
    session.profile(profile.substr(profile.find("--precision")));
    CHECK(session.sql("PRAGMA integrity_check") == "ok");
    CHECK(session.sql("SELECT complete FROM profile") == "1");
    // Both settings are sampled where nothing may be derived.
    CHECK(session.sql("SELECT stage, count(*) / 2, count(DISTINCT round), count(DISTINCT input) "
                      "FROM sample GROUP BY stage") ==
          "1|200|200|200\n2|200|200|200\n3|200|200|200\n4|200|200|200");
}

TEST_CASE("a run killed at random moments leaves a store that opens and reports") {
    const Session session;
    session.profile(std::string(kTwoModels) + " --inputs 20");
    session.run_json("--deadline 5ms --inputs 3");
    session(
        "for i in $(seq \"${ALERT_TEST_KILLS:-10}\"); do\n"
        "  \"$ALERT\" run -q --deadline 5ms --inputs 1000 > out 2> err &\n"
        "  sleep 0.$((RANDOM % 7 + 3)); kill -9 $!; wait $!\n"
        "done");
    CHECK(session.sql("PRAGMA integrity_check") == "ok");
    CHECK(session.sql("SELECT count(*) FROM run WHERE finished") == "1");
    CHECK(session.sql("SELECT count(*) FROM (SELECT 1 FROM input GROUP BY run_id "
                      "HAVING count(*) <> max(n) + 1)") == "0");
    CHECK(session("alert report profile").code == 0);
    const Finished report = session("alert report");
    INFO(report.err);
    CHECK(report.code == 0);
}

TEST_CASE("an interrupted run exits with 130 and stores what was done") {
    const Session session;
    session.profile(std::string(kTwoModels) + " --inputs 20");
    const Finished done = session(
        "timeout --preserve-status -s INT 3 \"$ALERT\" run --json --deadline 20ms --inputs 1000");
    INFO(done.err);
    CHECK(done.code == 130);
    CHECK(session.sql("SELECT finished FROM run") == "0");
    const int stored = std::stoi(session.sql("SELECT count(*) FROM input"));
    CHECK(stored > 0);
    CHECK(stored == std::count(done.out.begin(), done.out.end(), '\n'));
}

TEST_CASE("two profiles at once share a store") {
    const Session session;
    const std::string profile = std::string("alert profile -q --inputs 100 ") + kTwoModels;
    const Finished both = session(profile + " --label one > 1 2>&1 &\nfirst=$!\n" + profile +
                                  " --label two > 2 2>&1; second=$?\n"
                                  "wait $first && exit $second");
    CHECK(both.code == 0);
    CHECK(session.sql("SELECT label, complete FROM profile ORDER BY label") == "one|1\ntwo|1");
}

TEST_CASE("a wider request adds, --fresh keeps the old, --dry-run writes nothing") {
    const Session session;
    const std::string ask = std::string(kTwoModels) + " --precision 0 --inputs ";
    REQUIRE(session("alert profile --dry-run " + ask + "20").code == 0);
    CHECK_FALSE(std::filesystem::exists(session.path("alert.db")));
    session.profile(ask + "20");
    session.profile(ask + "30");
    CHECK(session.sql("SELECT count(*), count(DISTINCT round) FROM sample") == "120|30");
    session.profile(ask + "10 --fresh");
    CHECK(session.sql("SELECT count(*), sum(complete) FROM profile") == "2|2");
    CHECK(session.sql("SELECT count(*) FROM sample") == "160");
}

}  // namespace
}  // namespace alert::test
