#include "cli/report/comparable_runs.h"

#include "alert/error.h"
#include "tests/cli/program.h"
#include "tests/cli/sample_store.h"
#include "tests/support/catch.h"

using namespace alert;
using namespace alert::cli;

namespace {

db::RunResult replay(const std::string& label) {
    db::RunResult row;
    row.inputs = 10;
    row.accuracy = 0.9;
    row.energy_j = 0.5;
    row.latency_mean_s = 0.002;
    row.run = test::adaptive_run();
    row.run.label = label;
    row.run.trace = "busy";
    return row;
}

/// The sample store with two replays, "first" and "second", and the run "adaptive" finished.
class Runs {
   public:
    Runs() : store_((test::fill_sample_store(file()), file())) {
        store_.finish_run(1, {});
        store_.add_replays(std::vector{replay("first"), replay("second")});
    }
    const db::Store& store() const { return store_; }

    std::vector<std::int64_t> ids(const std::vector<std::string>& labels) const {
        std::vector<std::int64_t> ids;
        for (const db::RunResult& row : comparable_runs(store_, labels)) {
            ids.push_back(row.run.id);
        }
        return ids;
    }

   private:
    std::filesystem::path file() const { return folder_.path() / "alert.db"; }

    test::TemporaryFolder folder_;
    db::Store store_;
};

using Ids = std::vector<std::int64_t>;

}  // namespace

TEST_CASE("all finished runs and replays are compared, or those with the labels") {
    const Runs runs;
    CHECK(runs.ids({}) == Ids{1, 2, 4, 5});  // 3 is not finished
    CHECK(runs.ids({"second"}) == Ids{5});
    CHECK(runs.ids({"second", "adaptive"}) == Ids{1, 5});
    const auto newest = newest_comparable_runs(runs.store());
    REQUIRE(newest.size() == 1);
    CHECK(newest[0].run.id == 5);
}

TEST_CASE("a live run has the figures that it is stored with, as replays have") {
    const Runs runs;
    const auto rows = comparable_runs(runs.store(), {"adaptive"});
    REQUIRE(rows.size() == 1);
    const db::RunResult& row = rows[0];
    CHECK(row.run.kind == "live");
    CHECK(row.inputs == 10);
    CHECK(row.deadline_misses == 2);
    CHECK(row.accuracy == Approx(0.82));  // two missed, 0.1 each
    CHECK(row.energy_j == Approx(0.32));
    CHECK(row.energy_over == Approx(0.3));
    // Six in 1 ms, two in 8 ms, one in 12 ms; one never started.
    CHECK(row.latency_mean_s == Approx(0.034 / 9));
    CHECK(row.latency_p50_s == Approx(0.001));
    CHECK(row.latency_p99_s == Approx(0.012));
    CHECK(row.violated);
}

TEST_CASE("a label without a finished run is refused with those that there are") {
    const Runs runs;
    CHECK_THROWS_WITH(runs.ids({"secnd"}),
                      "--label secnd: no finished run or replay has it (did you mean second?); "
                      "there are adaptive, calm, first, second");
    CHECK_THROWS_WITH(runs.ids({"nothing"}),
                      "--label nothing: no finished run or replay has it; there are adaptive, "
                      "calm, first, second");
}

TEST_CASE("a store in which nothing is finished has nothing to compare") {
    const test::TemporaryFolder folder;
    db::Store store(folder.path() / "alert.db");
    test::add_profile(store);
    store.add_run(test::adaptive_run());
    CHECK_THROWS_WITH(comparable_runs(store, {}), Catch::StartsWith("nothing to compare"));
    CHECK_THROWS_WITH(comparable_runs(store, {"adaptive"}),
                      Catch::EndsWith("no finished run or replay has it; there are none"));
}
