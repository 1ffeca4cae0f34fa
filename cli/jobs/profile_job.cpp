#include "cli/jobs/profile_job.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

#include "alert/error.h"
#include "cli/jobs/origin.h"
#include "cli/jobs/settings.h"
#include "cli/jobs/stored_description.h"
#include "cli/jobs/sweep_warnings.h"
#include "cli/jobs/use_knob.h"
#include "cli/text/format.h"
#include "cli/text/naming.h"
#include "profiler/busy.h"
#include "profiler/clock.h"
#include "profiler/inference.h"

namespace alert::cli {

namespace {

constexpr std::int64_t kDefaultInputs = 1000;
constexpr double kDefaultPrecision = 0.05;
// At most this much of a sweep is lost in a kill.
constexpr double kFlush_s = 0.5;

template <class Rows>
auto find_named(Rows& rows, std::string_view name) {
    return std::find_if(rows.begin(), rows.end(),
                        [&](const auto& row) { return row.name == name; });
}

bool derives(const db::ProfileRow& profile) {
    return std::any_of(profile.settings.begin(), profile.settings.end(),
                       [](const auto& setting) { return !setting.sampled; });
}

std::string name_of(const db::ProfileRow& profile) {
    return fmt::format("profile '{}'", profile.label);
}

RequestError made_otherwise(const db::ProfileRow& stored, std::string_view what,
                            std::string_view was) {
    return RequestError(
        fmt::format("{} was measured with {} {}; name another --label, or start over with --fresh",
                    name_of(stored), what, was));
}

}  // namespace

ProfileJob::ProfileJob(const ProfileRequest& request, bool dry_run, Status& status,
                       const std::atomic<bool>& stop)
    : family_(naming("--models", [&] { return find_family(request.models); })),
      store_(store_if_there(request.store, dry_run)) {
    if (store_ && !request.fresh) {
        stored_ = store_->find_profile(request.label);
    }
    describe(request, status, stop);
    loaded_ = load_described(family_, request, profile_, stored(), status, stop);
    loaded_.data.perplexity = family_.perplexity.value_or(false);
    open_platform_for(request);
    if (!platform_.why.empty()) {
        status.note(platform_.why);
    }
    describe_family(family_, loaded_, profile_);
    if (stored_) {
        require_same_libtorch(name_of(*stored_), stored_->machine, profile_.machine);
    }
    const auto available = static_cast<std::int64_t>(loaded_.data.size);
    if (request.inputs.value_or(0) > available) {
        status.note(fmt::format("--inputs {}: the data holds only {}; each is answered once",
                                *request.inputs, available));
    }
    profile_.inputs =
        std::min(available, std::max(stored_ ? stored_->inputs : 0,
                                     request.inputs.value_or(stored_ ? 0 : kDefaultInputs)));
    add_models();
    add_settings();
    make_sweep(request);
    if (!dry_run) {
        store_.emplace(request.store);  // nothing is written before everything was checked
        if (request.fresh && store_->find_profile(request.label)) {
            status.note(fmt::format("the earlier profile was renamed to '{}'",
                                    store_->retire_profile(request.label)));
        }
        profile_.complete = false;  // until this sweep is done
        profile_ = stored_ ? store_->update_profile(profile_) : store_->add_profile(profile_);
    }
    resume_sweep(status);
    sweep_->warm_up(warm_up_progress(status, family_.models), stop);
}

void ProfileJob::describe(const ProfileRequest& request, Status& status,
                          const std::atomic<bool>& stop) {
    check_threads(power_spec(request.power, stored()), request.threads);
    if (stored_) {
        profile_ = *stored_;
        require_same_machine(name_of(*stored_), stored_->machine, this_machine());
        require_same_data(name_of(*stored_), stored_->data_file, stored_->data_hash, request.data,
                          data_hash_of(request.data, status, stop));
        if (profile_.device != request.device) {
            throw made_otherwise(*stored_, "--device", profile_.device);
        }
        if (request.threads.value_or(profile_.threads) != profile_.threads) {
            throw made_otherwise(*stored_, "--threads", std::to_string(profile_.threads));
        }
        if (request.rest_s.value_or(profile_.rest_s) != profile_.rest_s) {
            throw made_otherwise(*stored_, "--rest", format_duration(profile_.rest_s));
        }
        if (family_.top.value_or(1) != profile_.top) {
            throw made_otherwise(*stored_, "accuracy", fmt::format("top-{}", profile_.top));
        }
        if (derives(profile_) && request.precision == 0.0) {
            throw made_otherwise(*stored_, "a --precision that lets settings be derived:",
                                 format_probability(profile_.precision));
        }
    } else {
        profile_.label = request.label;
        profile_.created_at = utc_now();
        profile_.data_hash = data_hash_of(request.data, status, stop);
        profile_.device = request.device;
        profile_.threads = static_cast<int>(request.threads.value_or(1));
        profile_.rest_s = request.rest_s.value_or(kDefaultRest_s);
        profile_.task = family_.task;
        profile_.models_path = request.models.front().string();
    }
    profile_.data_file = request.data.string();  // where it was found last
    profile_.precision =
        request.precision.value_or(stored_ ? stored_->precision : kDefaultPrecision);
}

// The knob must offer the settings that are stored as well as those asked for.
void ProfileJob::open_platform_for(const ProfileRequest& request) {
    const std::string& spec = power_spec(request.power, stored());
    platform_ = open_platform(spec, request.settings, profile_.device, loaded_.engine.get());
    if (!stored_) {
        return;
    }
    if (platform_.knob->spec() != stored_->power_spec ||
        platform_.description_json != stored_->platform_json) {
        throw made_otherwise(*stored_, "--power", stored_->power_spec);
    }
    std::vector<std::string> names;
    for (const PowerSetting& setting : platform_.knob->settings()) {
        names.push_back(setting.name);
    }
    const std::size_t offered = names.size();
    for (const db::PowerSettingRow& setting : stored_->settings) {
        if (std::find(names.begin(), names.end(), setting.name) == names.end()) {
            names.push_back(setting.name);
        }
    }
    if (names.size() > offered) {
        platform_ = {};  // releases the knob before it is opened again
        platform_ = open_platform(spec, parse_settings(fmt::format("{}", fmt::join(names, ","))),
                                  profile_.device, loaded_.engine.get());
    }
}

void ProfileJob::add_models() {
    for (std::size_t i = 0; i < family_.models.size(); ++i) {
        const ModelFile& file = family_.models[i];
        const auto known = find_named(profile_.models, file.name);
        if (known == profile_.models.end()) {
            profile_.models.push_back(model_record(file, loaded_, i, profile_.models.size()));
        } else if (known->file_hash != file.hash) {
            throw RequestError(fmt::format(
                "{} is not the network that profile '{}' measured; name another --label, or start "
                "over with --fresh",
                file.file.string(), profile_.label));
        } else {
            known->file = file.file.string();  // where it was found last
        }
    }
}

void ProfileJob::add_settings() {
    const auto settings = platform_.knob->settings();
    const bool derive =
        settings.back().emulated &&
        (stored_ && stored_->settings.size() > 1 ? derives(*stored_) : profile_.precision > 0);
    // The sampled setting stays the one with which the profile was begun.
    std::string reference = settings.back().name;
    for (const auto& known : profile_.settings) {
        if (known.sampled) {
            reference = known.name;
        }
    }
    const auto at_reference = find_named(settings, reference);
    for (std::size_t i = 0; i < settings.size(); ++i) {
        const auto known = find_named(profile_.settings, settings[i].name);
        if (known != profile_.settings.end()) {
            known->position = static_cast<int>(i);
            continue;
        }
        const bool sampled = !derive || settings[i].name == reference;
        profile_.settings.push_back(
            setting_record(settings[i], i, sampled ? nullptr : &*at_reference));
    }
    describe_platform(platform_, profile_);
    profile_.energy_resolution_s = energy_resolution_s(platform_);
}

void ProfileJob::make_sweep(const ProfileRequest& request) {
    const auto settings = platform_.knob->settings();
    SweepOptions options{.inputs = static_cast<std::size_t>(profile_.inputs),
                         .precision = profile_.precision,
                         .derive = derives(profile_),
                         .rest_s = profile_.rest_s,
                         .warmup = static_cast<int>(request.warmup.value_or(0))};
    if (options.derive) {
        for (std::size_t i = 0; i < settings.size(); ++i) {
            if (setting_row(i).sampled) {
                options.first_setting = i;
            }
        }
    }
    sweep_.emplace(loaded_.networks, loaded_.data, platform_, options);
}

void ProfileJob::resume_sweep(Status& status) {
    if (!stored_) {
        return;
    }
    std::map<std::int64_t, std::size_t> models, settings;
    for (std::size_t i = 0; i < family_.models.size(); ++i) {
        models[model_row(i).id] = i;
    }
    for (std::size_t i = 0; i < platform_.knob->settings().size(); ++i) {
        settings[setting_row(i).id] = i;
    }
    std::vector<SweepSample> samples;
    for (const db::Sample& sample : store_->samples(stored_->id)) {
        const auto model = models.find(sample.model_id);
        const auto setting = settings.find(sample.setting_id);
        if (model != models.end() && setting != settings.end()) {
            samples.push_back({.model = model->second,
                               .setting = setting->second,
                               .round = sample.round,
                               .stage = sample.stage,
                               .latency_s = sample.latency_s});
        }
    }
    sweep_->resume(samples);
    const auto configurations = sweep_->status();
    const auto found = std::count_if(configurations.begin(), configurations.end(),
                                     [](const SweepStatus& s) { return s.samples > 0 && s.done; });
    status.note(
        fmt::format("profile '{}': {} of {} configurations were measured already and are skipped",
                    profile_.label, found, configurations.size()));
    for (const SweepStatus& s : configurations) {
        if (s.samples > 0) {
            status.detail(fmt::format("{} at {}: {} samples{}", family_.models[s.model].name,
                                      platform_.knob->settings()[s.setting].name, s.samples,
                                      s.done ? ", skipped" : ""));
        }
    }
}

const db::ModelRow& ProfileJob::model_row(std::size_t model) const {
    return *find_named(profile_.models, family_.models[model].name);
}

const db::PowerSettingRow& ProfileJob::setting_row(std::size_t setting) const {
    return *find_named(profile_.settings, platform_.knob->settings()[setting].name);
}

std::vector<PlannedConfiguration> ProfileJob::plan() const {
    std::vector<PlannedConfiguration> plan;
    const auto settings = platform_.knob->settings();
    for (const SweepStatus& s : sweep_->status()) {
        plan.push_back({.model = family_.models[s.model].name,
                        .stages = std::max(1, loaded_.networks[s.model]->stages()),
                        .setting = settings[s.setting].name,
                        .samples_stored = s.samples,
                        .action = s.done ? "stored" : "measure",
                        .time_s = sweep_->seconds_left(s.model, s.setting)});
    }
    if (const auto reference = sweep_->reference()) {
        const std::string action = "derive from " + settings[*reference].name;
        for (const PowerSetting& setting : settings) {
            if (setting.name != settings[*reference].name) {
                plan.push_back({.model = "all", .setting = setting.name, .action = action});
            }
        }
    }
    return plan;
}

bool ProfileJob::measure(Status& status, const std::atomic<bool>& stop) {
    std::vector<db::Sample> pending;
    double flushed_s = now_s();
    const auto flush = [&] {
        store_->add_samples(pending);
        pending.clear();
        flushed_s = now_s();
    };
    const auto sink = [&](std::span<const SweepSample> samples) {
        for (const SweepSample& s : samples) {
            pending.push_back({.model_id = model_row(s.model).id,
                               .setting_id = setting_row(s.setting).id,
                               .round = s.round,
                               .stage = s.stage,
                               .input = static_cast<std::int64_t>(s.input),
                               .latency_s = s.latency_s,
                               .latency_back_to_back_s = s.latency_back_to_back_s,
                               .power_w = s.power_w,
                               .idle_power_w = s.idle_power_w,
                               .correct = s.correct,
                               .log_loss = s.log_loss});
        }
        if (now_s() - flushed_s > kFlush_s) {
            flush();
        }
    };
    const OthersBusy busy;
    bool finished = false;
    std::vector<std::string> found;
    add_warning(crowding(profile_.threads), status, found);
    use_knob(*platform_.knob, status, found, [&] {
        try {
            Progress progress(status, "profiling");
            const auto watch = [&](double fraction, double left_s) {
                progress.update(fraction, left_s);
            };
            finished = sweep_->run(sink, watch, stop);
        } catch (...) {
            flush();  // what was measured before the failure
            throw;
        }
        flush();
    });
    if (finished) {
        profile_.complete = covers_all_models() || (stored_ && stored_->complete);
        add_warning(disturbance(busy.share(), "profile"), status, found);
        const auto name = [&](const SweepStatus& s) {
            return fmt::format("{} at {}", family_.models[s.model].name,
                               platform_.knob->settings()[s.setting].name);
        };
        for (const std::string& warning :
             sweep_warnings(sweep_->status(), profile_.precision, name)) {
            add_warning(warning, status, found);
        }
        profile_.warnings = loaded_.warnings;
        profile_.warnings.insert(profile_.warnings.end(), found.begin(), found.end());
        profile_ = store_->update_profile(profile_);
    }
    return finished;
}

bool ProfileJob::covers_all_models() const {
    return profile_.models.size() == family_.models.size();
}

}  // namespace alert::cli
