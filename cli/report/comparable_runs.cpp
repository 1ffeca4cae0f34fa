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

[[noreturn]] void refuse_label(const db::Store& store, const std::string& label) {
    std::vector<std::string> labels;
    for (const db::RunResult& row : store.results()) {
        if (std::find(labels.begin(), labels.end(), row.run.label) == labels.end()) {
            labels.push_back(row.run.label);
        }
    }
    throw RequestError(
        fmt::format("--label {}: no finished run or replay has it{}; there are {}", label,
                    did_you_mean(label, labels),
                    labels.empty() ? "none" : fmt::format("{}", fmt::join(labels, ", "))));
}

}  // namespace

std::vector<db::RunResult> comparable_runs(const db::Store& store,
                                           const std::vector<std::string>& labels) {
    std::vector<db::RunResult> rows;
    if (labels.empty()) {
        rows = store.results();
        if (rows.empty()) {
            throw RequestError(
                "nothing to compare: no run or replay is finished yet; make one with `alert run` "
                "or `alert replay`");
        }
    }
    for (const std::string& label : labels) {
        std::vector<db::RunResult> labelled = store.results(label);
        if (labelled.empty()) {
            refuse_label(store, label);
        }
        std::move(labelled.begin(), labelled.end(), std::back_inserter(rows));
    }
    std::stable_sort(rows.begin(), rows.end(),
                     [](const auto& a, const auto& b) { return a.run.id < b.run.id; });
    return rows;
}

std::vector<db::RunResult> newest_comparable_runs(const db::Store& store) {
    return comparable_runs(store, {comparable_runs(store, {}).back().run.label});
}

void judge_by(double miss_limit, std::vector<db::RunResult>& runs) {
    for (db::RunResult& result : runs) {
        result.run.miss_limit = miss_limit;
        judge(result, db::goal_of(result.run), miss_limit);
    }
}

}  // namespace alert::cli
