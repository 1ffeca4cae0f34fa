#include "cli/jobs/replay_job.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "alert/error.h"
#include "cli/jobs/find_by_label.h"
#include "cli/jobs/grid_file.h"
#include "cli/jobs/origin.h"
#include "cli/jobs/stored_description.h"
#include "cli/jobs/to_run_input.h"
#include "cli/jobs/work_queue.h"
#include "cli/text/format.h"
#include "cli/text/naming.h"
#include "core/evaluation/grid.h"
#include "core/evaluation/schemes.h"
#include "profiler/memory.h"
#include "profiler/workload/schedule.h"

namespace alert::cli {

namespace {

/// Thrown to abandon a replay.
struct Stopped {};

/// A different machine, platform or task behind the same names would look like a slowdown.
void check_conditions(const db::TraceRow& trace, const db::ProfileRow& profile) {
    const auto check = [&](std::string_view what, const auto& traced, const auto& profiled) {
        if (traced != profiled) {
            throw RequestError(fmt::format(
                "--trace {}: recorded with {} {}, profile '{}' with {}; use the same for both",
                trace.label, what, traced, profile.label, profiled));
        }
    };
    check("--device", trace.device, profile.device);
    check("--threads", trace.threads, profile.threads);
    check("top =", trace.top, profile.top);
    check("a fail_accuracy of", trace.fail_accuracy, profile.fail_accuracy);
    if (trace.platform_json != profile.platform_json) {
        throw RequestError(fmt::format(
            "--trace {}: recorded under another description of {} than profile '{}'; use the same "
            "for both",
            trace.label, trace.power_spec, profile.label));
    }
}

/// Other data is allowed, such as inputs that the accuracies were not measured on, but not a file
/// that has changed under the same name.
std::optional<std::string> other_data(const db::TraceRow& trace, const db::ProfileRow& profile) {
    if (trace.data_hash == profile.data_hash) {
        return std::nullopt;
    }
    if (trace.data_file == profile.data_file) {
        throw RequestError(fmt::format(
            "--trace {}: the content of {} was not the same when profile '{}' was measured on it; "
            "use the same data for both",
            trace.label, trace.data_file, profile.label));
    }
    return fmt::format(
        "trace '{}' was recorded on other data ({}) than profile '{}' was measured on ({}): the "
        "accuracies that schemes decide by are those of the latter",
        trace.label, trace.data_file, profile.label, profile.data_file);
}

/// A trace and a profile are matched by names; the networks behind them must be the same.
void check_networks(const db::TraceRow& trace, const db::ProfileRow& profile) {
    for (const db::ModelRow& profiled : profile.models) {
        const auto traced =
            std::find_if(trace.models.begin(), trace.models.end(),
                         [&](const db::ModelRow& model) { return model.name == profiled.name; });
        if (traced != trace.models.end() && traced->file_hash != profiled.file_hash) {
            throw RequestError(
                fmt::format("--trace {}: its network {} is not the one that profile '{}' measured; "
                            "use the same files for both",
                            trace.label, profiled.name, profile.label));
        }
    }
}

}  // namespace

ReplayJob::ReplayJob(const ReplayRequest& request, Status& status)
    : request_(request),
      estimator_(estimator_of(request.estimator)),
      store_(request.store, db::Store::Mode::kRead),
      created_at_(utc_now()) {
    load(status);
    choose_schemes(status);
    set_workloads();
    const bool least_energy = std::any_of(
        workloads_.begin(), workloads_.end(),
        [](const Workload& w) { return objective_of(w.goal) == Objective::kMinimiseEnergy; });
    if (least_energy && !trace_.has_power) {
        status.note("no energy source: minimising the time of inference instead of energy");
    }
}

void ReplayJob::load(Status& status) {
    profile_row_ = profile_for(store_, request_.profile, status);
    profile_ = store_.load_profile(profile_row_.label);
    trace_row_ = find_by_label(store_.traces(), "trace", request_.trace);
    check_networks(trace_row_, profile_row_);
    check_conditions(trace_row_, profile_row_);
    warnings_ = machine_warnings(fmt::format("profile '{}'", profile_row_.label),
                                 profile_row_.machine, trace_row_.machine);
    if (const auto warning = other_data(trace_row_, profile_row_)) {
        warnings_.push_back(*warning);
    }
    for (const std::string& warning : warnings_) {
        status.warn(warning);
    }
    warnings_.insert(warnings_.begin(), trace_row_.warnings.begin(), trace_row_.warnings.end());
    trace_ = store_.load_trace(trace_row_.label, profile_);
    if (profile_row_.energy_source && !trace_.has_power) {
        throw RequestError(fmt::format(
            "--trace {}: it has no power measurements, but profile '{}' has; record it with the "
            "same --power",
            trace_row_.label, profile_row_.label));
    }
    if (!trace_row_.complete) {
        status.warn(fmt::format(
            "trace '{}' is incomplete: {} of {} inputs; resume it with `alert trace --label {}`",
            trace_row_.label, trace_.inputs, trace_row_.inputs, trace_row_.label));
    }
}

void ReplayJob::choose_schemes(Status& status) {
    std::vector<std::string> chosen;
    const auto add = [&](const std::string& scheme) {
        if (std::find(chosen.begin(), chosen.end(), scheme) == chosen.end()) {
            chosen.push_back(scheme);
        }
    };
    for (const std::string& asked : request_.schemes) {
        check_scheme(asked, {"all"});
        if (asked != "all") {
            naming("--scheme",
                   [&] { configurations_for(asked, profile_); });  // throws if there is none
            add(asked);
            continue;
        }
        for (const std::string_view scheme : scheme_names()) {
            try {
                naming("--scheme", [&] { configurations_for(scheme, profile_); });
                add(std::string(scheme));
            } catch (const RequestError& error) {
                status.note(fmt::format("skipped: {}", error.what()));
            }
        }
    }
    request_.schemes = std::move(chosen);
}

void ReplayJob::set_workloads() {
    const auto inputs =
        request_.inputs ? static_cast<std::size_t>(*request_.inputs) : trace_.inputs;
    const auto window = static_cast<int>(request_.window);
    const bool shared =
        shares_deadline(request_, trace_.groups.shared(), "trace " + trace_row_.label);
    check_confidence(request_.confidence);
    if (request_.grid == "paper") {
        workloads_ = naming("--grid paper:", [&] {
            return paper_grid(profile_, trace_row_.idle_power_w.value_or(0), inputs, window,
                              shared ? trace_.groups.mean_size() : 1);
        });
        for (Workload& workload : workloads_) {
            workload.shared = shared;
            workload.goal.confidence = request_.confidence;
            workload.miss_limit = request_.miss_limit;
        }
        return;
    }
    std::vector<GoalRequest> settings = {request_};
    if (!request_.grid.empty()) {
        settings = naming("--grid", [&] { return read_grid(request_.grid); });
    }
    for (GoalRequest& setting : settings) {
        setting.confidence = request_.confidence;
        const Goal goal = goal_of(setting);
        require_energy(goal, profile_row_);
        workloads_.push_back({.goal = goal,
                              .inputs = inputs,
                              .period_s = *goal.period_s,
                              .window = window,
                              .shared = shared,
                              .miss_limit = request_.miss_limit});
    }
}

ReplayJob::Played ReplayJob::play(const Workload& workload, const std::string& scheme,
                                  const std::atomic<bool>& stop) const {
    const auto player = make_scheme(scheme, profile_, estimator_, workload, &trace_);
    Played played;
    played.inputs.reserve(workload.inputs);
    replay(profile_, trace_, workload, *player, [&](const PlayedInput& input) {
        if (stop) {
            throw Stopped{};
        }
        played.inputs.push_back(input);
    });
    played.figures =
        figures_of(played.inputs, workload.goal, profile_.fail_accuracy, workload.miss_limit);
    if (!request_.keep_inputs) {
        played.inputs = {};
    }
    return played;
}

// A replay holds its inputs until it is done; with --keep-inputs, until all are done.
void ReplayJob::require_memory() const {
    const auto replays = static_cast<double>(workloads_.size() * request_.schemes.size());
    const auto at_once =
        request_.keep_inputs ? replays : std::min(replays, static_cast<double>(worker_threads()));
    const double needed =
        at_once * static_cast<double>(workloads_.front().inputs) * sizeof(PlayedInput);
    if (const auto left = memory_short_of(needed)) {
        throw RequestError(fmt::format(
            "--inputs {}: that many in {:.0f} replays at once need {} of memory, and {} is left "
            "({}); use fewer",
            workloads_.front().inputs, at_once, format_bytes(static_cast<std::int64_t>(needed)),
            format_bytes(left->bytes), left->file));
    }
}

std::vector<db::RunResult> ReplayJob::execute(Status& status, const std::atomic<bool>& stop) {
    require_memory();
    const std::size_t schemes = request_.schemes.size();
    std::vector<Played> played(workloads_.size() * schemes);
    {
        Progress progress(status, "replay");
        const auto all = static_cast<double>(played.size());
        try {
            const bool complete = work_on_all_cores(
                played.size(),
                [&](std::size_t i) {
                    played[i] = play(workloads_[i / schemes], request_.schemes[i % schemes], stop);
                },
                [&](std::size_t done) { progress.update(static_cast<double>(done) / all); }, stop);
            if (!complete) {
                return {};
            }
        } catch (const Stopped&) {
            return {};
        }
    }
    std::vector<db::RunResult> rows;
    for (std::size_t i = 0; i < played.size(); ++i) {
        rows.push_back(
            row_of(workloads_[i / schemes], request_.schemes[i % schemes], played[i].figures));
    }
    store_ = db::Store(request_.store);
    const std::vector<std::int64_t> ids = store_.add_replays(rows);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        rows[i].run.id = ids[i];
        if (request_.keep_inputs) {
            store_inputs(ids[i], workloads_[i / schemes].goal, std::exchange(played[i].inputs, {}));
        }
    }
    return rows;
}

