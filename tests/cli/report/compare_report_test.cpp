#include "cli/report/compare_report.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>

#include "alert/error.h"
#include "cli/report/comparable_runs.h"
#include "cli/report/render/compare_document.h"
#include "cli/report/render/csv.h"
#include "tests/cli/program.h"
#include "tests/support/catch.h"

using namespace alert;
using namespace alert::cli;

namespace {

/// Energies (J) of a scheme under deadlines of 1, 2, 3, ... s; negative: the goals were violated.
std::vector<db::RunResult> replays(const std::string& scheme, const std::vector<double>& energies,
                                   const std::string& environment = "default") {
    std::vector<db::RunResult> rows;
    for (const double energy_j : energies) {
        db::RunResult row;
        row.inputs = 100;
        row.accuracy = 0.9;
        row.energy_j = std::abs(energy_j);
        row.latency_mean_s = 0.5;
        row.violated = row.violated_strict = energy_j < 0;
        row.run.label = "replay";
        row.run.kind = "replay";
        row.run.profile = "quiet";
        row.run.scheme = scheme;
        row.run.estimator = "paper";
        row.run.objective = Objective::kMinimiseEnergy;
        row.run.deadline_s = row.run.period_s = static_cast<double>(rows.size() + 1);
        row.run.accuracy_goal = 0.8;
        row.run.trace = "of-" + environment;
        row.run.environment = environment;
        row.run.energy_source = "modelled:server";
        row.run.finished = true;
        rows.push_back(row);
    }
    return rows;
}

std::vector<db::RunResult> together(const std::vector<std::vector<db::RunResult>>& parts) {
    std::vector<db::RunResult> all;
    for (const auto& part : parts) {
        all.insert(all.end(), part.begin(), part.end());
    }
    for (std::size_t i = 0; i < all.size(); ++i) {
        all[i].run.id = static_cast<std::int64_t>(i + 1);
    }
    return all;
}

/// An oracle that keeps all of four settings, and alert that violates the first.
std::vector<db::RunResult> four_settings() {
    return together({replays("oracle", {1, 2, 4, 4}), replays("alert", {-9, 3, 5, 8})});
}

const SchemeFigures& figures(const ComparisonGroup& group, std::string_view scheme) {
    for (const SchemeFigures& figures : group.schemes) {
        if (figures.scheme == scheme) {
            return figures;
        }
    }
    throw std::runtime_error("no scheme " + std::string(scheme));
}

std::vector<std::string> names(const ComparisonGroup& group) {
    std::vector<std::string> all;
    for (const SchemeFigures& figures : group.schemes) {
        all.push_back(figures.scheme);
    }
    return all;
}

double energy_of(const SchemeFigures& figures) {
    return figures.means[static_cast<std::size_t>(Metric::kEnergy)].mean.value();
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("means are over the settings that a scheme does not violate") {
    const Comparison comparison = compare(four_settings(), {});
    REQUIRE(comparison.groups.size() == 1);
    const SchemeFigures& alert = figures(comparison.groups[0], "alert");
    CHECK(alert.settings == 4);
    CHECK(alert.violated == 1);
    const MetricMean& energy = alert.means[static_cast<std::size_t>(Metric::kEnergy)];
    CHECK(energy.mean == Approx(16.0 / 3));
    // Deviations of 3, 5, 8 from 16/3: squares 49/9, 1/9, 64/9.
    CHECK(energy.std == Approx(std::sqrt(114.0 / 9 / 2)));
    CHECK(alert.means[static_cast<std::size_t>(Metric::kError)].mean == Approx(0.1));
    CHECK(alert.means[static_cast<std::size_t>(Metric::kLatency)].mean == Approx(0.5));
    CHECK(comparison.violated);
}

TEST_CASE(
    "settings are counted that a scheme violates by its miss limit, and by one in a hundred") {
    auto runs = four_settings();
    for (std::size_t i = 4; i < 8; ++i) {
        runs[i].violated_strict = i < 7;  // alert, of which the first is violated by 10 %, too
    }
    const Comparison comparison = compare(runs, {});
    const SchemeFigures& alert = figures(comparison.groups[0], "alert");
    CHECK(alert.violated == 1);
    CHECK(alert.violated_strict == 3);
    CHECK(alert.miss_limit == 0.1);
    CHECK(figures(comparison.groups[0], "oracle").violated_strict == 0);
}

TEST_CASE("a comparison judges anew by the limit that is asked for") {
    auto runs = four_settings();
    for (std::size_t i = 0; i < runs.size(); ++i) {
        runs[i].violated = false;
        runs[i].accuracy_error = 0.01;
        runs[i].deadline_misses = static_cast<std::int64_t>(i) - 3;  // of 100; alert: 1 to 4
    }
    runs[0].deadline_misses = runs[1].deadline_misses = runs[2].deadline_misses = 0;
    const auto violated = [&](double limit) {
        judge_by(limit, runs);
        const Comparison comparison = compare(runs, {});
        const SchemeFigures& alert = figures(comparison.groups[0], "alert");
        CHECK(alert.miss_limit == limit);
        CHECK(alert.violated_strict == 3);
        return alert.violated;
    };
    CHECK(violated(0.03) == 1);
    CHECK(violated(0.015) == 3);
    CHECK(violated(0.04) == 0);
}

TEST_CASE("runs that were judged by several limits are told apart") {
    auto strict = replays("alert", {1});
    strict[0].run.miss_limit = 0.01;
    auto runs = together({replays("alert", {1}), strict});
    CHECK(names(compare(runs, {}).groups[0]) ==
          Names{"alert (miss limit 10 %)", "alert (miss limit 1 %)"});
    judge_by(0.05, runs);
    CHECK(names(compare(runs, {}).groups[0]) == Names{"alert"});
}

TEST_CASE("ratios are over the settings that neither scheme violates") {
    const Comparison comparison = compare(four_settings(), {});
    CHECK(comparison.reference == "oracle");
    const SchemeFigures& alert = figures(comparison.groups[0], "alert");
    CHECK(alert.shared == 3);
    CHECK(alert.normalised == Approx(16.0 / 10));  // of 3 + 5 + 8 over 2 + 4 + 4
    REQUIRE(alert.ratios);
    CHECK(alert.ratios->mean == Approx((1.5 + 1.25 + 2) / 3));
    CHECK(alert.ratios->p25 == Approx(1.25));
    CHECK(alert.ratios->p50 == Approx(1.5));
    CHECK(alert.ratios->p75 == Approx(2));
    const SchemeFigures& oracle = figures(comparison.groups[0], "oracle");
    CHECK(oracle.shared == 4);
    CHECK(oracle.normalised == Approx(1));
    CHECK(oracle.violated == 0);
}

TEST_CASE("settings stand side by side, each with its ratio") {
    const Comparison comparison = compare(four_settings(), {});
    const auto& results = comparison.groups[0].results;
    REQUIRE(results.size() == 8);
    for (std::size_t i = 0; i < results.size(); ++i) {
        CHECK(results[i].scheme == (i % 2 == 0 ? "oracle" : "alert"));
        CHECK(results[i].run.run.deadline_s == static_cast<double>(i / 2 + 1));
    }
    CHECK_FALSE(results[1].normalised);  // violated
    CHECK(results[3].normalised == Approx(1.5));
}

TEST_CASE("a scheme that keeps no setting has no mean, one of a single setting no spread") {
    const auto runs = together({replays("oracle", {1}), replays("alert", {-2})});
    const Comparison comparison = compare(runs, {});
    const auto& group = comparison.groups[0];
    CHECK_FALSE(figures(group, "alert").means[0].mean);
    CHECK_FALSE(figures(group, "alert").normalised);
    CHECK_FALSE(figures(group, "alert").ratios);
    CHECK(figures(group, "alert").shared == 0);
    CHECK(figures(group, "oracle").ratios->mean == 1);
    CHECK_FALSE(figures(group, "oracle").ratios->std);
    CHECK(figures(group, "oracle").means[0].mean == 1);
    CHECK_FALSE(figures(group, "oracle").means[0].std);
}

TEST_CASE("equal values have no spread") {
    const auto runs = together({replays("oracle", {0.3, 0.3, 0.3})});
    CHECK(figures(compare(runs, {}).groups[0], "oracle").means[0].std == 0.0);
    CHECK(figures(compare(runs, {}).groups[0], "oracle").means[1].std == 0.0);
}

TEST_CASE("the reference is the oracle, else the first scheme, or the one asked for") {
    const auto with = four_settings();
    CHECK(compare(with, {.normalise_to = "alert"}).reference == "alert");
    const auto other = compare(with, {.schemes = {}, .normalise_to = "alert"});
    CHECK(figures(other.groups[0], "oracle").normalised == Approx(10.0 / 16));
    const auto without = together({replays("app-only", {1}), replays("alert", {2})});
    CHECK(compare(without, {}).reference == "app-only");
}

TEST_CASE("of several references the best of each setting counts") {
    const auto runs = together({replays("alert", {1, 3, 4, 2}), replays("app-only", {2, 9, -3, -2}),
                                replays("sys-only", {4, 6, 5, -1})});
    const Comparison comparison = compare(runs, {.normalise_to = "app-only,sys-only"});
    CHECK(comparison.reference == "best of app-only, sys-only");
    // 2, 6, 5 (the 3 violates its goals), and one that both violate.
    const SchemeFigures& best = figures(comparison.groups[0], comparison.reference);
    CHECK(best.violated == 1);
    CHECK(energy_of(best) == Approx(13.0 / 3));
    CHECK(figures(comparison.groups[0], "alert").shared == 3);
    CHECK(figures(comparison.groups[0], "alert").normalised == Approx(8.0 / 13));
}

TEST_CASE("only the schemes asked for are compared, and the reference") {
    const auto runs =
        together({replays("oracle", {1}), replays("alert", {2}), replays("app-only", {3})});
    CHECK(names(compare(runs, {.schemes = {"alert"}}).groups[0]) == Names{"oracle", "alert"});
    CHECK(names(compare(runs, {.schemes = {"alert"}, .normalise_to = "app-only"}).groups[0]) ==
          Names{"alert", "app-only"});
}

TEST_CASE("a scheme that no run has is refused with a suggestion") {
    const auto runs = four_settings();
    CHECK_THROWS_WITH(compare(runs, {.normalise_to = "orcale"}),
                      "--normalise-to orcale: none of these runs has this scheme (did you mean "
                      "oracle?); there are oracle, alert");
    CHECK_THROWS_WITH(compare(runs, {.schemes = {"app-only"}}),
                      "--scheme app-only: none of these runs has this scheme; there are oracle, "
                      "alert");
    CHECK_THROWS_AS(compare({}, {}), RequestError);
}

TEST_CASE("environments are told one by one and then together") {
    const auto runs =
        together({replays("oracle", {1, 2}), replays("alert", {2, 2}),
                  replays("oracle", {3, 4}, "memory"), replays("alert", {6, -9}, "memory")});
    const Comparison comparison = compare(runs, {});
    REQUIRE(comparison.groups.size() == 3);
    CHECK(comparison.groups[0].environment == "default");
    CHECK(comparison.groups[1].environment == "memory");
    CHECK(comparison.groups[1].trace == "of-memory");
    const ComparisonGroup& all = comparison.groups[2];
    CHECK(all.environment.empty());
    CHECK_FALSE(all.trace);
    CHECK(all.results.empty());
    CHECK(figures(comparison.groups[0], "alert").normalised == Approx(4.0 / 3));
    CHECK(figures(comparison.groups[1], "alert").normalised == Approx(6.0 / 3));
    const SchemeFigures& alert = figures(all, "alert");
    CHECK(alert.settings == 4);
    CHECK(alert.violated == 1);
    CHECK(energy_of(alert) == Approx(10.0 / 3));
    CHECK(alert.shared == 3);
    CHECK(alert.normalised == Approx(10.0 / 6));  // of 2 + 2 + 6 over 1 + 2 + 3
}

TEST_CASE("objectives and profiles are apart, each objective by its own metric") {
    auto accurate = together({replays("oracle", {1}), replays("alert", {1})});
    for (db::RunResult& row : accurate) {
        row.run.objective = Objective::kMaximiseAccuracy;
    }
    accurate[0].accuracy = 0.95;
    auto quick = accurate;
    for (db::RunResult& row : quick) {
        row.run.objective = Objective::kMinimiseLatency;
    }
    quick[1].latency_mean_s = 0.75;
    auto elsewhere = four_settings();
    for (db::RunResult& row : elsewhere) {
        row.run.profile = "elsewhere";
    }
    const auto runs = together({quick, accurate, four_settings(), elsewhere});
    const Comparison comparison = compare(runs, {});
    REQUIRE(comparison.groups.size() == 4);
    CHECK(comparison.groups[0].profile == "elsewhere");
    CHECK(comparison.groups[1].objective == Objective::kMinimiseEnergy);
    CHECK(comparison.groups[2].objective == Objective::kMaximiseAccuracy);
    CHECK(figures(comparison.groups[2], "alert").normalised == Approx(0.1 / 0.05));
    CHECK(comparison.groups[3].objective == Objective::kMinimiseLatency);
    CHECK(figures(comparison.groups[3], "alert").normalised == Approx(0.75 / 0.5));
}

TEST_CASE("live runs stand beside replays, apart from them") {
    auto live = replays("alert", {3, 3});
    for (db::RunResult& row : live) {
        row.run.kind = "live";
        row.run.trace.reset();
    }
    const auto runs = together({replays("oracle", {1, 2}), replays("alert", {2, 2}), live});
    const Comparison comparison = compare(runs, {});
    REQUIRE(comparison.groups.size() == 3);
    CHECK_FALSE(comparison.groups[1].trace);
    CHECK(names(comparison.groups[1]) == Names{"alert"});
    CHECK(figures(comparison.groups[1], "alert").shared == 0);  // the oracle was not live
    CHECK_FALSE(figures(comparison.groups[1], "alert").normalised);
    CHECK(figures(comparison.groups[2], "alert").settings == 4);
}

TEST_CASE("warnings are reported once, with what they are of") {
    auto runs = together({replays("oracle", {1, 2}), replays("alert", {3})});
    runs[0].run.warnings = runs[1].run.warnings = {"noisy", "hot"};
    runs[2].run.warnings = {"noisy"};
    runs[2].run.trace.reset();
    CHECK(compare(runs, {}).warnings ==
          Names{"trace of-default: noisy", "trace of-default: hot", "run 3: noisy"});
}

TEST_CASE("of runs that differ in nothing the last is meant") {
    const auto runs =
        together({replays("oracle", {1}), replays("alert", {9}), replays("alert", {2})});
    const Comparison comparison = compare(runs, {});
    CHECK(figures(comparison.groups[0], "alert").settings == 1);
    CHECK(energy_of(figures(comparison.groups[0], "alert")) == 2);
}

TEST_CASE("a scheme's name tells what its runs differ in") {
    auto runs = together({replays("oracle", {1}), replays("alert", {2}), replays("alert", {3}),
                          replays("oracle", {1})});
    const auto compared = [&] { return names(compare(runs, {}).groups[0]); };
    runs[2].run.estimator = runs[3].run.estimator = "calibrated";
    CHECK(compared() == Names{"oracle", "alert (paper)", "alert (calibrated)"});
    runs[2].run.window = 1;
    CHECK(compared() ==
          Names{"oracle", "alert (paper, window 20)", "alert (calibrated, window 1)"});
    runs[2].run = runs[1].run;
    runs[2].run.confidence = 0.95;
    CHECK(compared() == Names{"oracle", "alert (no confidence)", "alert (confidence 95 %)"});
    runs[2].run = runs[1].run;
    runs[2].run.inputs_planned = 50;
    CHECK(compared() == Names{"oracle", "alert (0 inputs)", "alert (50 inputs)"});
    runs[2].run = runs[1].run;
    runs[2].run.paced = false;
    CHECK(compared() == Names{"oracle", "alert (paced)", "alert (no pace)"});
    runs[2].run = runs[1].run;
    runs[0].run.scheme = runs[3].run.scheme = "oracle-static";
    runs[3].run.estimator = "calibrated";
    CHECK(names(compare(runs, {.normalise_to = "alert"}).groups[0]) ==
          Names{"oracle-static (paper)", "alert", "oracle-static (calibrated)"});
    runs[0].run.scheme = runs[3].run.scheme = "oracle";
    runs[2].run.label = "again";
    CHECK(compared() == Names{"oracle", "alert [replay]", "alert [again]"});
    // A name without the addition means the first of them.
    CHECK(compare(runs, {.normalise_to = "alert"}).reference == "alert [replay]");
    CHECK(names(compare(runs, {.schemes = {"alert [again]"}}).groups[0]) ==
          Names{"oracle", "alert [again]"});
}

TEST_CASE("comparisons are written as they were") {
    auto runs = together(
        {replays("oracle", {1, 2}), replays("alert", {2, 2}), replays("app-only", {3, -4}),
         replays("oracle", {3, 4}, "compute@30%-60%"), replays("alert", {6, -9}, "compute@30%-60%"),
         replays("app-only", {-8, -9}, "compute@30%-60%")});
    runs[6].run.warnings = runs[7].run.warnings = {"this is no contention"};
    const Comparison comparison = compare(runs, {});
    const auto golden = [](const std::string& name) {
        return test::read_file(std::filesystem::path(ALERT_GOLDEN) / name);
    };
    std::ostringstream table, full, json, full_json, csv, full_csv;
    write_text(table, document_of(comparison, false), {});
    CHECK(table.str() == golden("compare.txt"));
    write_text(full, document_of(comparison, true), {});
    CHECK(full.str() == golden("compare_full.txt"));
    write_json(json, json_of(comparison, true));
    CHECK(json.str() == golden("compare.json"));
    write_csv(csv, comparison_records(comparison, false));
    CHECK(csv.str() == golden("compare.csv"));
    write_csv(full_csv, comparison_records(comparison, true));
    CHECK(full_csv.str() == golden("compare_full.csv"));
}
