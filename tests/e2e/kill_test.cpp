#include <algorithm>
#include <cstdlib>
#include <utility>

#include "tests/e2e/session.h"
#include "tests/support/catch.h"

namespace alert::test {
namespace {

/// Bash: `kill_while_writing COUNT ARGUMENT...` starts alert and kills it at a random moment after
/// the query COUNT has grown, read as anybody else would read it. Says how many rows were stored by
/// then, or "done" where alert had ended by itself.
constexpr auto kKill = R"sh(
rows() { sqlite3 -readonly -cmd '.timeout 5000' "$ALERT_STORE" "$1" 2> sqlite || echo 0; }
kill_while_writing() {
  local count=$1 before code; shift
  before=$(rows "$count")
  "$ALERT" "$@" > out 2> err &
  while [ "$(rows "$count")" -le "$before" ] && kill -0 $! 2> /dev/null; do sleep 0.02; done
  sleep 0.$((RANDOM % 8))$((RANDOM % 10))
  kill -9 $! 2> /dev/null; wait $! 2> /dev/null; code=$?
  case $code in
    137) echo $(($(rows "$count") - before)) ;;
    0) echo "done" ;;
    *) cat err >&2; return $code ;;
  esac
}
)sh";

int kills_asked() {
    const char* const asked = std::getenv("ALERT_TEST_KILLS");
    return asked != nullptr ? std::atoi(asked) : 10;
}

/// One command that is killed over and over, and what its kills came to.
class Killing {
   public:
    /// `table` is where the command stores what it measures.
    Killing(const Session& session, std::string table)
        : session_(session), table_(std::move(table)) {}

    /// Kills `alert COMMAND` while it stores; false where it was done before it could be killed.
    /// What was stored at the kill is kept aside.
    bool kill(const std::string& command) {
        const std::string said = session_.must(
            kKill + ("kill_while_writing 'SELECT count(*) FROM " + table_ + "' " + command));
        if (said == "done\n") {
            return false;
        }
        rows_.push_back(std::stoi(said));
        CHECK(rows_.back() > 0);
        CHECK(session_.sql("PRAGMA integrity_check") == "ok");
        compare();
        beside_the_store(
            "DROP TABLE IF EXISTS kept; "
            "CREATE TABLE kept AS SELECT * FROM store." +
            table_);
        kept_ = true;
        return true;
    }

    std::size_t count() const { return rows_.size(); }

    /// Every row that was there at the last kill has to be there now, bit for bit.
    void compare() {
        if (kept_) {
            const std::string gone = beside_the_store(
                "SELECT count(*) FROM (SELECT * FROM kept EXCEPT SELECT * FROM store." + table_ +
                ")");
            CHECK(gone == "0\n");
            lost_ += std::stoi(gone);
        }
    }

    /// A line for those who count kills.
    void report(const std::string& name) {
        std::sort(rows_.begin(), rows_.end());
        WARN(name << ": " << rows_.size() << " kills; rows stored at the kill: least "
                  << rows_.front() << ", median " << rows_[rows_.size() / 2] << ", most "
                  << rows_.back() << "; rows lost or changed: " << lost_);
    }

   private:
    // SQL over a database of its own that reads the store.
    std::string beside_the_store(const std::string& sql) const {
        return session_.must("sqlite3 kept.db \"ATTACH 'file:$ALERT_STORE?mode=ro' AS store; " +
                             sql + "\"");
    }

    const Session& session_;
    std::string table_;
    std::vector<int> rows_;
    int lost_ = 0;
    bool kept_ = false;
};

/// Kills a command that takes up where it stopped, and sees every label of it through: fresh ones
/// are begun until there were kills enough. Returns how many labels that took.
int kill_and_resume(Killing& killing, const std::string& command, const Session& session) {
    int labels = 1;
    const auto labelled = [&] { return command + " --label " + std::to_string(labels); };
    while (killing.count() < static_cast<std::size_t>(kills_asked())) {
        if (!killing.kill(labelled())) {
            REQUIRE(++labels < 10 + kills_asked());  // else nothing lasts long enough to be killed
        }
    }
    session.must("alert " + labelled());
    killing.compare();
    return labels;
}

TEST_CASE("a profile killed while it stores resumes, and measures nothing again") {
    const Session session;
    Killing killing(session, "sample");
    const int labels = kill_and_resume(
        killing, std::string("profile -q --precision 0 --rest 0s --inputs 500 ") + kBothKinds,
        session);
    // Five outputs under both settings, as none is derived; every round once, each on its input.
    CHECK(session.sql("SELECT count(*), sum(complete) FROM profile") ==
          std::to_string(labels) + "|" + std::to_string(labels));
    CHECK(session.sql("SELECT DISTINCT count(*), count(DISTINCT round), count(DISTINCT input), "
                      "max(round), sum(round <> input) FROM sample "
                      "GROUP BY model_id, setting_id, stage") == "500|500|500|499|0");
    CHECK(session.sql("SELECT count(*) FROM sample") == std::to_string(labels * 5 * 2 * 500));
    killing.report("profile");
}

