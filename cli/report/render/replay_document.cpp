#include "cli/report/render/replay_document.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "cli/report/render/labels.h"
#include "cli/text/format.h"

namespace alert::cli {
namespace {

template <class T>
FilledColumn<db::RunResult> of_run(const char* key, T db::RunRow::*member) {
    return {{key}, [member](const db::RunResult& row) { return Cell(row.run.*member); }};
}

const std::vector<FilledColumn<db::RunResult>>& replay_columns() {
    using Run = db::RunRow;
    using Replay = db::RunResult;
    static const std::vector<FilledColumn<Replay>> columns = {
        of_run("run", &Run::id),
        of_run("profile", &Run::profile),
        {{"scheme", "scheme", Show::kText, true}, [](const Replay& r) { return r.run.scheme; }},
        of_run("estimator", &Run::estimator),
        {{"objective"}, [](const Replay& r) { return db::name_of(r.run.objective); }},
        of_run("deadline_s", &Run::deadline_s),
        of_run("accuracy_goal", &Run::accuracy_goal),
        of_run("energy_goal_j", &Run::energy_goal_j),
        {{"inputs"}, &Replay::inputs},
        {{"deadline_misses", "missed", Show::kCount}, &Replay::deadline_misses},
        {{"accuracy", "accuracy", Show::kAccuracy}, &Replay::accuracy},
        {{"accuracy_error", "±", Show::kAccuracy}, &Replay::accuracy_error},
        {{"energy_j", "energy", Show::kEnergy}, &Replay::energy_j},
        {{"energy_over", "above", Show::kAccuracy}, &Replay::energy_over},
        of_run("energy_source", &Run::energy_source),
        {{"latency_mean_s", "latency", Show::kDuration}, &Replay::latency_mean_s},
        {{"latency_p50_s"}, &Replay::latency_p50_s},
        {{"latency_p95_s"}, &Replay::latency_p95_s},
        {{"latency_p99_s", "p99", Show::kDuration}, &Replay::latency_p99_s},
        {{"violated"}, [](const Replay& r) { return r.violated ? 1 : 0; }},
        {{"", "violated"}, violated_cell},
        of_run("kind", &Run::kind),
        of_run("trace", &Run::trace),
        of_run("environment", &Run::environment),
        of_run("label", &Run::label),
        {{"groups"}, &Replay::groups},
        {{"groups_late", "groups late", Show::kCount}, &Replay::groups_late},
        of_run("miss_limit", &Run::miss_limit),
        {{"violated_strict"}, [](const Replay& r) { return r.violated_strict ? 1 : 0; }}};
    return columns;
}

}  // namespace

Records replay_records(std::span<const db::RunResult> replays) {
    return records_of(replay_columns(), replays);
}

Document document_of(std::span<const db::RunResult> replays) {
    const db::RunRow& run = replays.front().run;
    Document document{.title = fmt::format("Replay of trace \"{}\"", run.trace.value_or(""))};
    Section facts;
    add_fact(facts, "profile", run.profile);
    add_fact(facts, "environment", run.environment);
    add_fact(facts, "objective", objective_text(run.objective));
    add_fact(facts, "deadline", run.deadline_s, Show::kDuration);
    add_fact(facts, "least acc.", run.accuracy_goal, Show::kAccuracy);
    add_fact(facts, "most energy", run.energy_goal_j, Show::kEnergy);
    add_fact(facts, "period", run.period_s, Show::kDuration);
    add_fact(facts, "inputs", replays.front().inputs, Show::kCount);
    if (replays.front().groups) {
        add_fact(facts, "groups",
                 format_count(*replays.front().groups) + ", which share deadline and period");
    }
    add_fact(facts, "energy from", source_text(run.energy_source));
    Section section{.table = replay_records(replays)};
    mark_modelled(section, run.energy_source);
    if (std::any_of(replays.begin(), replays.end(),
                    [](const auto& r) { return r.violated != r.violated_strict; })) {
        section.footnotes.emplace_back("at 1 %: if no more than 1 % may miss the deadline");
    }
    document.sections = {std::move(facts), std::move(section)};
    return document;
}

}  // namespace alert::cli
