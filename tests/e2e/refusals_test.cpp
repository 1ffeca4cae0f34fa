#include "tests/e2e/session.h"
#include "tests/support/catch.h"

namespace alert::test {
namespace {

using Catch::Matchers::Contains;

TEST_CASE("a profile that cannot be is refused in one line and leaves no store") {
    const Session session;
    const std::string image = "alert profile --data $ZOO/data/test.pt --models ";
    check_refused(session, image + "$ZOO/cnn-1k.pt --power nonsense", "--power nonsense");
    check_refused(session, image + "$ZOO/cnn-1k.pt --power rapl", "rapl");
    check_refused(session, image + "$ZOO/cnn-1k.pt --settings 40", "unit");
    check_refused(session, image + "$ZOO/cnn-1k.pt --inputs 0", "--inputs");
    check_refused(session, image + "$ZOO/missing.pt", "missing.pt");
    check_refused(session, image + "$ZOO/data/test.pt", "holds data, not a network");
    check_refused(session, "alert profile --models $ZOO/cnn-1k.pt --data $ZOO/cnn-4k.pt",
                  "holds a network, not data");
    check_refused(session, "alert profile --models $ZOO/cnn-1k.pt --data missing.pt", "missing.pt");
    check_refused(session,
                  "mkdir -p mixed && cp $ZOO/cnn-1k.pt $ZOO/data/test.pt mixed\n"
                  "alert profile --models mixed --data mixed/test.pt",
                  "holds data, not a network");
    CHECK_FALSE(std::filesystem::exists(session.path("alert.db")));
}

TEST_CASE("a run that cannot be is refused in one line and stores no run") {
    const Session session;
    session.profile(std::string(kTwoModels) + " --inputs 20");
    check_refused(session, "alert run --deadline 50", "a unit is missing");
    check_refused(session, "alert run --deadline -5ms", "--deadline");
    check_refused(session, "alert run --deadline 5ms --accuracy 2", "--accuracy 2");
    check_refused(session, "alert run --deadline 5ms --confidence 1", "--confidence 1");
    check_refused(session, "alert run --deadline 5ms --energy 2", "--energy 2");
    check_refused(session, "alert run", "no goal");
    check_refused(session, "alert run --accuracy 80% --energy 1J", "--period is missing");
    check_refused(session, "alert run --deadline 5ms --profile other", "other");
    check_refused(session, "alert run --deadline 5ms --scheme other", "--scheme other");
    check_refused(session, "alert run --deadline 5ms --scheme fixed:other@40W", "fixed:other@40W");
    check_refused(session, "alert run --deadline 5ms --scheme fixed:cnn-1k@41W", "41W");
    check_refused(session, "alert run --deadline 5ms --scheme fixed:cnn-1k/1@40W", "cnn-1k/1");
    check_refused(session, "alert run --deadline 5ms --environment other", "other");
    check_refused(session, "alert run --deadline 5ms --estimator other", "--estimator");
    check_refused(session, "alert run --deadline 5ms --data $ZOO/cnn-1k.pt", "not data");
    check_refused(session, "alert run --deadline 5ms --config missing.toml", "missing.toml");
    check_refused(session, "PATH= alert run --deadline 5ms --environment compute", "stress-ng");
    check_refused(session, "alert report --label other", "other");
    CHECK(session.sql("SELECT count(*) FROM run") == "0");
}

TEST_CASE("an unknown command or option is refused") {
    const Session session;
    check_refused(session, "alert frobnicate", "frobnicate");
    check_refused(session, "alert run --dedline 5ms", "--deadline");
}

TEST_CASE("an energy goal needs a source of energy") {
    const Session session;
    session.profile("--models $ZOO/cnn-1k.pt --data $ZOO/data/test.pt --power none --inputs 20");
    check_refused(session, "alert run --deadline 5ms --energy 1J", "no energy source");
    CHECK(session.sql("SELECT count(*), count(energy_j), count(power_w) FROM profile_summary") ==
          "1|0|0");
    // Without energy the least time of inference is what is sought.
    const auto inputs = session.run_json("--deadline 50ms --accuracy 50% --inputs 3");
    REQUIRE(inputs.size() == 3);
    CHECK(inputs[0].at("energy_j").is_null());
}

TEST_CASE("a store that cannot be is refused in one line") {
    const Session session;
    const std::string profile = std::string("alert profile --inputs 5 ") + kTwoModels;
    check_refused(session, "alert report", "no store at");
    check_refused(session, "alert run --deadline 5ms", "no store at");
    CHECK_FALSE(std::filesystem::exists(session.path("alert.db")));
    check_refused(session, "alert report --store no/such.db", "no/such.db");
    check_refused(session, profile + " --store no/such.db", "no/such.db");
    write_file(session.path("text"), "not a store\n");
    check_refused(session, profile + " --store text", "not an alert store");
    check_refused(session, "alert report --store text", "not an alert store");
    CHECK(read_file(session.path("text")) == "not a store\n");
    write_file(session.path("empty"), "");
    check_refused(session, "alert report --store empty", "empty");
}

TEST_CASE("a store that cannot be written can still be read") {
    if (!has_program("setpriv")) {
        SKIP_TEST("setpriv is not there");
    }
    const Session session;
    session.profile(std::string(kTwoModels) + " --inputs 20");
    // Without this capability file modes bind root, too.
    const std::string bound =
        "chmod 500 . && chmod 400 alert.db\n"
        "bound() { setpriv --bounding-set=-dac_override,-dac_read_search \"$ALERT\" \"$@\"; }\n";
    const Finished report = session(bound + "bound report; code=$?; chmod 700 .; exit $code");
    INFO(report.err);
    CHECK(report.code == 0);
    const Finished run =
        session(bound + "bound run --deadline 5ms --inputs 3; code=$?; chmod 700 .; exit $code");
    INFO(run.err);
    CHECK((run.code == 1 || run.code == 2));
    CHECK_THAT(run.err, Contains("alert.db"));
}

}  // namespace
}  // namespace alert::test
