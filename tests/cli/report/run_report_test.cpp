#include "cli/report/run_report.h"

#include <cmath>

#include "tests/cli/sample_store.h"
#include "tests/support/catch.h"

using namespace alert;
using cli::report_on;
using cli::RunReport;
using test::adaptive_inputs;
using test::adaptive_run;

namespace {

constexpr double kFailAccuracy = 0.1;

/// As it is stored for adaptive_inputs().
db::RunSummaryRow adaptive_summary() {
    db::RunSummaryRow summary;
    summary.deadline_s = 0.010;
    summary.accuracy_goal = 0.8;
    summary.energy_goal_j = 0.3;
    summary.inputs = 10;
    summary.deadline_misses = 2;
    summary.accuracy = 0.82;
    // Eight times 1 and twice 0.1: variance (8 * 0.18^2 + 2 * 0.72^2) / 9 = 0.144, over 10 inputs.
    summary.accuracy_error = 0.12;
    summary.energy_j = 0.32;
    summary.energy_over = 0.3;
    summary.energy_source = "modelled:server";
    summary.violated = true;
    return summary;
}

RunReport adaptive_report() {
    return report_on(adaptive_run(), adaptive_summary(), kFailAccuracy, adaptive_inputs());
}

/// `n` inputs of one configuration; all kept, right, and a second of latency each.
std::vector<db::RunInput> even_inputs(std::int64_t n) {
    std::vector<db::RunInput> inputs;
    for (std::int64_t i = 0; i < n; ++i) {
        db::RunInput input{.n = i, .model = "small", .power_setting = "100W"};
        input.latency_s = input.response_s = 1 + 0.01 * static_cast<double>(i % 3);
        input.met_deadline = true;
        input.correct = true;
        inputs.push_back(input);
    }
    return inputs;
}

db::RunRow finished(std::int64_t n) {
    db::RunRow run;
    run.inputs_planned = n;
    run.finished = true;
    return run;
}

db::RunSummaryRow kept_summary(std::int64_t n) {
    db::RunSummaryRow summary;
    summary.deadline_s = 2;
    summary.inputs = n;
    summary.accuracy = 1;
    summary.accuracy_error = 0;
    return summary;
}

}  // namespace

TEST_CASE("the deadline is judged by the run's miss limit, by a tenth and by a hundredth") {
    const auto limits_of = [](double miss_limit, std::int64_t misses) {
        db::RunSummaryRow summary = adaptive_summary();
        summary.miss_limit = miss_limit;
        summary.deadline_misses = misses;
        std::vector<std::pair<double, bool>> limits;
        const auto report = report_on(adaptive_run(), summary, kFailAccuracy, adaptive_inputs());
        for (const cli::LimitResult& limit : report.deadline->limits) {
            limits.emplace_back(limit.miss_limit, limit.kept.value());
        }
        return limits;
    };
    using Limits = std::vector<std::pair<double, bool>>;
    CHECK(limits_of(0.1, 2) == Limits{{0.1, false}, {0.01, false}});  // 2 of 10
    CHECK(limits_of(0.1, 1) == Limits{{0.1, true}, {0.01, false}});
    CHECK(limits_of(0.2, 2) == Limits{{0.2, true}, {0.1, false}, {0.01, false}});
    CHECK(limits_of(0.01, 1) == Limits{{0.01, false}, {0.1, true}});
}

TEST_CASE("the deadline verdict says what the sample can bear") {
    // P[2 or more of 10 miss | 1 % do] = 1 - 0.99^10 - 10 * 0.01 * 0.99^9 = 0.0043: no.
    CHECK(adaptive_report().deadline->verdict.verdict == Verdict::kNo);
    CHECK(adaptive_report().deadline->share == 0.99);

    // 0.99^459 < 0.01 < 0.99^458.
    const auto few = report_on(finished(10), kept_summary(10), 0, even_inputs(10));
    CHECK(few.deadline->verdict.verdict == Verdict::kCannotTell);
    CHECK(few.deadline->verdict.inputs_needed == 459);
    const auto many = report_on(finished(459), kept_summary(459), 0, even_inputs(459));
    CHECK(many.deadline->verdict.verdict == Verdict::kYes);
}

