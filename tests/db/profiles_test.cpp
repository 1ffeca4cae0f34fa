#include <cmath>

#include "alert/error.h"
#include "support.h"
#include "tests/support/catch.h"

using namespace alert;
using namespace alert::db;
using namespace alert::db::test;
using Catch::Matchers::Contains;

namespace {

void check_same(const ProfileRow& a, const ProfileRow& b) {
    CHECK(a.id == b.id);
    CHECK(a.label == b.label);
    CHECK(a.created_at == b.created_at);
    CHECK(a.machine.hostname == b.machine.hostname);
    CHECK(a.machine.cpu == b.machine.cpu);
    CHECK(a.machine.kernel == b.machine.kernel);
    CHECK(a.machine.libtorch_version == b.machine.libtorch_version);
    CHECK(a.machine.alert_version == b.machine.alert_version);
    CHECK(a.machine.cores == b.machine.cores);
    CHECK(a.machine.memory_bytes == b.machine.memory_bytes);
    CHECK(a.machine.system_id == b.machine.system_id);
    CHECK(a.task == b.task);
    CHECK(a.data_file == b.data_file);
    CHECK(a.data_hash == b.data_hash);
    CHECK(a.models_path == b.models_path);
    CHECK(a.power_spec == b.power_spec);
    CHECK(a.platform_json == b.platform_json);
    CHECK(a.energy_source == b.energy_source);
    CHECK(a.idle_power_w == b.idle_power_w);
    CHECK(a.device == b.device);
    CHECK(a.threads == b.threads);
    CHECK(a.inputs == b.inputs);
    CHECK(a.precision == b.precision);
    CHECK(a.fail_accuracy == b.fail_accuracy);
    CHECK(a.complete == b.complete);
    CHECK(a.warnings == b.warnings);
    REQUIRE(a.models.size() == b.models.size());
    for (std::size_t i = 0; i < a.models.size(); ++i) {
        CHECK(a.models[i].id == b.models[i].id);
        CHECK(a.models[i].name == b.models[i].name);
        CHECK(a.models[i].title == b.models[i].title);
        CHECK(a.models[i].file == b.models[i].file);
        CHECK(a.models[i].file_hash == b.models[i].file_hash);
        CHECK(a.models[i].stages == b.models[i].stages);
        CHECK(a.models[i].form == b.models[i].form);
        CHECK(a.models[i].position == b.models[i].position);
    }
    REQUIRE(a.settings.size() == b.settings.size());
    for (std::size_t i = 0; i < a.settings.size(); ++i) {
        CHECK(a.settings[i].id == b.settings[i].id);
        CHECK(a.settings[i].name == b.settings[i].name);
        CHECK(a.settings[i].position == b.settings[i].position);
        CHECK(a.settings[i].stretch == b.settings[i].stretch);
        CHECK(a.settings[i].power_w == b.settings[i].power_w);
        CHECK(a.settings[i].sampled == b.settings[i].sampled);
    }
}

}  // namespace

TEST_CASE("a profile comes back as it was stored") {
    const TempFolder folder;
    Store store(folder / "a.db");
    ProfileRow profile = a_profile();
    profile.threads = 4;
    profile.complete = true;
    profile.warnings = {"the machine was not quiet", "the first run was slow"};
    const ProfileRow stored = store.add_profile(profile);
    CHECK(stored.id != 0);
    CHECK(stored.models[0].id != stored.models[1].id);
    CHECK(stored.settings[0].id != stored.settings[1].id);
    check_same(store.find_profile("default").value(), stored);
}

TEST_CASE("what was not measured of a profile stays null") {
    const TempFolder folder;
    Store store(folder / "a.db");
    ProfileRow profile = a_profile();
    profile.energy_source.reset();
    profile.idle_power_w.reset();
    profile.settings[1].power_w.reset();
    const ProfileRow stored = store.add_profile(profile);
    const ProfileRow found = store.find_profile("default").value();
    CHECK_FALSE(found.energy_source);
    CHECK_FALSE(found.idle_power_w);
    CHECK_FALSE(found.settings[1].power_w);
    CHECK(found.warnings.empty());

    store.add_samples(std::vector<Sample>{
        {.model_id = stored.models[0].id, .setting_id = stored.settings[1].id, .latency_s = 0.01}});
    CHECK_FALSE(store.samples(stored.id).at(0).power_w);
    const ProfileSummaryRow row = store.profile_summary("default").at(1);
    CHECK_FALSE(row.stage);
    CHECK_FALSE(row.power_w);
    CHECK_FALSE(row.energy_j);
    CHECK_FALSE(row.energy_source);
    CHECK_FALSE(row.latency_std_s);  // a single sample has no spread
    const RawConnection raw(folder / "a.db");
    CHECK(raw.rows("SELECT energy_source, idle_power_w FROM profile") ==
          std::vector<std::vector<std::string>>{{"null", "null"}});
}

