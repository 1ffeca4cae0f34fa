#include <cmath>

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

TEST_CASE("a live run's figures are those of its inputs") {
    // 20 inputs of 1 J and 10 ms, all right and number 7 late: 0.1 for it, the profile's.
    const Replayed r;
    const RunSummaryRow row = r.store.run_summary(1);
    CHECK(row.run == 1);
    CHECK(row.profile == "default");
    CHECK(row.scheme == "alert");
    CHECK(row.estimator == "paper");
    CHECK(row.objective == "accuracy");
    CHECK(row.deadline_s == 0.05);
    CHECK_FALSE(row.accuracy_goal);
    CHECK(row.energy_goal_j == 2);
    CHECK(row.inputs == 20);
    CHECK(row.deadline_misses == 1);
    CHECK(row.accuracy.value() == Approx((19 + 0.1) / 20));
    // Deviations: nineteen of 0.045, one of 0.855.
    CHECK(row.accuracy_error.value() ==
          Approx(std::sqrt((19 * 0.045 * 0.045 + 0.855 * 0.855) / 19 / 20)));
    CHECK(row.energy_j.value() == Approx(1));
    CHECK(row.energy_over == 0);
    CHECK(row.energy_source == "modelled:server");
    CHECK(row.latency_mean_s.value() == Approx(0.01));
    CHECK(row.latency_p50_s == 0.01);
    CHECK(row.latency_p99_s == 0.01);
    CHECK_FALSE(row.violated);
    CHECK(row.violated_strict);  // 1 of 20
    CHECK(row.miss_limit == 0.1);
    CHECK(row.kind == "live");
    CHECK_FALSE(row.trace);
    CHECK(row.environment == "default");
    CHECK(row.label == "first");
    CHECK_FALSE(row.groups);
}

TEST_CASE("the figures of a run are stored when it ends, finished or interrupted") {
    Replayed r;
    const RawConnection raw(r.folder / "a.db");
    const std::string stored = "SELECT inputs, violated FROM run_figures WHERE run_id = ";
    CHECK(raw.rows(stored + "1") == std::vector<std::vector<std::string>>{{"20", "0"}});

    const std::int64_t other = r.store.add_run(a_run()).id;
    std::vector<RunInput> inputs{an_input(0), an_input(1), an_input(2)};
    inputs[1].group_id = inputs[2].group_id = 5;
    inputs[2].met_deadline = false;
    r.store.add_inputs(other, inputs);
    r.store.interrupt_run(other, std::vector<std::string>{"hot"});
    CHECK(raw.rows("SELECT inputs, deadline_misses, groups, groups_late FROM run_figures "
                   "WHERE run_id = 3") ==
          std::vector<std::vector<std::string>>{{"3", "1", "1", "1"}});
    CHECK_FALSE(r.store.find_run(other)->finished);
    CHECK(r.store.find_run(other)->warnings == std::vector<std::string>{"hot"});
    CHECK(r.store.run_summary(other).deadline_misses == 1);
    CHECK(r.store.results("first").size() == 1);  // of finished runs
}

TEST_CASE("a killed run has no stored figures; they are computed when it is read") {
    Replayed r;
    RunRow run = a_run();
    run.label = "killed";
    run.deadline_s = 0.05;
    run.miss_limit = 0.4;
    const std::int64_t id = r.store.add_run(run).id;
    std::vector<RunInput> inputs{an_input(0), an_input(1), an_input(2)};
    inputs[0].met_deadline = false;
    inputs[1].energy_j = 4;
    r.store.add_inputs(id, inputs);
    const RawConnection raw(r.folder / "a.db");
    CHECK(raw.rows("SELECT inputs, deadline_misses, accuracy, violated, label FROM run_summary "
                   "WHERE run = 3") ==
          std::vector<std::vector<std::string>>{{"3", "null", "null", "null", "killed"}});
    const Store reader(r.folder / "a.db", Store::Mode::kRead);
    for (const RunSummaryRow& row : {reader.run_summary(id), reader.run_summaries("killed")[0]}) {
        CHECK(row.inputs == 3);
        CHECK(row.deadline_misses == 1);
        CHECK(row.accuracy.value() == Approx(2.1 / 3));
        CHECK(row.energy_j.value() == Approx(2));
        CHECK_FALSE(row.violated);
        CHECK(row.violated_strict);
    }
    CHECK(raw.value("SELECT count(*) FROM run_figures") == "2");
    CHECK(reader.results("killed").empty());  // it is not finished
}

TEST_CASE("a run that was killed before its first input has no figures") {
    Replayed r;
    const std::int64_t id = r.store.add_run(a_run()).id;
    const RunSummaryRow row = r.store.run_summary(id);
    CHECK(row.inputs == 0);
    CHECK(row.deadline_misses == 0);
    CHECK_FALSE(row.accuracy);
    CHECK_FALSE(row.latency_p50_s);
    CHECK_FALSE(row.violated);
}

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
    CHECK(row.violated_strict);
    CHECK(row.miss_limit == 0.05);
    CHECK(row.kind == "replay");
    CHECK(row.trace == "default");
    CHECK(row.environment == "compute@50%-100%");
    CHECK(row.label == "replay");
    CHECK(r.store.run_inputs(2).empty());
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

TEST_CASE("runs and replays come back in order, with all their figures") {
    Replayed r;
    std::vector<RunResult> more{a_replay(), a_replay()};
    more[0].run.label = more[1].run.label = "grid";
    more[0].run.scheme = "oracle";
    more[1].run.scheme = "app-only";
    more[1].energy_j.reset();
    more[1].energy_over.reset();
    more[1].latency_p99_s.reset();
    CHECK(r.store.add_replays(more) == std::vector<std::int64_t>{3, 4});
    const auto all = r.store.results();
    REQUIRE(all.size() == 4);
    CHECK(all[0].run.kind == "live");
    CHECK(all[0].inputs == 20);
    const auto found = r.store.results("grid");
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
    std::vector<RunResult> more{a_replay(), a_replay()};
    more[1].run.profile = "none";
    CHECK_THAT(failure_of([&] { r.store.add_replays(more); }), Contains("no profile none"));
    CHECK(r.store.results().size() == 2);
}
