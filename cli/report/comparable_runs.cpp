#include "cli/report/comparable_runs.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <string_view>

#include "alert/error.h"
#include "cli/text/suggest.h"

namespace alert::cli {

namespace {

db::ReplayRow live_row(const db::Store& store, const db::RunRow& run,
                       const db::RunSummaryRow& summary) {
    double latency_s = 0;
    std::int64_t answers = 0;
    for (const db::RunInput& input : store.run_inputs(run.id)) {
        latency_s += input.latency_s.value_or(0);
        answers += input.latency_s ? 1 : 0;
    }
    db::ReplayRow row{.run = run,
                      .inputs = summary.inputs,
                      .deadline_misses = summary.deadline_misses,
                      .accuracy = summary.accuracy.value_or(0),
                      .energy_j = summary.energy_j,
                      .energy_over = summary.energy_over,
                      .latency_p50_s = summary.latency_p50_s,
                      .latency_p95_s = summary.latency_p95_s,
                      .latency_p99_s = summary.latency_p99_s,
                      .violated = summary.violated};
    if (answers > 0) {
        row.latency_mean_s = latency_s / static_cast<double>(answers);
    }
    return row;
}

std::vector<db::ReplayRow> rows_of(const db::Store& store, std::optional<std::string_view> label) {
    std::vector<db::ReplayRow> rows = store.replays(label);
    for (const db::RunSummaryRow& summary : store.run_summaries(label)) {
        if (summary.kind == "live") {
            const db::RunRow run = store.find_run(summary.run).value();
            if (run.finished) {
                rows.push_back(live_row(store, run, summary));
            }
        }
    }
    return rows;
}

[[noreturn]] void refuse_label(const db::Store& store, const std::string& label) {
    std::vector<std::string> labels;
    for (const db::ReplayRow& row : rows_of(store, {})) {
        if (std::find(labels.begin(), labels.end(), row.run.label) == labels.end()) {
            labels.push_back(row.run.label);
        }
    }
    throw RequestError(
        fmt::format("--label {}: no finished run or replay has it{}; the labels are {}", label,
                    did_you_mean(label, labels),
                    labels.empty() ? "none" : fmt::format("{}", fmt::join(labels, ", "))));
}

}  // namespace

std::vector<db::ReplayRow> comparable_runs(const db::Store& store,
                                           const std::vector<std::string>& labels) {
    std::vector<db::ReplayRow> rows;
    if (labels.empty()) {
        rows = rows_of(store, {});
        if (rows.empty()) {
            throw RequestError(
                "nothing to compare: no run or replay is finished yet; make one with `alert run` "
                "or `alert replay`");
        }
    }
    for (const std::string& label : labels) {
        std::vector<db::ReplayRow> labelled = rows_of(store, label);
        if (labelled.empty()) {
            refuse_label(store, label);
        }
        std::move(labelled.begin(), labelled.end(), std::back_inserter(rows));
    }
    std::stable_sort(rows.begin(), rows.end(),
                     [](const auto& a, const auto& b) { return a.run.id < b.run.id; });
    return rows;
}

std::vector<db::ReplayRow> newest_comparable_runs(const db::Store& store) {
    return comparable_runs(store, {comparable_runs(store, {}).back().run.label});
}

}  // namespace alert::cli