TEST_CASE("a label that is taken is refused") {
    const TempFolder folder;
    Store store(folder / "a.db");
    store.add_profile(a_profile());
    CHECK_THAT(failure_of([&] { store.add_profile(a_profile()); }),
               Contains("RequestError: profile default: already in store") && Contains("--fresh"));
    CHECK(store.profiles().size() == 1);
}

TEST_CASE("an unknown label is answered with those there are") {
    const TempFolder folder;
    Store store(folder / "a.db");
    CHECK_THAT(failure_of([&] { store.load_profile("x"); }),
               Contains("RequestError: no profile x in") && Contains("`alert profile`"));
    store.add_profile(a_profile("one"));
    store.add_profile(a_profile("two"));
    CHECK_FALSE(store.find_profile("x"));
    for (const std::function<void()>& request : std::vector<std::function<void()>>{
             [&] { store.load_profile("x"); }, [&] { store.profile_summary("x"); },
             [&] { store.retire_profile("x"); }, [&] { store.add_run(a_run("x")); }}) {
        CHECK_THAT(failure_of(request),
                   Contains("RequestError: no profile x in") && Contains("it has: one, two"));
    }
}

TEST_CASE("a wider request adds models and settings and moves those that are there") {
    const TempFolder folder;
    Store store(folder / "a.db");
    ProfileRow profile = store.add_profile(a_profile());
    profile.data_file = "moved/test.pt";
    profile.models[0].file = "moved/small.pt";
    profile.inputs = 50;
    profile.precision = 0.02;
    profile.complete = true;
    profile.idle_power_w = 13;
    profile.warnings = {"noisy"};
    profile.models.push_back(
        {.name = "large", .title = "L", .file = "l.pt", .file_hash = "cc", .position = 2});
    profile.settings[1].position = 2;
    profile.settings.insert(profile.settings.begin() + 1,
                            {.name = "70W", .position = 1, .stretch = 1.5, .sampled = false});
    const ProfileRow wider = store.update_profile(profile);
    CHECK(wider.models[2].id != 0);
    CHECK(wider.settings[1].id != 0);
    check_same(store.find_profile("default").value(), wider);
}

TEST_CASE("a setting that was derived can become a sampled one") {
    const TempFolder folder;
    Store store(folder / "a.db");
    ProfileRow profile = store.add_profile(a_profile());
    profile.settings[0].sampled = true;
    profile.settings[0].power_w.reset();
    store.update_profile(profile);
    const ProfileRow found = store.find_profile("default").value();
    CHECK(found.settings[0].sampled);
    CHECK_FALSE(found.settings[0].power_w);
}

TEST_CASE("a retired profile keeps its runs and frees its label") {
    const TempFolder folder;
    Store store(folder / "a.db");
    store.add_profile(a_profile());
    const std::int64_t run = store.add_run(a_run()).id;
    CHECK(store.retire_profile("default") == "default~1");
    store.add_profile(a_profile());
    CHECK(store.retire_profile("default") == "default~2");
    store.add_profile(a_profile());
    CHECK(store.find_run(run)->profile == "default~1");
    CHECK(store.run_summary(run).profile == "default~1");
    std::vector<std::string> labels;
    for (const ProfileRow& profile : store.profiles()) {
        labels.push_back(profile.label);
    }
    CHECK(labels == std::vector<std::string>{"default~1", "default~2", "default"});
}

TEST_CASE("samples come back as they were stored, in the order of measurement") {
    const TempFolder folder;
    Store store(folder / "a.db");
    const ProfileRow profile = store.add_profile(a_profile());
    const std::int64_t model = profile.models[1].id;
    const std::int64_t setting = profile.settings[1].id;
    store.add_samples(std::vector<Sample>{{.model_id = model,
                                           .setting_id = setting,
                                           .round = 1,
                                           .stage = 2,
                                           .input = 9,
                                           .latency_s = 0.25,
                                           .power_w = 80,
                                           .correct = true},
                                          {.model_id = model,
                                           .setting_id = setting,
                                           .round = 0,
                                           .stage = 1,
                                           .input = 4,
                                           .latency_s = 0.125}});
    const std::vector<Sample> samples = store.samples(profile.id);
    REQUIRE(samples.size() == 2);
    CHECK(samples[0].round == 0);
    CHECK(samples[0].stage == 1);
    CHECK(samples[0].input == 4);
    CHECK(samples[0].latency_s == 0.125);
    CHECK_FALSE(samples[0].correct);
    CHECK(samples[1].model_id == model);
    CHECK(samples[1].setting_id == setting);
    CHECK(samples[1].round == 1);
    CHECK(samples[1].stage == 2);
    CHECK(samples[1].input == 9);
    CHECK(samples[1].power_w == 80);
    CHECK(samples[1].correct);
}

