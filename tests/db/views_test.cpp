#include <cmath>
#include <cstdio>
#include <limits>

#include "support.h"
#include "tests/support/catch.h"

using namespace alert::db;
using namespace alert::db::test;

namespace {

/// A store with the usual profile and one run whose inputs each case changes.
class Workload {
   public:
    explicit Workload(const RunRow& run) : store(folder_ / "a.db") {
        store.add_profile(a_profile());
        id_ = store.add_run(run).id;
    }
    /// Inputs 0 to count - 1, each as `change` leaves it.
    template <typename Change>
    RunSummaryRow of(std::int64_t count, Change change) {
        std::vector<RunInput> inputs;
        for (std::int64_t n = 0; n < count; ++n) {
            change(inputs.emplace_back(an_input(n)));
        }
        store.add_inputs(id_, inputs);
        return store.run_summary(id_);
    }

   private:
    TempFolder folder_;

   public:
    Store store;

   private:
    std::int64_t id_ = 0;
};

RunRow with_goals(std::optional<double> accuracy, std::optional<double> energy_j) {
    RunRow run = a_run();
    run.deadline_s = 0.05;
    run.accuracy_goal = accuracy;
    run.energy_goal_j = energy_j;
    return run;
}

const auto kUnchanged = [](RunInput&) {};

}  // namespace

TEST_CASE("a sampled configuration has the mean and spread of its samples") {
    const TempFolder folder;
    Store store(folder / "a.db");
    const ProfileRow profile = store.add_profile(a_profile());
    std::vector<Sample> samples;
    const double latencies[] = {0.010, 0.014, 0.012, 0.020};
    const double powers[] = {50, 60, 70, 80};
    for (int i = 0; i < 4; ++i) {
        samples.push_back({.model_id = profile.models[0].id,
                           .setting_id = profile.settings[1].id,
                           .round = i,
                           .input = i,
                           .latency_s = latencies[i],
                           .power_w = powers[i],
                           .correct = i != 3});
    }
    store.add_samples(samples);
    const ProfileSummaryRow row = store.profile_summary("default").at(1);
    CHECK(row.profile == "default");
    CHECK(row.model == "small");
    CHECK(row.power_setting == "100W");
    CHECK(row.latency_mean_s == Approx(0.014));
    // deviations -4, 0, -2, 6 ms: 56 / 3
    CHECK(row.latency_std_s.value() == Approx(std::sqrt(56.0 / 3) * 1e-3));
    CHECK(row.power_w.value() == Approx(65));  // measured, not the setting's 100
    CHECK(row.energy_j.value() == Approx(65 * 0.014));
    CHECK(row.energy_source == "modelled:server");
    CHECK(row.accuracy == Approx(0.75));
    CHECK(row.fail_accuracy == Approx(0.1));
    CHECK(row.samples == 4);
    CHECK_FALSE(row.energy_error_j);  // no meter
}

TEST_CASE("a derived setting is the sampled one stretched, at its modelled power") {
    const TempFolder folder;
    Store store(folder / "a.db");
    fill(store);
    const std::vector<ProfileSummaryRow> rows = store.profile_summary("default");
    REQUIRE(rows.size() == 6);
    const char* models[] = {"small", "small", "nested", "nested", "nested", "nested"};
    const std::optional<int> stages[] = {{}, {}, 1, 1, 2, 2};
    for (std::size_t i = 0; i < rows.size(); ++i) {
        CHECK(rows[i].model == models[i]);
        CHECK(rows[i].stage == stages[i]);
        CHECK(rows[i].power_setting == (i % 2 == 0 ? "40W" : "100W"));
    }
    // small: 10, 11, 12 ms
    CHECK(rows[1].latency_mean_s == Approx(0.011));
    CHECK(rows[1].latency_std_s.value() == Approx(0.001));
    CHECK(rows[1].power_w == 100);
    CHECK(rows[0].latency_mean_s == Approx(0.022));
    CHECK(rows[0].latency_std_s.value() == Approx(0.002));
    CHECK(rows[0].power_w == 40);
    CHECK(rows[0].energy_j.value() == Approx(40 * 0.022));
    CHECK(rows[0].samples == 3);
    CHECK(rows[0].accuracy == Approx(2.0 / 3));
    CHECK(rows[4].accuracy == Approx(1));  // stage 2 is right every time
}

