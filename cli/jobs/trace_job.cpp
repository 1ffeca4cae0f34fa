#include "cli/jobs/trace_job.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "alert/error.h"
#include "cli/jobs/co_runners.h"
#include "cli/jobs/origin.h"
#include "cli/jobs/settings.h"
#include "cli/jobs/stored_description.h"
#include "cli/jobs/use_knob.h"
#include "cli/text/format.h"
#include "cli/text/naming.h"
#include "cli/text/units.h"
#include "profiler/busy.h"
#include "profiler/clock.h"
#include "profiler/inference.h"
#include "profiler/sweep.h"

namespace alert::cli {

namespace {

constexpr std::int64_t kDefaultInputs = 1000;
// At most this much of a recording is lost in a kill.
constexpr double kFlush_s = 0.5;

template <class Rows>
std::string names_of(const Rows& rows) {
    std::vector<std::string> names;
    names.reserve(rows.size());
    for (const auto& row : rows) {
        names.push_back(row.name);
    }
    return fmt::format("{}", fmt::join(names, ","));
}

std::string name_of(const db::TraceRow& trace) {
    return fmt::format("trace '{}'", trace.label);
}

/// The share of the processor that others used while no co-runner of ours was running.
class QuietWatch {
   public:
    void resume() {
        if (!busy_) {
            busy_.emplace();
            since_s_ = now_s();
        }
    }

    void pause() {
        if (busy_) {
            const double span_s = now_s() - since_s_;
            taken_s_ += busy_->share() * span_s;
            watched_s_ += span_s;
            busy_.reset();
        }
    }

    double share() {
        pause();
        return watched_s_ > 0 ? taken_s_ / watched_s_ : 0;
    }

