#include "cli/jobs/run_job.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "alert/error.h"
#include "cli/jobs/co_runners.h"
#include "cli/jobs/origin.h"
#include "cli/jobs/settings.h"
#include "cli/jobs/stored_description.h"
#include "cli/jobs/to_run_input.h"
#include "cli/jobs/use_knob.h"
#include "cli/text/format.h"
#include "cli/text/naming.h"
#include "cli/text/units.h"
#include "core/evaluation/schemes.h"
#include "profiler/file_hash.h"
#include "profiler/warm_up.h"

namespace alert::cli {

namespace {

constexpr std::size_t kDefaultInputs = 1000;

// Caches and clocks cool down over some milliseconds: a rest several times as long or as short as
// the profile's means other latencies, unless both are shorter than that.
constexpr double kOtherRest = 4, kShortRest_s = 2e-3;

/// `rest_s`: mean idle time between the inputs of a run.
std::optional<std::string> other_rest(double rest_s, const db::ProfileRow& profile) {
    const auto [shorter_s, longer_s] = std::minmax(rest_s, profile.rest_s);
    if (longer_s <= kOtherRest * std::max(shorter_s, kShortRest_s)) {
        return std::nullopt;
    }
    return fmt::format(
        "networks idled {} between inputs, {} when profile '{}' was measured: xi includes the "
        "difference; profile with --rest {}",
        format_duration(rest_s), format_duration(profile.rest_s), profile.label,
        flag_text(std::round(rest_s * 1e3) / 1e3, Dimension::kIdleTime));
}

}  // namespace

RunJob::RunJob(const RunRequest& request, Status& status, const std::atomic<bool>& stop)
    : request_(request),
      goal_(goal_of(request)),
      store_(request.store, db::Store::Mode::kExisting) {
    check_scheme(request_.scheme);
    profile_row_ = profile_for(store_, request_.profile, status);
    profile_ = store_.load_profile(profile_row_.label);
    require_energy(goal_, profile_row_);
    if (goal_.objective == Objective::kMinimiseEnergy && !profile_row_.energy_source) {
        status.note("no energy source: minimising the time of inference instead of energy");
    }
    const Workload workload{
        .goal = goal_, .period_s = *goal_.period_s, .window = static_cast<int>(request_.window)};
    scheme_ = naming("--scheme", [&] {
        return make_scheme(request_.scheme, profile_, estimator_of(request_.estimator), workload,
                           nullptr);
    });
    needed_.assign(profile_.models.size(), false);
    for (const std::size_t c : configurations_for(request_.scheme, profile_)) {
        needed_[profile_.configurations[c].model] = true;
    }
    find_data(status, stop);
    load_networks(status, stop);
    check_machine(status);
    inputs_ = request_.inputs ? static_cast<std::size_t>(*request_.inputs)
                              : std::min(kDefaultInputs, loaded_.data.size);
    if (shares_deadline(request_, !loaded_.data.groups.empty(), "--data " + request_.data)) {
        groups_ = Groups(group_sizes(loaded_.data, inputs_));
    }
    request_.environment =
        naming("--environment", [&] { return stored_spec(request_.environment, request_.seed); });
    schedule_ = Schedule::parse(request_.environment, inputs_);
    open_platform_of_profile();
    store_ = db::Store(request_.store);  // from here on for writing
    warm_up(status, stop);
    if (!schedule_->used().empty()) {
        co_runner_.emplace();
        calibrate(*co_runner_, *schedule_, status, run_.warnings, stop);
    }
    describe();
}

// Unless --data names the file, it must be the one that the accuracies of the profile were measured
// on.
void RunJob::find_data(Status& status, const std::atomic<bool>& stop) {
    const bool asked = !request_.data.empty();
    const auto file =
        asked ? data_file(request_.data) : std::filesystem::path(profile_row_.data_file);
    if (std::error_code ignored; !asked && !std::filesystem::exists(file, ignored)) {
        throw RequestError(fmt::format(
            "--profile {}: its data {} no longer exists; put it back, or name it with --data",
            profile_row_.label, file.string()));
    }
    request_.data = file.string();
    run_.data_hash = data_hash_of(request_.data, status, stop);
    if (!asked && run_.data_hash != profile_row_.data_hash) {
        throw RequestError(fmt::format(
            "--profile {}: the content of its data {} has changed since it was measured; put the "
            "old file back, profile again under another --label, or use this one with --data",
            profile_row_.label, request_.data));
    }
}

void RunJob::check_machine(Status& status) {
    run_.machine = this_machine(loaded_.engine->version());
    const std::string what = fmt::format("profile '{}'", profile_row_.label);
    for (const std::string& warning : machine_warnings(what, profile_row_.machine, run_.machine)) {
        run_.warnings.push_back(warning);
        status.warn(warning);
    }
}

void RunJob::load_networks(Status& status, const std::atomic<bool>& stop) {
    for (std::size_t i = 0; i < profile_.models.size(); ++i) {
        const db::ModelRow& model = profile_row_.models[i];
        if (!needed_[i]) {
            continue;
        }
        std::error_code ignored;
        if (!std::filesystem::exists(model.file, ignored)) {
            throw RequestError(fmt::format(
                "--profile {}: its network {} no longer exists; put it back, or profile again",
                profile_row_.label, model.file));
        }
        if (hash_of(model.file) != model.file_hash) {
            throw RequestError(fmt::format(
                "--profile {}: {} is not the network that was measured; profile it under another "
                "--label",
                profile_row_.label, model.file));
        }
        models_.push_back({.name = model.name,
                           .title = model.title,
                           .file = model.file,
                           .hash = model.file_hash});
    }
    FamilyRequest family;
    family.models = models_;
    family.data = request_.data;
    family.options.device = profile_row_.device;
    family.options.threads = profile_row_.threads;
    family.options.threads_change = joins_threads(profile_row_.power_spec);
    family.top = profile_row_.top;
    family.models_from = fmt::format("--profile {}:", profile_row_.label);
    family.known.emplace(KnownForms{profile_row_.machine, profile_row_.models});
    loaded_ = load_family(family, status, stop);
    run_.warnings = loaded_.warnings;
    std::vector<std::unique_ptr<Network>> networks(profile_.models.size());
    for (std::size_t i = 0, loaded = 0; i < networks.size(); ++i) {
        if (needed_[i]) {
            networks[i] = std::move(loaded_.networks[loaded++]);
        }
    }
    loaded_.networks = std::move(networks);
}

void RunJob::open_platform_of_profile() {
    const std::string names = fmt::format("{}", fmt::join(profile_.settings, ","));
    try {
        platform_ = open_platform(profile_row_.power_spec,
                                  dimension_of(names) ? parse_settings(names) : std::nullopt,
                                  profile_row_.device, loaded_.engine.get());
    } catch (const RequestError& error) {  // names flags that were given to `profile`
        throw RequestError(
            fmt::format("--profile {}: made with {}", profile_row_.label, error.what()));
    }
    if (platform_.description_json != profile_row_.platform_json) {
        throw RequestError(fmt::format(
            "--profile {}: the platform {} is not what it was when this was measured; profile "
            "under another --label",
            profile_row_.label, profile_row_.power_spec));
    }
    for (const std::string& name : profile_.settings) {
        const auto offered = platform_.knob->settings();
        const auto found = std::find_if(offered.begin(), offered.end(),
                                        [&](const auto& setting) { return setting.name == name; });
        if (found == offered.end()) {
            throw RequestError(fmt::format("--profile {}: {} no longer offers {}",
                                           profile_row_.label, profile_row_.power_spec, name));
        }
        settings_.push_back(static_cast<std::size_t>(found - offered.begin()));
    }
}

void RunJob::warm_up(Status& status, const std::atomic<bool>& stop) {
    const WarmUpWatch watch = warm_up_progress(status, models_);
    std::size_t done = 0;
    for (const auto& network : loaded_.networks) {
        if (network) {
            watch(done++);
            alert::warm_up(*network, 0, stop);
        }
    }
}

void RunJob::describe() {
    run_.label = request_.label;
    run_.created_at = utc_now();
    run_.profile = profile_row_.label;
    run_.scheme = request_.scheme;
    run_.estimator = request_.estimator.name;
    run_.objective = objective_of(goal_);
    run_.deadline_s = goal_.deadline_s;
    run_.accuracy_goal = goal_.accuracy;
    run_.energy_goal_j = goal_.energy_j;
    run_.period_s = goal_.period_s;
    run_.confidence = request_.confidence;
    run_.miss_limit = request_.miss_limit;
    run_.window = static_cast<int>(request_.window);
    run_.paced = request_.paced;
    run_.shared = groups_.shared();
    run_.seed = static_cast<std::uint64_t>(request_.seed);
    run_.environment = request_.environment;
    run_.data_file = request_.data;
    run_.inputs_planned = static_cast<std::int64_t>(inputs_);
    if (platform_.meter) {
        run_.energy_source = platform_.meter->source();
    }
    run_.energy_resolution_s = energy_resolution_s(platform_);
}

db::RunInput RunJob::run_input_of(const InputRecord& record) const {
    db::RunInput input = to_run_input(record, profile_, goal_);
    input.n = record.n;
    input.energy_j = record.energy_j;
    input.decision_s = record.decision_s;
    input.environment = to_string(environment_of(static_cast<std::size_t>(record.n)));
    return input;
}

// The environment does not change within a group that shares a deadline.
Environment RunJob::environment_of(std::size_t n) const {
    return schedule_->at(n - place_of(n).position);
}

GroupPlace RunJob::place_of(std::size_t n) const {
    return groups_.at(n, inputs_);
}

bool RunJob::execute(const RunRecorder::Print& print, Status& status, std::atomic<bool>& stop) {
    run_ = store_.add_run(run_);
    RunLoop loop(profile_, loaded_.networks, settings_, loaded_.data, platform_, *scheme_,
                 {.goal = goal_,
                  .inputs = inputs_,
                  .period_s = *goal_.period_s,
                  .groups = groups_,
                  .paced = request_.paced,
                  .window = static_cast<int>(request_.window)});
    bool finished = false;
    double busy_s = 0;
    std::size_t arrivals = 0;
    add_warning(crowding(profile_row_.threads), status, run_.warnings);
    try {
        RunRecorder recorder(
            {.store = request_.store, .run_id = run_.id, .inputs = inputs_, .print = print}, status,
            [this](const InputRecord& record) { return run_input_of(record); }, stop);
        use_knob(*platform_.knob, status, run_.warnings, [&] {
            loop.run(
                [&](const InputRecord& record) {
                    busy_s += record.latency_s.value_or(0);
                    arrivals += place_of(static_cast<std::size_t>(record.n)).first() ? 1 : 0;
                    recorder.push(record);
                },
                [&](std::size_t n) {
                    if (co_runner_) {
                        co_runner_->switch_to(environment_of(n));
                    }
                },
                stop);
            co_runner_.reset();
            finished = recorder.finish() == inputs_;
        });
        if (finished) {
            const double idle_s = *goal_.period_s - busy_s / static_cast<double>(arrivals);
            add_warning(other_rest(run_.paced ? std::max(0.0, idle_s) : 0, profile_row_), status,
                        run_.warnings);
        }
        end_run(finished);
    } catch (...) {
        end_failed_run();
        throw;
    }
    return finished;
}

// Stores the figures as well, computed from the inputs that the recorder has stored.
void RunJob::end_run(bool finished) {
    if (finished) {
        store_.finish_run(run_.id, run_.warnings);
    } else {
        store_.interrupt_run(run_.id, run_.warnings);
    }
}

// The recorder has stored what it could. What ended the run is told, not that this failed as well:
// figures that are not stored are computed by whoever reads the run.
void RunJob::end_failed_run() {
    try {
        store_.interrupt_run(run_.id, run_.warnings);
    } catch (const std::exception&) {
    }
}

}  // namespace alert::cli