TEST_CASE("the deadline verdict is about the confidence that was asked for") {
    db::RunRow run = finished(44);
    run.confidence = 0.9;  // 0.9^44 = 0.0097
    CHECK(report_on(run, kept_summary(44), 0, even_inputs(44)).deadline->verdict.verdict ==
          Verdict::kYes);
    run.confidence = 0;  // no threshold: back to 99 %
    CHECK(report_on(run, kept_summary(44), 0, even_inputs(44)).deadline->share == 0.99);
}

TEST_CASE("the accuracy verdict is about inputs that were answered right and in time") {
    const RunReport report = adaptive_report();
    CHECK(report.accuracy->kept == true);
    CHECK(report.accuracy->verdict == Verdict::kCannotTell);
}

TEST_CASE("accuracy is violated only when it falls short by more than its standard error") {
    db::RunSummaryRow summary = adaptive_summary();
    summary.accuracy_goal = 0.93;
    CHECK(report_on(adaptive_run(), summary, kFailAccuracy, adaptive_inputs()).accuracy->kept ==
          true);
    summary.accuracy_goal = 0.95;
    CHECK(report_on(adaptive_run(), summary, kFailAccuracy, adaptive_inputs()).accuracy->kept ==
          false);
}

TEST_CASE("energy is held at its mean unless a confidence was asked for") {
    const RunReport report = adaptive_report();
    CHECK(report.energy->kept == false);
    CHECK_FALSE(report.energy->share);
    // 0.32 +- more than 0.02: ten such inputs cannot tell.
    CHECK(report.energy->verdict->verdict == Verdict::kCannotTell);

    db::RunRow run = adaptive_run();
    run.confidence = 0.95;
    const auto asked = report_on(run, adaptive_summary(), kFailAccuracy, adaptive_inputs());
    CHECK(*asked.energy->share == 0.95);
    // P[3 or more of 10 are above | 5 % are] = 0.0115: not yet below 1 %.
    CHECK(asked.energy->verdict->verdict == Verdict::kCannotTell);
}

TEST_CASE("times are nearest-rank percentiles of the inputs that started") {
    const RunReport report = adaptive_report();
    CHECK(report.never_started == 1);
    CHECK(report.latency->p50_s == 0.001);  // the 5th of 9
    CHECK(report.latency->p95_s == 0.012);  // the 9th
    CHECK(report.latency->mean_s == Approx(0.034 / 9));
    CHECK(report.response->max_s == Approx(0.013));
    CHECK(report.response->mean_s == Approx(0.037 / 9));
}

TEST_CASE("configurations are counted, the most used first") {
    const RunReport report = adaptive_report();
    REQUIRE(report.configurations.size() == 2);
    CHECK(report.configurations[0].model == "small");
    CHECK_FALSE(report.configurations[0].stage);
    CHECK(report.configurations[0].inputs == 6);
    CHECK(report.configurations[0].share == Approx(0.6));
    CHECK(report.configurations[1].stage == 2);
    CHECK(report.configurations[1].power_setting == "40W");
    CHECK(report.configurations[1].inputs == 3);
    CHECK(report.configurations[1].latency_mean_s == Approx(0.028 / 3));
    CHECK(report.configurations[1].deadline_misses == 1);
}

TEST_CASE("the course of a run is told in tenths") {
    const RunReport report = adaptive_report();
    REQUIRE(report.parts.size() == 10);
    CHECK(report.parts[8].environment == "compute");
    CHECK(report.parts[8].xi_mean == 3);
    CHECK(report.parts[8].deadline_misses == 1);
    CHECK(*report.parts[8].energy_j == Approx(0.7));
    CHECK(*report.parts[8].accuracy == Approx(0.1));
    CHECK_FALSE(report.parts[9].response_mean_s);

    const auto long_run = report_on(finished(25), kept_summary(25), 0, even_inputs(25));
    REQUIRE(long_run.parts.size() == 10);
    CHECK(long_run.parts[0].first == 0);
    CHECK(long_run.parts[0].last == 1);
    CHECK(long_run.parts[9].last == 24);
}

TEST_CASE("slowdown and decisions are summed up") {
    const RunReport report = adaptive_report();
    CHECK(*report.xi_mean == Approx(1.5));  // (6 * 1 + 2 + 2 + 3 + 2) / 10
    CHECK(*report.xi_min == 1);
    CHECK(*report.xi_max == 3);
    CHECK(*report.decision_p50_s == 1e-6);
    CHECK(*report.decision_p99_s == 3e-6);
    CHECK(*report.decision_share == Approx(12e-6 / 34e-3));
}