TEST_CASE("an input that was answered several times counts once in the accuracy") {
    const TempFolder folder;
    Store store(folder / "a.db");
    ProfileRow profile = a_profile();
    profile.settings[0].sampled = true;
    profile = store.add_profile(profile);
    std::vector<Sample> samples;
    const auto answer = [&](std::size_t setting, std::int64_t round, std::int64_t input,
                            bool right) {
        samples.push_back({.model_id = profile.models[0].id,
                           .setting_id = profile.settings[setting].id,
                           .round = round,
                           .input = input,
                           .latency_s = setting == 0 ? 0.03 : 0.01,
                           .correct = right});
    };
    answer(1, 0, 0, true);
    answer(1, 1, 1, false);
    answer(1, 2, 0, true);  // again
    answer(0, 0, 0, true);  // and again, under the other setting
    answer(0, 1, 2, false);
    store.add_samples(samples);
    const std::vector<ProfileSummaryRow> rows = store.profile_summary("default");
    REQUIRE(rows.size() == 2);
    CHECK(rows[0].latency_mean_s == Approx(0.03));  // its own samples, no stretch
    CHECK(rows[0].samples == 2);
    CHECK(rows[0].accuracy == Approx(1.0 / 3));  // inputs 0, 1, 2: right, wrong, wrong
    CHECK(rows[1].accuracy == Approx(1.0 / 3));
    CHECK(rows[1].samples == 3);
}

TEST_CASE("the perplexity is e to the mean log loss of the inputs, where all have one") {
    const TempFolder folder;
    Store store(folder / "a.db");
    const ProfileRow profile = store.add_profile(a_profile());
    std::vector<Sample> samples;
    const auto answer = [&](int model, int stage, std::int64_t round, std::int64_t input,
                            std::optional<double> log_loss) {
        samples.push_back({.model_id = profile.models[model].id,
                           .setting_id = profile.settings[1].id,
                           .round = round,
                           .stage = stage,
                           .input = input,
                           .latency_s = 0.01,
                           .log_loss = log_loss});
    };
    answer(0, 0, 0, 0, std::log(2));
    answer(0, 0, 1, 1, std::log(8));
    answer(0, 0, 2, 1, std::log(8));  // again: counts once, so the root of 2 * 8
    answer(1, 1, 0, 0, std::log(3));
    answer(1, 1, 1, 1, {});
    answer(1, 2, 0, 0, 0);
    answer(1, 2, 1, 1, 0);
    store.add_samples(samples);
    const std::vector<ProfileSummaryRow> rows = store.profile_summary("default");
    REQUIRE(rows.size() == 6);
    CHECK(rows[0].perplexity.value() == Approx(4));
    CHECK(rows[1].perplexity.value() == Approx(4));
    CHECK_FALSE(rows[3].perplexity);
    CHECK(rows[5].perplexity == 1);
    CHECK(rows[0].infinite_losses == 0);
    CHECK_FALSE(rows[3].infinite_losses);
}

TEST_CASE("one label that was given no chance makes the perplexity infinite, and is counted") {
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    const TempFolder folder;
    Store store(folder / "a.db");
    const ProfileRow profile = store.add_profile(a_profile());
    std::vector<Sample> samples;
    for (std::int64_t round = 0; round < 4; ++round) {  // inputs 0, 1, 2 and 0 again
        samples.push_back({.model_id = profile.models[0].id,
                           .setting_id = profile.settings[1].id,
                           .round = round,
                           .input = round % 3,
                           .latency_s = 0.01,
                           .log_loss = round == 1 ? 0.5 : kInfinity});
    }
    store.add_samples(samples);
    const ProfileSummaryRow row = store.profile_summary("default").at(0);
    CHECK(row.perplexity == kInfinity);
    CHECK(row.infinite_losses == 2);
    CHECK(store.samples(profile.id).at(0).log_loss == kInfinity);
}

TEST_CASE("a summary is of one profile, whatever else the store holds") {
    const TempFolder folder;
    Store store(folder / "a.db");
    fill(store);
    store.retire_profile("default");
    fill(store);
    CHECK(store.profile_summary("default").size() == 6);
    CHECK(store.profile_summary("default~1").size() == 6);
    CHECK(store.profile_summary("default").at(0).samples == 3);
    CHECK(RawConnection(folder / "a.db").value("SELECT count(*) FROM profile_summary") == "12");
}