TEST_CASE("a trace killed while it stores resumes, and records nothing again") {
    const Session session;
    Killing killing(session, "trace_sample");
    const int labels = kill_and_resume(
        killing, std::string("trace -q --rest 1ms --inputs 1000 ") + kBothKinds, session);
    CHECK(session.sql("SELECT count(*), sum(complete) FROM trace") ==
          std::to_string(labels) + "|" + std::to_string(labels));
    CHECK(session.sql("SELECT DISTINCT count(*), count(DISTINCT n), max(n) FROM trace_sample "
                      "GROUP BY model_id, setting_id, stage") == "1000|1000|999");
    CHECK(session.sql("SELECT count(*) FROM trace_sample") == std::to_string(labels * 5 * 1000));
    killing.report("trace");
}

TEST_CASE("a run killed while it stores leaves whole inputs, and a report that counts them") {
    const Session session;
    session.profile(std::string(kTwoModels) + " --inputs 20");
    Killing killing(session, "input");
    for (int i = 0; i < kills_asked(); ++i) {
        const std::string label = std::to_string(i);
        REQUIRE(killing.kill("run -q --deadline 5ms --inputs 3000 --label " + label));
        const std::string of_run = " FROM input WHERE run_id = (SELECT max(id) FROM run)";
        const std::string inputs = session.sql("SELECT count(*)" + of_run);
        CHECK(session.sql("SELECT min(n), max(n) + 1" + of_run) == "0|" + inputs);
        CHECK(session.sql("SELECT count(*)" + of_run +
                          " AND ((latency_s IS NULL) <> (response_s IS NULL) OR energy_j IS NULL "
                          "OR correct IS NULL OR deadline_probability IS NULL)") == "0");
        const auto report =
            nlohmann::json::parse(session.must("alert report run --json --label " + label));
        CHECK(report.at("inputs") == std::stoi(inputs));
        CHECK(report.at("inputs_planned") == 3000);
        // Its figures were never stored: the program computes them, the view has none.
        CHECK(session.sql("SELECT inputs, violated FROM run_summary WHERE label = '" + label +
                          "'") == inputs + "|");
        CHECK(report.at("deadline_misses").dump() ==
              session.sql("SELECT count(*)" + of_run + " AND NOT met_deadline"));
        CHECK_THAT(session.must("alert report run --label " + label),
                   Catch::Contains(" of 3,000 planned"));
    }
    session.must("alert run -q --deadline 5ms --inputs 3");
    killing.compare();
    CHECK(session.sql("SELECT count(*), sum(finished) FROM run") ==
          std::to_string(kills_asked() + 1) + "|1");
    CHECK(session("alert report profile").code == 0);
    killing.report("run");
}

TEST_CASE("an interrupted run exits with 130 and stores what was done") {
    const Session session;
    session.profile(std::string(kTwoModels) + " --inputs 20");
    const Finished done = session(
        "timeout --foreground --preserve-status -s INT 3 \"$ALERT\" run --json --deadline 20ms "
        "--inputs 1000");
    INFO(done.err);
    CHECK(done.code == 130);
    CHECK(session.sql("SELECT finished FROM run") == "0");
    const int stored = std::stoi(session.sql("SELECT count(*) FROM input"));
    CHECK(stored > 0);
    CHECK(stored == std::count(done.out.begin(), done.out.end(), '\n'));
    CHECK(session.sql("SELECT inputs, energy_j > 0 FROM run_figures") ==
          std::to_string(stored) + "|1");
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

TEST_CASE("an emulated profile answers all inputs, and times as many as --precision takes") {
    const Session session;
    const std::string ask = std::string(kTwoModels) + " --inputs 300 --precision ";
    session.profile(ask + "0 --label every");
    CHECK(session.sql("SELECT DISTINCT samples FROM profile_summary") == "300");
    // A machine so busy that a network of 0.1 ms takes 3 has nothing to leave out.
    int fewest = 300;
    for (int attempt = 0; attempt < 10 && fewest == 300; ++attempt) {
        session.profile(ask + "50% --fresh");
        fewest = std::stoi(
            session.sql("SELECT min(samples) FROM profile_summary WHERE profile = 'default'"));
    }
    CHECK(fewest >= 20);
    CHECK(fewest < 300);
    CHECK(session.sql("SELECT DISTINCT count(*), count(DISTINCT input) FROM sample "
                      "GROUP BY model_id, setting_id") == "300|300");
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
