#include "tests/e2e/session.h"
#include "tests/support/catch.h"

namespace alert::test {
namespace {

using Catch::Matchers::Contains;

constexpr auto kModel =
    "--models $ZOO/cnn-1k.pt --data $ZOO/data/test.pt --power none --inputs 20 ";

TEST_CASE("a profile keeps the means after a rest and back to back, and its rest") {
    const Session session;
    session.profile(std::string(kModel) + "--rest 30ms --precision 0");
    CHECK(session.sql("SELECT rest_s, count(latency_s), count(latency_back_to_back_s) "
                      "FROM sample, profile") == "0.03|20|20");
    CHECK(
        session.sql("SELECT abs(s.latency_back_to_back_s - avg(b.latency_back_to_back_s)) < 1e-12, "
                    "abs(s.latency_mean_s - avg(b.latency_s)) < 1e-12 "
                    "FROM profile_summary s, sample b") == "1|1");
    CHECK(session.sql("SELECT latency_mean_s <> latency_back_to_back_s FROM profile_summary") ==
          "1");
    check_refused(session, std::string("alert profile ") + kModel + "--rest 5ms",
                  "profile 'default' was measured with --rest 30.0 ms; name another --label");
    session.profile(kModel);
    CHECK(session.sql("SELECT rest_s, count(*) FROM sample, profile") == "0.03|20");
}

TEST_CASE("without a rest there is one mean, which is back to back") {
    const Session session;
    session.profile(std::string(kModel) + "--rest 0s --precision 0");
    CHECK(session.sql("SELECT rest_s, count(latency_s), count(latency_back_to_back_s) "
                      "FROM sample, profile") == "0.0|20|0");
    CHECK(session.sql("SELECT latency_back_to_back_s IS NULL FROM profile_summary") == "1");
}

TEST_CASE("a run whose rests are others than its profile's is warned of") {
    const Session session;
    session.profile(kModel);
    const auto warnings_of = [&](const std::string& pace) {
        session.must("alert run -q --inputs 20 --deadline 30ms " + pace);
        return session.sql("SELECT warnings FROM run ORDER BY id DESC LIMIT 1");
    };
    CHECK_THAT(warnings_of("--no-pace"),
               Contains("networks idled 0 s between inputs, 20.0 ms when profile 'default' was "
                        "measured") &&
                   Contains("profile with --rest 0s"));
    CHECK_THAT(warnings_of("--period 30ms"), !Contains("idled"));
    CHECK_THAT(warnings_of("--period 200ms"), Contains("networks idled 200 ms between inputs"));
}

}  // namespace
}  // namespace alert::test