TEST_CASE("latency percentiles are nearest-rank") {
    Workload workload(with_goals({}, {}));
    SECTION("of ten latencies, in any order") {
        // 10 - n: ranks 5, 10 (9.5 up) and 10 (9.9 up)
        const RunSummaryRow row =
            workload.of(10, [](RunInput& i) { i.latency_s = double(10 - i.n); });
        CHECK(row.latency_p50_s == 5);
        CHECK(row.latency_p95_s == 10);
        CHECK(row.latency_p99_s == 10);
    }
    SECTION("of two hundred") {
        const RunSummaryRow row =
            workload.of(200, [](RunInput& i) { i.latency_s = double((i.n * 77) % 200 + 1); });
        CHECK(row.latency_p50_s == 100);
        CHECK(row.latency_p95_s == 190);
        CHECK(row.latency_p99_s == 198);
    }
    SECTION("of one") {
        const RunSummaryRow row = workload.of(1, [](RunInput& i) { i.latency_s = 3; });
        CHECK(row.latency_p50_s == 3);
        CHECK(row.latency_p99_s == 3);
    }
    SECTION("of those that have a latency only") {
        const RunSummaryRow row = workload.of(10, [](RunInput& i) {
            if (i.n % 2 == 0) {
                i.latency_s.reset();
            } else {
                i.latency_s = double(i.n);
            }
        });
        CHECK(row.inputs == 10);
        CHECK(row.latency_p50_s == 5);  // third of 1, 3, 5, 7, 9
        CHECK(row.latency_p95_s == 9);
    }
    SECTION("of none: null") {
        const RunSummaryRow row = workload.of(2, [](RunInput& i) { i.latency_s.reset(); });
        CHECK_FALSE(row.latency_p50_s);
    }
}

TEST_CASE("a run without inputs has a row without numbers and violates nothing") {
    Workload workload(with_goals(0.9, 1));
    const RunSummaryRow row = workload.of(0, kUnchanged);
    CHECK(row.inputs == 0);
    CHECK(row.deadline_misses == 0);
    CHECK_FALSE(row.accuracy);
    CHECK_FALSE(row.energy_j);
    CHECK_FALSE(row.energy_over);
    CHECK_FALSE(row.latency_p50_s);
    CHECK_FALSE(row.violated);
}

TEST_CASE("a run's row names what was asked for") {
    Workload workload(with_goals(0.5, 2));
    const RunSummaryRow row = workload.of(4, kUnchanged);
    CHECK(row.run == 1);
    CHECK(row.profile == "default");
    CHECK(row.scheme == "alert");
    CHECK(row.estimator == "paper");
    CHECK(row.objective == "accuracy");
    CHECK(row.deadline_s == 0.05);
    CHECK(row.accuracy_goal == 0.5);
    CHECK(row.energy_goal_j == 2);
    CHECK(row.energy_source == "modelled:server");
    CHECK(row.kind == "live");
    CHECK_FALSE(row.trace);
    CHECK(row.environment == "default");
    CHECK(row.label == "first");
}

TEST_CASE("exactly one in ten missed deadlines is still kept, one more is violated") {
    Workload workload(with_goals({}, {}));
    SECTION("10 %") {
        const RunSummaryRow row =
            workload.of(30, [](RunInput& i) { i.met_deadline = i.n % 10 != 0; });
        CHECK(row.deadline_misses == 3);
        CHECK_FALSE(row.violated);
    }
    SECTION("one more") {
        const RunSummaryRow row =
            workload.of(30, [](RunInput& i) { i.met_deadline = i.n % 10 != 0 && i.n != 5; });
        CHECK(row.deadline_misses == 4);
        CHECK(row.violated);
    }
}

TEST_CASE("mean energy at its goal is kept, above it is violated") {
    Workload workload(with_goals({}, 0.1));
    SECTION("exactly, though 0.1 + 0.1 + 0.1 is a little more than 0.3") {
        const RunSummaryRow row = workload.of(3, [](RunInput& i) { i.energy_j = 0.1; });
        CHECK_FALSE(row.violated);
        CHECK(row.energy_over == 0);
    }
    SECTION("above in one of four, on average too") {
        const RunSummaryRow row =
            workload.of(4, [](RunInput& i) { i.energy_j = i.n == 0 ? 0.2 : 0.09; });
        CHECK(row.energy_j.value() == Approx(0.1175));
        CHECK(row.energy_over == 0.25);
        CHECK(row.violated);
    }
    SECTION("above in one of four, kept on average") {
        const RunSummaryRow row =
            workload.of(4, [](RunInput& i) { i.energy_j = i.n == 0 ? 0.2 : 0.05; });
        CHECK(row.energy_over == 0.25);
        CHECK_FALSE(row.violated);
    }
    SECTION("not measured: nothing is said") {
        const RunSummaryRow row = workload.of(4, [](RunInput& i) { i.energy_j.reset(); });
        CHECK_FALSE(row.energy_j);
        CHECK_FALSE(row.energy_over);
        CHECK_FALSE(row.violated);
    }
}

