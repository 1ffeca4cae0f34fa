
#include "tests/e2e/session.h"
#include "tests/support/catch.h"

namespace alert::test {
namespace {

constexpr auto kWords =
    "--models $ZOO/../sentence/lstm-32.pt $ZOO/../sentence/lstm-64.pt "
    "--data $ZOO/../sentence/data/test.pt --power emulated --settings 40W,100W";

/// Copies the shipped sentences into bad.pt; the first word that input 12 reads is no word.
void write_bad_data(const Session& session) {
    std::string bytes = read_file(ALERT_ZOO "/../sentence/data/test.pt");
    const auto name = bytes.find("data/0");
    const auto header = bytes.rfind("PK\x03\x04", name);
    const auto number = [&](std::size_t at) {
        return static_cast<unsigned char>(bytes[at]) +
               256 * static_cast<unsigned char>(bytes[at + 1]);
    };
    const auto inputs = header + 30 + number(header + 26) + number(header + 28);
    const auto word = inputs + 12 * 20 * sizeof(std::int16_t);
    bytes[word] = bytes[word + 1] = '\x7f';
    write_file(session.path("bad.pt"), bytes);
}

TEST_CASE("a bad input in the middle of the data is named, and what came before it is stored") {
    const Session session;
    write_bad_data(session);
    const std::string model = "--models $ZOO/../sentence/lstm-32.pt --power none --inputs 20 ";
    const auto check_named = [&](const std::string& command) {
        const Finished done = session(command);
        INFO(command << "\n" << done.err);
        CHECK(done.code == 1);
        CHECK_THAT(done.err,
                   Catch::Matchers::Contains("lstm-32.pt failed on input 12 of the data: "));
        CHECK_THAT(done.err, Catch::Matchers::Contains("index out of range"));
    };
    check_named("alert profile -q --label bad " + model + "--data bad.pt");
    CHECK(session.sql("SELECT count(*), max(input) FROM sample") == "12|11");
    check_named("alert trace -q " + model + "--data bad.pt");
    CHECK(session.sql("SELECT count(*), max(n) FROM trace_sample") == "12|11");
    session.profile(model + "--data $ZOO/../sentence/data/test.pt");
    check_named("alert run -q --deadline 1s --deadline-per input --data bad.pt --inputs 20");
    CHECK(session.sql("SELECT count(*), max(n) FROM input") == "12|11");
}

TEST_CASE("the words of a sentence share its deadline, live") {
    const Session session;
    session.profile(std::string(kWords) + " --inputs 60");
    CHECK(session.sql("SELECT top, fail_accuracy FROM profile") == "5|0.000625");
    CHECK(session.sql("SELECT count(perplexity), min(perplexity) > 1 FROM profile_summary") ==
          "4|1");
    CHECK(session.must("alert report profile").find("perplexity") != std::string::npos);
    const auto words = session.run_json("--deadline 300ms --accuracy 30% --inputs 60");
    REQUIRE(words.size() == 60);
    for (std::size_t n = 1; n < words.size(); ++n) {
        const auto group = words[n]["group_id"].get<int>();
        const auto before = words[n - 1]["group_id"].get<int>();
        CHECK(words[n]["deadline_s"] == 0.3);
        CHECK((group == before || group == before + 1));
        if (group == before && !words[n]["response_s"].is_null()) {  // one after the other
            CHECK(words[n]["response_s"] > words[n - 1]["response_s"]);
        }
    }
    CHECK(session.sql("SELECT deadline_per FROM run") == "group");
    CHECK(session.sql("SELECT sum(inputs) FROM run_group") == "60");
    CHECK(session.must("alert report").find("sharing a deadline") != std::string::npos);
}

TEST_CASE("a sentence too long for its deadline misses its last words, the next one begins anew") {
    const Session session;
    session.profile(std::string(kWords) + " --inputs 60");
    session.run_json("--deadline 1ms --accuracy 30% --inputs 200");
    // A word takes a tenth of a millisecond at least, and most sentences have more than sixteen.
    CHECK(session.sql("SELECT count(*) > 0 FROM run_group WHERE late") == "1");
    CHECK(session.sql("SELECT count(*) > 0 FROM run_input WHERE latency_s IS NULL") == "1");
    CHECK(session.sql("SELECT count(*) FROM run_input WHERE latency_s IS NULL AND correct") == "0");
    // Within a sentence nothing is answered after a word that was not begun.
    CHECK(session.sql("SELECT count(*) FROM run_input a JOIN run_input b USING (run, group_id) "
                      "WHERE a.latency_s IS NULL AND b.n > a.n AND b.latency_s IS NOT NULL") ==
          "0");
    CHECK(session.sql("SELECT count(*) > 0 FROM run_group WHERE answered > 0") == "1");
}

TEST_CASE("a trace keeps its sentences, and replays share their deadlines or do not") {
    const Session session;
    session.profile(std::string(kWords) + " --inputs 60");
    session.must(std::string("alert trace -q ") + kWords + " --inputs 60");
    CHECK(session.sql("SELECT sum(inputs), min(first) FROM trace_group") == "60|0");
    const std::string replay = "alert replay --json --deadline 100ms --accuracy 30% ";
    const auto shared = nlohmann::json::parse(session.must(replay));
    CHECK(std::to_string(shared[0]["groups"].get<int>()) ==
          session.sql("SELECT count(*) FROM trace_group"));
    const auto own = nlohmann::json::parse(session.must(replay + "--deadline-per input"));
    CHECK(own[0]["groups"].is_null());
    CHECK(session.must("alert replay --grid paper -q --format csv | wc -l") == "109\n");
}

TEST_CASE("a kill in mid-sentence loses nothing that was stored") {
    const Session session;
    session.profile(std::string(kWords) + " --inputs 60");
    session(
        "for i in $(seq \"${ALERT_TEST_KILLS:-5}\"); do\n"
        "  \"$ALERT\" run -q --deadline 200ms --inputs 5000 > out 2> err &\n"
        "  sleep 1.$((RANDOM % 9)); kill -9 $!; wait $!\n"
        "done");
    CHECK(session.sql("PRAGMA integrity_check") == "ok");
    CHECK(session.sql("SELECT count(*) > 0 FROM input") == "1");
    CHECK(session.sql("SELECT count(*) FROM (SELECT 1 FROM input GROUP BY run_id "
                      "HAVING count(*) <> max(n) + 1)") == "0");
    CHECK(session("alert report").code == 0);
}

TEST_CASE("a shared deadline needs groups") {
    const Session session;
    session.profile(std::string(kTwoModels) + " --inputs 20");
    const Finished run = session("alert run --deadline 50ms --deadline-per group --inputs 5");
    CHECK(run.code == 2);
    CHECK(run.err.find("has no groups; save them with the data as \"groups\"") !=
          std::string::npos);
    session.must(std::string("alert trace -q ") + kTwoModels + " --inputs 5");
    CHECK(session("alert replay --deadline 50ms --deadline-per group").code == 2);
    CHECK(session("alert run --deadline 50ms --deadline-per sentence").code == 2);
}

}  // namespace
}  // namespace alert::test