   private:
    std::optional<OthersBusy> busy_;
    double since_s_ = 0, taken_s_ = 0, watched_s_ = 0;
};

}  // namespace

TraceJob::TraceJob(const TraceRequest& request, bool dry_run, Status& status,
                   const std::atomic<bool>& stop)
    : family_(naming("--models", [&] { return find_family(request.models); })),
      store_(store_if_there(request.store, dry_run)) {
    if (store_ && !request.fresh) {
        stored_ = store_->find_trace(request.label);
    }
    describe(request, status, stop);
    loaded_ = load_described(family_, request, trace_, stored(), status, stop);
    trace_.warnings = loaded_.warnings;
    open_platform_for(request);
    if (!platform_.why.empty()) {
        status.note(platform_.why);
    }
    describe_family(family_, loaded_, trace_);
    count_inputs(request);
    add_models();
    add_settings();
    if (stored_) {
        check_stored();
        recorded_ = store_->trace_inputs(stored_->label);
        status.note(fmt::format("trace '{}': {} of {} inputs were recorded already", trace_.label,
                                recorded_, trace_.inputs));
    }
    schedule_ = Schedule::parse(trace_.environment, static_cast<std::size_t>(trace_.inputs));
    recorder_.emplace(loaded_.networks, loaded_.data, platform_, *schedule_,
                      RecorderOptions{.inputs = static_cast<std::size_t>(trace_.inputs),
                                      .first = static_cast<std::size_t>(recorded_),
                                      .rest_s = trace_.rest_s});
    if (recorded_ == trace_.inputs) {
        trace_ = *stored_;
        return;
    }
    prepare_co_runner(dry_run, status, stop);
    if (!dry_run) {
        store_.emplace(request.store);  // nothing is written before everything was checked
        store_description(request.fresh, status);
    }
    recorder_->warm_up(warm_up_progress(status, family_.models), stop);
}

void TraceJob::describe(const TraceRequest& request, Status& status,
                        const std::atomic<bool>& stop) {
    check_threads(power_spec(request.power, stored()), request.threads);
    trace_.label = request.label;
    trace_.created_at = utc_now();
    trace_.task = family_.task;
    trace_.data_file = request.data.string();
    trace_.data_hash = data_hash_of(request.data, status, stop);
    if (stored_) {
        require_same_machine(name_of(*stored_), stored_->machine, this_machine());
        require_same_data(name_of(*stored_), stored_->data_file, stored_->data_hash, request.data,
                          trace_.data_hash);
    }
    trace_.models_path = request.models.front().string();
    trace_.device = request.device;
    trace_.threads = static_cast<int>(request.threads.value_or(stored_ ? stored_->threads : 1));
    trace_.seed = request.seed          ? static_cast<std::uint64_t>(*request.seed)
                  : stored_.has_value() ? stored_->seed
                                        : 0;
    trace_.rest_s = request.rest_s.value_or(stored_ ? stored_->rest_s : kDefaultRest_s);
    trace_.environment =
        request.environment.empty()
            ? (stored_ ? stored_->environment : "default")
            : naming("--environment", [&] {
                  return stored_spec(request.environment, static_cast<std::int64_t>(trace_.seed));
              });
}

void TraceJob::open_platform_for(const TraceRequest& request) {
    std::optional<SettingsSelection> settings = request.settings;
    if (stored_) {
        const std::string names = names_of(stored_->settings);
        if (!settings && dimension_of(names)) {
            settings = parse_settings(names);
        }
    }
    platform_ = open_platform(power_spec(request.power, stored()), settings, trace_.device,
                              loaded_.engine.get());
    describe_platform(platform_, trace_);
}

void TraceJob::count_inputs(const TraceRequest& request) {
    const auto available = static_cast<std::int64_t>(loaded_.data.size);
    trace_.inputs =
        request.inputs.value_or(stored_ ? stored_->inputs : std::min(kDefaultInputs, available));
    trace_.groups = group_sizes(loaded_.data, static_cast<std::size_t>(trace_.inputs));
}

void TraceJob::add_models() {
    for (std::size_t i = 0; i < family_.models.size(); ++i) {
        trace_.models.push_back(model_record(family_.models[i], loaded_, i, i));
    }
}

void TraceJob::add_settings() {
    const auto settings = platform_.knob->settings();
    const auto sampled = sampled_settings(settings);
    for (std::size_t i = 0; i < settings.size(); ++i) {
        const bool own = std::find(sampled.begin(), sampled.end(), i) != sampled.end();
        trace_.settings.push_back(
            setting_record(settings[i], i, own ? nullptr : &settings[sampled.back()]));
    }
}

// A trace is one experiment, so it must be resumed as it was begun.
void TraceJob::check_stored() const {
    require_same_libtorch(name_of(*stored_), stored_->machine, trace_.machine);
    const auto check = [&](std::string_view what, const auto& is, const auto& was) {
        if (is != was) {
            throw RequestError(fmt::format(
                "trace '{}' was recorded with {} {}; name another --label, or start over with "
                "--fresh",
                stored_->label, what, was));
        }
    };
    check("--device", trace_.device, stored_->device);
    check("--threads", trace_.threads, stored_->threads);
    check("--inputs", trace_.inputs, stored_->inputs);
    check("--environment", trace_.environment, stored_->environment);
    check("--seed", trace_.seed, stored_->seed);
    check("--rest", format_duration(trace_.rest_s), format_duration(stored_->rest_s));
    check("--power", trace_.power_spec, stored_->power_spec);
    check("another description of the platform", trace_.platform_json, stored_->platform_json);
    check("--settings", names_of(trace_.settings), names_of(stored_->settings));
    check("--models", names_of(trace_.models), names_of(stored_->models));
    for (std::size_t i = 0; i < trace_.models.size(); ++i) {
        if (trace_.models[i].file_hash != stored_->models[i].file_hash) {
            throw RequestError(fmt::format(
                "{} is not the network that trace '{}' ran; name another --label, or start over "
                "with --fresh",
                trace_.models[i].file, stored_->label));
        }
    }
}

void TraceJob::prepare_co_runner(bool dry_run, Status& status, const std::atomic<bool>& stop) {
    if (schedule_->used().empty()) {
        return;
    }
    co_runner_.emplace();
    if (dry_run) {
        return;
    }
    if (stored_) {  // the same workers as before
        for (const Environment environment : schedule_->used()) {
            for (const db::TraceContention& known : stored_->contention) {
                if (known.environment == to_string(environment)) {
                    co_runner_->use(environment, known.workers);
                }
            }
        }
        return;
    }
    for (const Contention& found :
         calibrate(*co_runner_, *schedule_, status, trace_.warnings, stop)) {
        trace_.contention.push_back({.environment = std::string(to_string(found.environment)),
                                     .workers = found.workers,
                                     .slowdown = found.slowdown});
    }
}

void TraceJob::store_description(bool fresh, Status& status) {
    if (stored_) {
        trace_ = *stored_;
        for (const std::string& warning : loaded_.warnings) {
            if (std::find(trace_.warnings.begin(), trace_.warnings.end(), warning) ==
                trace_.warnings.end()) {
                trace_.warnings.push_back(warning);
            }
        }
        return;
    }
    if (fresh && store_->find_trace(trace_.label)) {
        status.note(fmt::format("the earlier trace was renamed to '{}'",
                                store_->retire_trace(trace_.label)));
    }
    trace_ = store_->add_trace(trace_);
}

std::vector<PlannedEnvironment> TraceJob::plan() const {
    std::vector<PlannedEnvironment> plan;
    for (const Environment environment :
         {Environment::kDefault, Environment::kCompute, Environment::kMemory}) {
        PlannedEnvironment& planned = plan.emplace_back();
        planned.environment = environment;
        for (std::int64_t n = 0; n < trace_.inputs; ++n) {
            if (schedule_->at(static_cast<std::size_t>(n)) == environment) {
                ++planned.inputs;
                planned.stored += n < recorded_ ? 1 : 0;
            }
        }
        planned.time_s = recorder_->seconds_left(environment);
        if (planned.inputs == 0) {
            plan.pop_back();
        }
    }
    return plan;
}

std::vector<db::TraceSample> TraceJob::samples_of(std::size_t n,
                                                  std::span<const RecordedOutput> outputs) const {
    std::vector<db::TraceSample> samples;
    for (const RecordedOutput& recorded : outputs) {
        samples.push_back({.model_id = trace_.models[recorded.model].id,
                           .setting_id = trace_.settings[recorded.setting].id,
                           .n = static_cast<std::int64_t>(n),
                           .stage = recorded.output.stage,
                           .latency_s = recorded.output.latency_s,
                           .power_w = recorded.output.power_w,
                           .idle_power_w = recorded.idle_power_w,
                           .correct = recorded.output.correct,
                           .environment = std::string(to_string(schedule_->at(n)))});
    }
    return samples;
}

bool TraceJob::record(Status& status, const std::atomic<bool>& stop) {
    if (recorded_ == trace_.inputs) {
        finish();  // in case it was killed just after the last input
        return true;
    }
    std::vector<db::TraceSample> pending;
    double flushed_s = now_s();
    const auto flush = [&] {
        store_->add_trace_samples(pending);
        pending.clear();
        flushed_s = now_s();
    };
    const auto sink = [&](std::size_t n, std::span<const RecordedOutput> outputs) {
        const auto samples = samples_of(n, outputs);
        pending.insert(pending.end(), samples.begin(), samples.end());
        if (now_s() - flushed_s > kFlush_s) {
            flush();
        }
    };
    QuietWatch quiet;
    const auto switch_to = [&](Environment environment) {
        if (environment != Environment::kDefault) {
            quiet.pause();
        }
        if (co_runner_) {
            co_runner_->switch_to(environment);
        }
        if (environment == Environment::kDefault) {
            quiet.resume();
        }
    };
    bool finished = false;
    add_warning(crowding(trace_.threads), status, trace_.warnings);
    use_knob(*platform_.knob, status, trace_.warnings, [&] {
        try {
            Progress progress(status, "recording");
            const auto watch = [&](double fraction, double left_s) {
                progress.update(fraction, left_s);
            };
            finished = recorder_->run(sink, watch, switch_to, stop);
        } catch (...) {
            flush();  // what was recorded before the failure
            throw;
        }
        co_runner_.reset();
        flush();
    });
    if (finished) {
        add_warning(disturbance(quiet.share(), "record"), status, trace_.warnings);
        finish();
    }
    return finished;
}

void TraceJob::finish() {
    if (!trace_.complete) {
        trace_.complete = true;
        store_->update_trace(trace_);
    }
}

}  // namespace alert::cli