TEST_CASE("without an energy goal nothing is above it") {
    Workload workload(with_goals({}, {}));
    const RunSummaryRow row = workload.of(4, kUnchanged);
    CHECK(row.energy_j == 1);
    CHECK_FALSE(row.energy_over);
}

TEST_CASE("a missed input counts the accuracy of no answer") {
    Workload workload(with_goals({}, {}));
    const RunSummaryRow row = workload.of(20, [](RunInput& i) {
        i.correct = i.n >= 5;
        i.met_deadline = i.n >= 2;  // the first two are missed, the next three wrong
    });
    CHECK(row.accuracy.value() == Approx((15 + 2 * 0.1) / 20));
}

TEST_CASE("without labels there is no accuracy and no verdict on it") {
    Workload workload(with_goals(0.9, {}));
    const RunSummaryRow row = workload.of(10, [](RunInput& i) { i.correct.reset(); });
    CHECK_FALSE(row.accuracy);
    CHECK_FALSE(row.violated);
}

TEST_CASE("accuracy short of its goal by more than its standard error is violated") {
    // 80 of 100 right: the standard error is sqrt(0.8 * 0.2 / 99) = 0.0402.
    const auto four_fifths = [](RunInput& i) { i.correct = i.n % 5 != 0; };
    CHECK_FALSE(Workload(with_goals(0.80, {})).of(100, four_fifths).violated);
    CHECK_FALSE(Workload(with_goals(0.8401, {})).of(100, four_fifths).violated);
    CHECK(Workload(with_goals(0.8403, {})).of(100, four_fifths).violated);
    CHECK(Workload(with_goals(0.95, {})).of(100, four_fifths).violated);
    CHECK_FALSE(Workload(with_goals(0.5, {})).of(100, four_fifths).violated);
}

TEST_CASE("the standard error counts missed inputs at the accuracy of no answer") {
    // 18 right, 1 wrong, 1 missed: mean 18.1 / 20 = 0.905, squares 18.01,
    // s^2 = (18.01 - 20 * 0.819025) / 19 = 0.0857632, standard error 0.0654841.
    const auto mixed = [](RunInput& i) {
        i.correct = i.n > 1;
        i.met_deadline = i.n != 0;
    };
    CHECK_FALSE(Workload(with_goals(0.905 + 0.06548, {})).of(20, mixed).violated);
    CHECK(Workload(with_goals(0.905 + 0.06549, {})).of(20, mixed).violated);
}

TEST_CASE("inputs that are all wrong have no spread to excuse them") {
    CHECK(Workload(with_goals(0.2, {})).of(10, [](RunInput& i) { i.correct = false; }).violated);
    // All missed would be above 10 %; of thirty, three missed and the rest right is not.
    CHECK_FALSE(Workload(with_goals(0.9, {}))
                    .of(30, [](RunInput& i) { i.met_deadline = i.n % 10 != 0; })
                    .violated);
}

TEST_CASE("a single input has no standard error and is not held to an accuracy") {
    CHECK_FALSE(
        Workload(with_goals(0.9, {})).of(1, [](RunInput& i) { i.correct = false; }).violated);
}

TEST_CASE("the sqlite3 shell can read every view") {
    if (std::system("command -v sqlite3 > /dev/null") != 0) {
        SKIP_TEST("the sqlite3 shell is not installed");
    }
    const TempFolder folder;
    {
        Store store(folder / "a.db");
        fill(store);
    }
    const std::string command = "sqlite3 -readonly " + (folder / "a.db").string() +
                                " 'SELECT count(latency_std_s) FROM profile_summary;"
                                " SELECT violated FROM run_summary;"
                                " SELECT count(*) FROM run_input;' > " +
                                (folder / "out").string() + " 2>&1";
    CHECK(std::system(command.c_str()) == 0);
    CHECK(text_of(folder / "out") == "6\n0\n20\n");
}