TEST_CASE("a run without inputs reports nothing measured") {
    const RunReport report = report_on(finished(0), kept_summary(0), 0, {});
    CHECK_FALSE(report.deadline->limits.front().kept);
    CHECK(report.deadline->verdict.verdict == Verdict::kCannotTell);
    CHECK_FALSE(report.latency);
    CHECK_FALSE(report.xi_mean);
    CHECK(report.parts.empty());
}

TEST_CASE("a run without energy or labels leaves their goals unjudged") {
    db::RunSummaryRow summary = kept_summary(4);
    summary.accuracy.reset();
    summary.accuracy_goal = 0.9;
    summary.energy_goal_j = 1;
    std::vector<db::RunInput> inputs = even_inputs(4);
    for (db::RunInput& input : inputs) {
        input.correct.reset();
    }
    const RunReport report = report_on(finished(4), summary, 0, inputs);
    CHECK_FALSE(report.accuracy->kept);
    CHECK_FALSE(report.accuracy->verdict);
    CHECK_FALSE(report.energy->kept);
    CHECK_FALSE(report.energy->verdict);
    CHECK_FALSE(report.parts[0].accuracy);
}

TEST_CASE("an interrupted run is warned of") {
    const RunReport report = adaptive_report();
    CHECK_FALSE(report.complete());
    REQUIRE_FALSE(report.warnings.empty());
    CHECK(report.warnings[0].find("10 of 12 inputs") != std::string::npos);
    CHECK(report_on(finished(30), kept_summary(30), 0, even_inputs(30)).warnings.empty());
}

TEST_CASE("first inputs that were slower than the rest are warned of") {
    std::vector<db::RunInput> inputs = even_inputs(100);
    inputs[0].latency_s = 5;
    inputs[1].latency_s = 3;
    const RunReport report = report_on(finished(100), kept_summary(100), 0, inputs);
    REQUIRE(report.warnings.size() == 1);  // two of a hundred outliers are not many
    CHECK(report.warnings[0].find("first 2 inputs") != std::string::npos);
}

TEST_CASE("many outliers are warned of, but not beside a co-runner") {
    std::vector<db::RunInput> inputs = even_inputs(100);
    for (std::size_t i = 50; i < 60; ++i) {
        inputs[i].latency_s = 4;
    }
    const RunReport report = report_on(finished(100), kept_summary(100), 0, inputs);
    REQUIRE(report.warnings.size() == 1);
    CHECK(report.warnings[0].find("10 of 100 latencies (10.0 %)") != std::string::npos);
    for (std::size_t i = 50; i < 60; ++i) {
        inputs[i].environment = "compute";
    }
    CHECK(report_on(finished(100), kept_summary(100), 0, inputs).warnings.empty());
}

TEST_CASE("inferences too short for the clock are warned of") {
    std::vector<db::RunInput> inputs = even_inputs(20);
    for (db::RunInput& input : inputs) {
        input.latency_s = 50e-6;
    }
    const RunReport report = report_on(finished(20), kept_summary(20), 0, inputs);
    REQUIRE(report.warnings.size() == 1);
    CHECK(report.warnings[0].find("short for the clock") != std::string::npos);
}

TEST_CASE("the error of the energy is that of the mean and of the meter at either end") {
    db::RunRow run = adaptive_run();
    CHECK_FALSE(
        report_on(run, adaptive_summary(), kFailAccuracy, adaptive_inputs()).energy_error_j);
    run.energy_resolution_s = 0.05;
    auto inputs = adaptive_inputs();
    for (std::size_t n = 0; n < inputs.size(); ++n) {
        inputs[n].energy_j = n % 2 == 0 ? 0.2 : 0.4;
    }
    // 0.1 J from their mean, each: squared 0.1 / 9, of the mean 0.1 / 90. Ten periods of 10 ms are
    // two steps: 0.3 J is known to 0.3 / 2 / sqrt(6).
    const RunReport report = report_on(run, adaptive_summary(), kFailAccuracy, inputs);
    CHECK(report.energy_error_j.value() == Approx(std::sqrt(0.1 / 90 + 0.15 * 0.15 / 6)));
}
