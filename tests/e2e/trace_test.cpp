#include <cmath>

#include "tests/e2e/session.h"
#include "tests/support/catch.h"

namespace alert::test {
namespace {

using nlohmann::json;

/// Bash functions: the stress-ng processes of this folder; waiting, for at most some seconds, for
/// what takes much less; the inputs that are stored whole.
constexpr auto kTools = R"sh(
workers() {
  for process in /proc/[0-9]*; do
    read -r name 2> /dev/null < $process/comm || continue
    [[ $name = stress-ng* && $(readlink $process/cwd) = "$PWD" ]] && echo $process
  done
}
becomes_true() {
  for i in {1..200}; do "$@" && return; sleep 0.05; done
  echo "never: $*" >&2; return 1
}
working() { [ -n "$(workers)" ]; }
gone() { [ -z "$(workers)" ]; }
stored() {
  sqlite3 -readonly "$ALERT_STORE" 'SELECT count(DISTINCT n) FROM trace_sample' 2> /dev/null
}
stored_more_than() { [ "$(stored || echo 0)" -gt $1 ]; }
)sh";

/// How many inputs are there with another number of outputs than one network and four stages have.
constexpr auto kTorn =
    "SELECT count(*) FROM (SELECT 1 FROM trace_sample s JOIN model m ON m.id = s.model_id "
    "GROUP BY m.trace_id, s.n HAVING count(*) <> 5)";

TEST_CASE("a trace has every configuration on every input beside what was scheduled") {
    const Session session;
    const std::string any = std::string("alert trace -q --json ") + kBothKinds +
                            " --environment compute@30%-60% --inputs ";
    const std::string trace = any + "20";
    session.must(trace + " --dry-run");
    CHECK_FALSE(std::filesystem::exists(session.path("alert.db")));

    const json told = json::parse(session.must(trace));
    CHECK(told.at("complete") == true);
    CHECK(told.at("inputs") == 20);
    REQUIRE(told.at("environments").size() == 2);
    CHECK(told["environments"][1].at("environment") == "compute");
    CHECK(told["environments"][1].at("inputs") == 6);
    CHECK(told["environments"][1].at("workers").get<int>() > 0);
    CHECK(told["environments"][1].at("slowdown").get<double>() > 0);
    CHECK(told.at("outputs").size() == 5 * 2);

    CHECK(session.sql("SELECT environment, min(n), max(n), count(DISTINCT n), count(*) "
                      "FROM trace_input GROUP BY n BETWEEN 6 AND 11, n > 11 ORDER BY min(n)") ==
          "default|0|5|6|60\ncompute|6|11|6|60\ndefault|12|19|8|80");
    CHECK(session.sql(kTorn) == "0");
    // The slower setting follows by arithmetic: (85 / 25) ^ (1 / 2.2) times as long.
    const std::string stretch = session.sql(
        "SELECT max(slow.latency_s / fast.latency_s) FROM trace_input slow JOIN trace_input fast "
        "ON fast.n = slow.n AND fast.model = slow.model AND fast.stage IS slow.stage "
        "WHERE slow.power_setting = '40W' AND fast.power_setting = '100W'");
    CHECK(std::stod(stretch) == Approx(std::pow(85.0 / 25.0, 1 / 2.2)));
    CHECK(session.sql("SELECT DISTINCT power_setting, power_w, idle_power_w, energy_source "
                      "FROM trace_input ORDER BY power_w") ==
          "40W|40.0|12.0|modelled:server\n100W|100.0|12.0|modelled:server");

    const Finished wider = session(any + "21");
    CHECK(wider.code == 2);
    CHECK_THAT(wider.err, Catch::Contains("was recorded with --inputs 20"));
}

TEST_CASE("two traces at once share a store, and --fresh keeps the old one") {
    const Session session;
    const std::string trace = std::string("alert trace -q --inputs 20 ") + kBothKinds;
    session.must(trace + " --label one > 1 2>&1 &\nfirst=$!\n" + trace +
                 " --label two > 2 2>&1 && wait $first");
    session.must(trace + " --label one --fresh --rest 0.1ms");
    CHECK(session.sql("SELECT label, complete, rest_s FROM trace ORDER BY label") ==
          "one|1|0.0001\none~1|1|0.02\ntwo|1|0.02");
    CHECK(
        session.sql("SELECT trace, count(*), count(DISTINCT n) FROM trace_input GROUP BY trace") ==
        "one|200|20\none~1|200|20\ntwo|200|20");
}

TEST_CASE("a trace that is interrupted, then killed, resumes and leaves no co-runner behind") {
    const Session session;
    const std::string trace =
        std::string("trace -q --inputs 40 --rest 15ms ") + kBothKinds + " --environment compute";
    const Finished interrupted = session(std::string(kTools) + "\"$ALERT\" " + trace +
                                         " > out 2> err &\n"
                                         "becomes_true stored_more_than 0 && working || exit 1\n"
                                         "kill -INT $!; wait $!; code=$?\n"
                                         "gone || exit 2; exit $code");
    INFO(interrupted.err << read_file(session.path("err")));
    CHECK(interrupted.code == 130);
    const std::string kept = session.sql("SELECT count(DISTINCT n) FROM trace_sample");
    CHECK(std::stoi(kept) < 40);
    CHECK(session.sql("SELECT complete FROM trace") == "0");
    CHECK(session.sql(kTorn) == "0");

    session.must(std::string(kTools) + "\"$ALERT\" " + trace +
                 " > out 2> err &\n"
                 "becomes_true stored_more_than " +
                 kept +
                 " && working || exit 1\n"
                 "kill -9 $!; wait $!\n"
                 "becomes_true gone");
    CHECK(session.sql("PRAGMA integrity_check") == "ok");
    CHECK(session.sql("SELECT complete FROM trace") == "0");
    CHECK(session.sql(kTorn) == "0");

    session.must(std::string(kTools) + "alert " + trace + " && gone");
    CHECK(session.sql("SELECT count(*), sum(complete) FROM trace") == "1|1");
    CHECK(session.sql("SELECT count(*), count(DISTINCT n), max(n), min(environment) "
                      "FROM trace_sample") == "200|40|39|compute");
    CHECK(session.sql(kTorn) == "0");
}

TEST_CASE("a run has its co-runner beside the scheduled inputs, and leaves none behind") {
    const Session session;
    session.must(std::string("alert profile -q --inputs 10 ") + kBothKinds);
    const std::string run = "run -q --deadline 20ms --environment compute@10%-100% --inputs ";
    session.must(std::string(kTools) + "\"$ALERT\" " + run + "40 && gone");
    CHECK(session.sql("SELECT environment, min(n), max(n), count(*) FROM run_input "
                      "GROUP BY 1 ORDER BY 2") == "default|0|3|4\ncompute|4|39|36");
    session.must(std::string(kTools) +
                 "busy() { [ -n \"$(sqlite3 -readonly \"$ALERT_STORE\" 'SELECT n FROM run_input "
                 "WHERE run = 2 AND environment = \"compute\"')\" ]; }\n"
                 "\"$ALERT\" " +
                 run +
                 "500 > out 2> err &\n"
                 "becomes_true busy && working || exit 1\n"
                 "kill -9 $!; wait $!\n"
                 "becomes_true gone");
    CHECK(session.sql("PRAGMA integrity_check") == "ok");
}

}  // namespace
}  // namespace alert::test
