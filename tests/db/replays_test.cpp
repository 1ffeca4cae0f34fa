
#include "support.h"
#include "tests/support/catch.h"

using namespace alert;
using namespace alert::db;
using namespace alert::db::test;
using Catch::Matchers::Contains;

namespace {

struct Replayed {
    TempFolder folder;
    Store store{folder / "a.db"};

    Replayed() {
        fill(store);
        fill_trace(store);
    }
};

}  // namespace

TEST_CASE("a replay without inputs has its stored figures in run_summary") {
    const Replayed r;
    const RunSummaryRow row = r.store.run_summaries("replay").at(0);
    CHECK(row.run == 2);
    CHECK(row.profile == "default");
    CHECK(row.scheme == "alert");
    CHECK(row.objective == "accuracy");
    CHECK(row.deadline_s == 0.05);
    CHECK_FALSE(row.accuracy_goal);
    CHECK(row.inputs == 4);
    CHECK(row.deadline_misses == 1);
    CHECK(row.accuracy == 0.775);
    CHECK(row.energy_j == 1.5);
    CHECK(row.energy_over == 0.25);
    CHECK(row.energy_source == "modelled:server");
    CHECK(row.latency_p50_s == 0.011);
    CHECK(row.latency_p95_s == 0.019);
    CHECK(row.latency_p99_s == 0.021);
    CHECK(row.violated);
    CHECK(row.kind == "replay");
    CHECK(row.trace == "default");
    CHECK(row.environment == "compute@50%-100%");
    CHECK(row.label == "replay");
    CHECK(r.store.run_inputs(2).empty());
}

TEST_CASE("live runs are summed up from their inputs beside replays") {
    const Replayed r;
    const auto rows = r.store.run_summaries();
    REQUIRE(rows.size() == 2);
    CHECK(rows[0].kind == "live");
    CHECK(rows[0].inputs == 20);
    CHECK(rows[0].deadline_misses == 1);
    CHECK(r.store.run_summary(1).inputs == 20);
    CHECK(r.store.run_summary(2).inputs == 4);
}

TEST_CASE("inputs that a replay keeps are there and do not change its figures") {
    Replayed r;
    const std::vector<RunInput> inputs{an_input(0), an_input(1)};
    r.store.add_inputs(2, inputs);
    CHECK(r.store.run_inputs(2).size() == 2);
    const auto rows = r.store.run_summaries("replay");
    REQUIRE(rows.size() == 1);
    CHECK(rows[0].inputs == 4);
}

TEST_CASE("replays come back in order, finished, with all their figures") {
    Replayed r;
    std::vector<ReplayRow> more{a_replay(), a_replay()};
    more[0].run.label = more[1].run.label = "grid";
    more[0].run.scheme = "oracle";
    more[1].run.scheme = "app-only";
    more[1].energy_j.reset();
    more[1].energy_over.reset();
    more[1].latency_p99_s.reset();
    CHECK(r.store.add_replays(more) == std::vector<std::int64_t>{3, 4});
    CHECK(r.store.replays().size() == 3);
    const auto found = r.store.replays("grid");
    REQUIRE(found.size() == 2);
    CHECK(found[0].run.id == 3);
    CHECK(found[0].run.scheme == "oracle");
    CHECK(found[0].run.finished);
    CHECK(found[0].run.trace == "default");
    CHECK(found[0].inputs == 4);
    CHECK(found[0].deadline_misses == 1);
    CHECK(found[0].accuracy == 0.775);
    CHECK(found[0].accuracy_error == 0.2);
    CHECK(found[0].energy_j == 1.5);
    CHECK(found[0].latency_mean_s == 0.012);
    CHECK(found[0].latency_p95_s == 0.019);
    CHECK(found[0].violated);
    CHECK(found[1].run.scheme == "app-only");
    CHECK_FALSE(found[1].energy_j);
    CHECK_FALSE(found[1].energy_over);
    CHECK_FALSE(found[1].latency_p99_s);
}

TEST_CASE("of replays that are not all accepted none is stored") {
    Replayed r;
    std::vector<ReplayRow> more{a_replay(), a_replay()};
    more[1].run.profile = "none";
    CHECK_THAT(failure_of([&] { r.store.add_replays(more); }), Contains("no profile none"));
    CHECK(r.store.replays().size() == 1);
}