TEST_CASE("samples of one call are stored all or none") {
    const TempFolder folder;
    Store store(folder / "a.db");
    const ProfileRow profile = store.add_profile(a_profile());
    const Sample sample{
        .model_id = profile.models[0].id, .setting_id = profile.settings[1].id, .latency_s = 0.01};
    const std::vector twice{sample, sample};
    CHECK_THAT(failure_of([&] { store.add_samples(twice); }),
               Contains("Error: store ") && Contains("UNIQUE"));
    Sample stranger = sample;
    stranger.model_id = 99;
    CHECK_THAT(failure_of([&] { store.add_samples(std::vector{stranger}); }),
               Contains("FOREIGN KEY"));
    CHECK(store.samples(profile.id).empty());
}

TEST_CASE("the method's profile has models and settings by position") {
    const TempFolder folder;
    Store store(folder / "a.db");
    fill(store);
    const Profile profile = store.load_profile("default");
    CHECK(profile.models == std::vector<std::string>{"small", "nested"});
    CHECK(profile.settings == std::vector<std::string>{"40W", "100W"});
    CHECK(profile.fail_accuracy == 0.1);
    const std::vector<ProfileSummaryRow> rows = store.profile_summary("default");
    REQUIRE(rows.size() == 6);  // (small, nested/1, nested/2) x (40W, 100W)
    REQUIRE(profile.configurations.size() == rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const ProfiledConfiguration& c = profile.configurations[i];
        CHECK(profile.models[c.model] == rows[i].model);
        CHECK(profile.settings[c.setting] == rows[i].power_setting);
        CHECK(c.stage == rows[i].stage.value_or(0));
        CHECK(c.latency_s == rows[i].latency_mean_s);
        CHECK(c.power_w == rows[i].power_w);
        CHECK(c.accuracy == rows[i].accuracy);
    }
}

TEST_CASE(
    "the error of an energy is the spread of the samples, and no less than the meter's steps") {
    const TempFolder folder;
    Store store(folder / "a.db");
    ProfileRow profile = a_profile();
    profile.energy_resolution_s = 1e-3;
    profile = store.add_profile(profile);
    const auto add = [&](std::size_t model, std::int64_t round, double power_w) {
        store.add_samples(std::vector<Sample>{{.model_id = profile.models[model].id,
                                               .setting_id = profile.settings[1].id,
                                               .round = round,
                                               .stage = model == 0 ? 0 : 1,
                                               .input = round,
                                               .latency_s = 0.01,
                                               .power_w = power_w,
                                               .correct = true}});
    };
    add(0, 0, 40);
    add(0, 1, 60);
    add(0, 2, 50);
    add(0, 3, 50);
    add(1, 0, 50);
    const auto rows = store.profile_summary("default");
    // 0.4, 0.6, 0.5, 0.5 J: deviations of 0.1 J squared, twice, over 3; of the mean over 4.
    REQUIRE(rows.at(1).power_setting == "100W");
    CHECK(rows.at(1).energy_error_j.value() == Approx(std::sqrt(2 * 0.01 / 3 / 4)));
    // One sample: 0.5 J, repeated until 20 steps of 1 ms were full; 1 / sqrt(6) of one of them.
    REQUIRE(rows.at(3).model == "nested");
    CHECK(rows.at(3).energy_error_j.value() == Approx(0.5 / 20 / std::sqrt(6.0)));
}

TEST_CASE("what was answered but not timed counts for the accuracy, and for nothing else") {
    const TempFolder folder;
    Store store(folder / "a.db");
    ProfileRow profile = a_profile();
    profile.energy_resolution_s = 1e-3;
    profile = store.add_profile(profile);
    std::int64_t round = 0;
    const auto add = [&](std::optional<double> latency_s, std::optional<double> power_w,
                         bool correct) {
        store.add_samples(std::vector<Sample>{{.model_id = profile.models[0].id,
                                               .setting_id = profile.settings[1].id,
                                               .round = round,
                                               .input = round,
                                               .latency_s = latency_s,
                                               .power_w = power_w,
                                               .correct = correct}});
        ++round;
    };
    add(0.010, 40, true);
    add(0.010, 60, false);
    add(0.040, {}, true);  // timed, its power left out
    add({}, {}, true);
    add({}, {}, true);
    const auto row = store.profile_summary("default").at(1);
    CHECK(row.samples == 3);
    CHECK(row.latency_mean_s == Approx(0.02));
    CHECK(row.latency_std_s.value() == Approx(std::sqrt((100 + 100 + 400) / 2.0) * 1e-3));
    CHECK(row.power_w.value() == Approx(50));
    CHECK(row.energy_j.value() == Approx(1));
    CHECK(row.accuracy == Approx(0.8));
    // 0.4 and 0.6 J: twice 0.1 J squared over 1, of the mean of two.
    CHECK(row.energy_error_j.value() == Approx(std::sqrt(2 * 0.01 / 1 / 2)));
    CHECK_FALSE(store.samples(profile.id).back().latency_s);
}
