#include <algorithm>
#include <set>

#include "tests/e2e/session.h"
#include "tests/support/catch.h"

namespace alert::test {
namespace {

using Catch::Matchers::Contains;
using nlohmann::json;

/// A session with a profile and a trace of it.
class Traced : public Session {
   public:
    Traced() {
        profile(std::string(kBothKinds) + " --inputs 40");
        must(std::string("alert trace -q --inputs 40 ") + kBothKinds);
    }

    /// The rows that `alert replay OPTIONS --json` writes, which has to work.
    json replay(const std::string& options) const {
        return json::parse(must("alert replay -q --json " + options));
    }
};

TEST_CASE("trace, replay of all schemes and comparison fit together") {
    const Traced session;
    json first = session.replay("--scheme all --grid paper");
    std::set<std::string> schemes;
    for (const json& row : first) {
        schemes.insert(row.at("scheme"));
        CHECK(row.at("inputs") == 40);
        CHECK(row.at("energy_j").get<double>() > 0);
    }
    const std::set<std::string> known = {"alert", "app-only", "no-coord", "oracle", "sys-only"};
    CHECK(std::includes(schemes.begin(), schemes.end(), known.begin(), known.end()));
    CHECK(first.size() == 108 * schemes.size());
    CHECK(session.sql("SELECT count(*), count(DISTINCT run), min(kind), min(trace), min(label) "
                      "FROM run_summary") == std::to_string(first.size()) + "|" +
                                                 std::to_string(first.size()) +
                                                 "|replay|default|replay");

    json second = session.replay("--scheme all --grid paper");
    for (json* rows : {&first, &second}) {
        for (json& row : *rows) {
            row.erase("run");
        }
    }
    CHECK(first.dump() == second.dump());

    const json compared = json::parse(session.must("alert report compare --json"));
    CHECK(compared.at("normalised_to") == "oracle");
    CHECK(compared.at("schemes").size() == 3 * schemes.size());
    for (const json& row : compared["schemes"]) {
        INFO(row.dump());
        CHECK(row.at("settings") == 36);  // of runs that differ in nothing one counts
        if (row["scheme"] == "oracle") {
            CHECK(row.at("normalised") == 1);
        }
    }
    CHECK_THAT(session.must("alert report compare --scheme alert --normalise-to app-only"),
               Contains("app-only") && !Contains("sys-only"));
    CHECK(session("alert report compare --scheme orcale").code == 2);
    CHECK(session("alert report compare --check --scheme alert").code ==
          (std::any_of(first.begin(), first.end(),
                       [](const json& row) {
                           return row["violated"] == 1 &&
                                  (row["scheme"] == "alert" || row["scheme"] == "oracle");
                       })
               ? 3
               : 0));
}

TEST_CASE("a grid of one's own, inputs that are kept, and a live run beside the replays") {
    const Traced session;
    write_file(session.path("goals.csv"),
               "objective,deadline,accuracy,energy\naccuracy,20ms,,1J\n,10ms,50%,\n");
    const json rows = session.replay("--grid goals.csv --scheme alert --scheme oracle");
    REQUIRE(rows.size() == 4);
    CHECK(rows[0].at("objective") == "accuracy");
    CHECK(rows[0].at("energy_goal_j") == 1);
    CHECK(rows[3].at("scheme") == "oracle");
    CHECK(rows[3].at("deadline_s") == 0.01);

    const Finished without = session("alert report run --label replay");
    CHECK(without.code == 2);
    CHECK_THAT(
        without.err,
        Contains("these replays were stored without their inputs; see `alert report compare"));

    const json kept = session.replay("--deadline 20ms --keep-inputs --label kept --inputs 50");
    CHECK(session.sql("SELECT count(*), count(DISTINCT n) FROM run_input WHERE label = 'kept'") ==
          "50|50");
    // The stored figures are those of the stored inputs.
    CHECK(session.sql("SELECT abs(avg(i.energy_j) - s.energy_j) < 1e-9 AND "
                      "sum(1 - i.met_deadline) = s.deadline_misses FROM run_input i "
                      "JOIN run_summary s ON s.run = i.run") == "1");
    const json told = json::parse(session.must("alert report run --label kept --json"));
    CHECK(told.at("energy_j") == kept[0].at("energy_j"));
    CHECK_THAT(session.must("alert report run --label kept"), Contains("\"kept\""));

    session.run_json("--deadline 20ms --inputs 5 --label live");
    const json compared = json::parse(session.must("alert report compare --full --json"));
    const auto& settings = compared.at("settings");
    CHECK(std::count_if(settings.begin(), settings.end(),
                        [](const json& row) { return row.at("trace").is_null(); }) == 1);
    CHECK(settings.size() == 6);

    session.profile(std::string(kTwoModels) + " --inputs 5 --label other");
    const Finished lacking = session("alert replay --profile other --deadline 10ms");
    CHECK(lacking.code == 2);
    CHECK_THAT(lacking.err, Contains("cnn-4k"));
}

}  // namespace
}  // namespace alert::test
