#include <limits>

#include "alert/error.h"
#include "support.h"
#include "tests/support/catch.h"

using namespace alert;
using namespace alert::db;
using namespace alert::db::test;
using Catch::Matchers::Contains;

namespace {

void check_same(const RunInput& a, const RunInput& b) {
    CHECK(a.n == b.n);
    CHECK(a.model == b.model);
    CHECK(a.power_setting == b.power_setting);
    CHECK(a.stage == b.stage);
    CHECK(a.stage_limit == b.stage_limit);
    CHECK(a.deadline_s == b.deadline_s);
    CHECK(a.latency_s == b.latency_s);
    CHECK(a.response_s == b.response_s);
    CHECK(a.met_deadline == b.met_deadline);
    CHECK(a.energy_j == b.energy_j);
    CHECK(a.accuracy_expected == b.accuracy_expected);
    CHECK(a.correct == b.correct);
    CHECK(a.deadline_probability == b.deadline_probability);
    CHECK(a.xi_mean == b.xi_mean);
    CHECK(a.xi_std == b.xi_std);
    CHECK(a.idle_ratio == b.idle_ratio);
    CHECK(a.decision_s == b.decision_s);
    CHECK(a.environment == b.environment);
}

}  // namespace

TEST_CASE("a run comes back as it was stored") {
    const TempFolder folder;
    Store store(folder / "a.db");
    store.add_profile(a_profile());
    RunRow run = a_run();
    run.objective = GENERATE(Objective::kMinimiseEnergy, Objective::kMaximiseAccuracy,
                             Objective::kMinimiseLatency);
    run.deadline_s = 0.05;
    run.accuracy_goal = 0.9;
    run.energy_goal_j = 2;
    run.period_s = 0.1;
    run.confidence = 0.95;
    run.miss_limit = 0.02;
    run.window = 7;
    run.paced = false;
    run.seed = std::numeric_limits<std::uint64_t>::max();
    run.kind = "replay";
    run.trace = "morning";
    run.environment = "compute@33%-67%";
    run.warnings = {"one", "two"};
    const RunRow stored = store.add_run(run);
    const RunRow found = store.find_run(stored.id).value();
    CHECK(found.id == stored.id);
    CHECK(found.label == "first");
    CHECK(found.created_at == run.created_at);
    CHECK(found.profile == "default");
    CHECK(found.scheme == "alert");
    CHECK(found.estimator == "paper");
    CHECK(found.objective == run.objective);
    CHECK(found.deadline_s == 0.05);
    CHECK(found.accuracy_goal == 0.9);
    CHECK(found.energy_goal_j == 2);
    CHECK(found.period_s == 0.1);
    CHECK(found.confidence == 0.95);
    CHECK(found.miss_limit == 0.02);
    CHECK(found.window == 7);
    CHECK_FALSE(found.paced);
    CHECK(found.seed == run.seed);
    CHECK(found.kind == "replay");
    CHECK(found.trace == "morning");
    CHECK(found.environment == "compute@33%-67%");
    CHECK(found.energy_source == "modelled:server");
    CHECK(found.data_file == "test.pt");
    CHECK(found.data_hash == "dd");
    CHECK(found.machine.hostname == "host");
    CHECK(found.machine.cores == 2);
    CHECK(found.machine.memory_bytes == 8'000'000'000);
    CHECK(found.machine.system_id == "cc");
    CHECK(found.inputs_planned == 20);
    CHECK_FALSE(found.finished);
    CHECK(found.warnings == run.warnings);
    const RawConnection raw(folder / "a.db");
    CHECK(raw.value("SELECT count(*) FROM machine") == "1");  // one machine, however often it ran
}

TEST_CASE("goals that were not given stay null") {
    const TempFolder folder;
    Store store(folder / "a.db");
    store.add_profile(a_profile());
    RunRow run = a_run();
    run.energy_source.reset();
    const std::int64_t id = store.add_run(run).id;
    const RunRow found = store.find_run(id).value();
    CHECK_FALSE(found.deadline_s);
    CHECK_FALSE(found.accuracy_goal);
    CHECK_FALSE(found.energy_goal_j);
    CHECK_FALSE(found.period_s);
    CHECK_FALSE(found.confidence);
    CHECK_FALSE(found.trace);
    CHECK_FALSE(found.energy_source);
    const RawConnection raw(folder / "a.db");
    CHECK(raw.rows("SELECT deadline_s, accuracy_goal, energy_goal_j, trace FROM run_summary") ==
          std::vector<std::vector<std::string>>{{"null", "null", "null", "null"}});
}

TEST_CASE("inputs come back as they were stored, nulls as nulls") {
    const TempFolder folder;
    Store store(folder / "a.db");
    store.add_profile(a_profile());
    const std::int64_t id = store.add_run(a_run()).id;
    RunInput full = an_input(0);
    full.model = "nested";
    full.power_setting = "40W";
    full.stage = 1;
    full.stage_limit = 2;
    full.deadline_s = 0.05;
    full.deadline_probability = 0.97;
    full.xi_mean = 1.5;
    full.xi_std = 0.25;
    full.idle_ratio = 0.3;
    full.decision_s = 1e-6;
    full.environment = "compute";
    RunInput never_started;
    never_started.n = 1;
    never_started.model = "small";
    never_started.power_setting = "100W";
    store.add_inputs(id, std::vector{full, never_started});
    const std::vector<RunInput> inputs = store.run_inputs(id);
    REQUIRE(inputs.size() == 2);
    check_same(inputs[0], full);
    check_same(inputs[1], never_started);
    const RawConnection raw(folder / "a.db");
    CHECK(raw.rows("SELECT label, stage, stage_limit, deadline_s, latency_s, response_s, energy_j, "
                   "correct, deadline_probability FROM run_input WHERE n = 1") ==
          std::vector<std::vector<std::string>>{
              {"first", "null", "null", "null", "null", "null", "null", "null", "null"}});
}

TEST_CASE("a run is found by its label, the newest last") {
    const TempFolder folder;
    Store store(folder / "a.db");
    store.add_profile(a_profile());
    RunRow other = a_run();
    other.label = "second";
    const std::int64_t one = store.add_run(a_run()).id;
    const std::int64_t two = store.add_run(other).id;
    const std::int64_t three = store.add_run(a_run()).id;
    CHECK(store.run_ids("first") == std::vector<std::int64_t>{one, three});
    CHECK(store.run_ids() == std::vector<std::int64_t>{one, two, three});
    CHECK(store.run_ids("third").empty());
}

TEST_CASE("a finished run says so, with its warnings") {
    const TempFolder folder;
    Store store(folder / "a.db");
    store.add_profile(a_profile());
    const std::int64_t id = store.add_run(a_run()).id;
    store.finish_run(id, std::vector<std::string>{"the machine was not quiet"});
    CHECK(store.find_run(id)->finished);
    CHECK(store.find_run(id)->warnings == std::vector<std::string>{"the machine was not quiet"});
}

TEST_CASE("a run that is not there is a wrong request") {
    const TempFolder folder;
    Store store(folder / "a.db");
    CHECK_FALSE(store.find_run(7));
    CHECK(store.run_inputs(7).empty());
    const auto refused = Contains("RequestError: no run 7 in store");
    CHECK_THAT(failure_of([&] { store.run_summary(7); }), refused);
    CHECK_THAT(failure_of([&] { store.finish_run(7, {}); }), refused);
    CHECK_THAT(failure_of([&] { store.add_inputs(7, std::vector{an_input(0)}); }), refused);
}

TEST_CASE("an input of a model that the profile does not have is refused with its name") {
    const TempFolder folder;
    Store store(folder / "a.db");
    store.add_profile(a_profile());
    const std::int64_t id = store.add_run(a_run()).id;
    const auto add_both = [&](const RunInput& other) {
        store.add_inputs(id, std::vector{an_input(0), other});
    };
    RunInput stranger = an_input(1);
    stranger.model = "huge";
    CHECK_THAT(failure_of([&] { add_both(stranger); }), Contains("has no model huge"));
    stranger = an_input(1);
    stranger.power_setting = "7W";
    CHECK_THAT(failure_of([&] { add_both(stranger); }), Contains("has no power setting 7W"));
    CHECK(store.run_inputs(id).empty());  // all or none
}
