#include "cli/report/profile_report.h"

#include "tests/cli/sample_store.h"
#include "tests/support/catch.h"

using namespace alert;
using cli::pareto_front;
using cli::report_on;

namespace {

db::ProfileSummaryRow row(double latency_s, std::optional<double> energy_j, double accuracy) {
    return {.model = "m",
            .power_setting = "100W",
            .latency_mean_s = latency_s,
            .energy_j = energy_j,
            .accuracy = accuracy};
}

std::vector<db::ProfileSummaryRow> two_settings() {
    std::vector<db::ProfileSummaryRow> rows = {row(2, 0.08, 0.75), row(1, 0.1, 0.75)};
    rows[0].power_setting = "40W";
    return rows;
}

}  // namespace

TEST_CASE("a configuration is on the front unless another is better in one and worse in none") {
    const std::vector<db::ProfileSummaryRow> rows = {row(1, 1, 0.7), row(2, 2, 0.9),
                                                     row(2, 3, 0.9),  // dearer than the one before
                                                     row(3, 0.5, 0.6), row(1, 2, 0.7)};
    CHECK(pareto_front(rows) == std::vector<bool>{true, true, false, true, false});
}

TEST_CASE("equal configurations stand beside each other on the front") {
    const std::vector<db::ProfileSummaryRow> rows = {row(1, 1, 0.7), row(1, 1, 0.7)};
    CHECK(pareto_front(rows) == std::vector<bool>{true, true});
}

TEST_CASE("without energy the front is over latency and accuracy") {
    const std::vector<db::ProfileSummaryRow> rows = {row(1, 9, 0.7), row(2, {}, 0.7),
                                                     row(3, 1, 0.8)};
    CHECK(pareto_front(rows) == std::vector<bool>{true, false, true});
}

TEST_CASE("an output is told at its sampled setting and counts its settings on the front") {
    const auto report = report_on(test::quiet_profile(), two_settings(), {});
    REQUIRE(report.outputs.size() == 1);
    CHECK(report.outputs[0].reference.power_setting == "100W");
    CHECK(report.outputs[0].settings == 2);
    CHECK(report.outputs[0].front == std::vector<std::size_t>{0, 1});
    CHECK(report.front_size() == 2);
}

TEST_CASE("stored warnings come first, outliers of the last output after them") {
    db::ProfileRow profile = test::quiet_profile();
    profile.models[1].id = 2;
    profile.settings[1].id = 1;
    std::vector<db::Sample> samples;
    for (std::int64_t i = 0; i < 50; ++i) {
        db::Sample sample{.model_id = 2, .setting_id = 1, .round = i, .stage = 1};
        sample.latency_s = i < 25 ? 1 : 90;  // of an earlier stage: not looked at
        samples.push_back(sample);
        sample.stage = 2;
        sample.latency_s = i < 10 ? 100 : 90 + 0.1 * static_cast<double>(i % 5);
        samples.push_back(sample);
    }
    const auto report = report_on(profile, two_settings(), samples);
    REQUIRE(report.warnings.size() == 2);
    CHECK(report.warnings[0] == profile.warnings[0]);
    CHECK(report.warnings[1].find("nested at 100W: 10 of 50 latencies") == 0);
}

TEST_CASE("a profile without configurations is reported as empty") {
    const auto report = report_on(test::quiet_profile(), {}, {});
    CHECK(report.outputs.empty());
    CHECK(report.front_size() == 0);
}
