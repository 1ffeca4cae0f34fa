#include <cmath>
#include <cstdio>
#include <limits>

#include "support.h"
#include "tests/support/catch.h"

using namespace alert::db;
using namespace alert::db::test;

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

TEST_CASE("a derived setting follows from the sampled one with the most power") {
    const TempFolder folder;
    Store store(folder / "a.db");
    ProfileRow profile = a_profile();
    profile.settings = {
        {.name = "40W", .position = 0, .stretch = 3, .power_w = 40, .sampled = false},
        {.name = "60W", .position = 1, .stretch = 2, .power_w = 60, .sampled = true},
        {.name = "100W", .position = 2, .stretch = 1, .power_w = 100, .sampled = true}};
    profile = store.add_profile(profile);
    const auto sample = [&](std::size_t setting, double latency_s) {
        return Sample{.model_id = profile.models[0].id,
                      .setting_id = profile.settings[setting].id,
                      .latency_s = latency_s,
                      .correct = true};
    };
    store.add_samples(std::vector{sample(1, 0.05), sample(2, 0.01)});
    const std::vector<ProfileSummaryRow> rows = store.profile_summary("default");
    REQUIRE(rows.size() == 3);
    CHECK(rows[0].power_setting == "40W");
    CHECK(rows[0].latency_mean_s == Approx(0.03));  // 3 / 1 of 10 ms, not 3 / 2 of 50 ms
    CHECK(rows[1].latency_mean_s == Approx(0.05));
    CHECK(rows[2].latency_mean_s == Approx(0.01));
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