db::RunResult ReplayJob::row_of(const Workload& workload, const std::string& scheme,
                                const RunFigures& figures) const {
    db::RunResult row;
    static_cast<RunFigures&>(row) = figures;
    row.run = {.label = request_.label,
               .created_at = created_at_,
               .profile = profile_row_.label,
               .scheme = scheme,
               .estimator = request_.estimator.name,
               .objective = objective_of(workload.goal),
               .deadline_s = workload.goal.deadline_s,
               .accuracy_goal = workload.goal.accuracy,
               .energy_goal_j = workload.goal.energy_j,
               .period_s = workload.period_s,
               .confidence = request_.confidence,
               .miss_limit = workload.miss_limit,
               .window = workload.window,
               .shared = workload.shared,
               .seed = trace_row_.seed,
               .kind = "replay",
               .trace = trace_row_.label,
               .environment = trace_row_.environment,
               .energy_source = trace_.has_power ? trace_row_.energy_source : std::nullopt,
               .data_file = trace_row_.data_file,
               .data_hash = trace_row_.data_hash,
               .machine = trace_row_.machine,
               .inputs_planned = static_cast<std::int64_t>(workload.inputs),
               .finished = true,
               .warnings = warnings_};
    return row;
}

void ReplayJob::store_inputs(std::int64_t run, const Goal& goal,
                             const std::vector<PlayedInput>& inputs) {
    std::vector<db::RunInput> rows;
    for (const PlayedInput& input : inputs) {
        db::RunInput& row = rows.emplace_back(to_run_input(input, profile_, goal));
        row.n = std::ssize(rows) - 1;
        row.energy_j = input.energy_j;
        const std::size_t n = static_cast<std::size_t>(row.n) % trace_.inputs;
        row.environment = to_string(static_cast<Environment>(trace_.environment[n]));
    }
    store_.add_inputs(run, rows);
}

}  // namespace alert::cli
