#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "alert/error.h"
#include "alert/profile.h"
#include "core/evaluation/trace.h"
#include "db/records.h"

namespace alert::db {

/// Another process held the store for longer than a writer waits; the call can be repeated.
class Busy : public Error {
   public:
    using Error::Error;
};

/// The SQLite file that holds all measurements. WAL mode, foreign keys on, each call one
/// transaction: after a kill at any moment the store opens, and measurements resume. Several
/// processes may use one store at once; a writer waits some seconds for another. Not thread-safe:
/// use one Store per thread.
///
/// Every call throws Error (failed while running) or RequestError (no such label, no store, not a
/// store), one line that names the file.
class Store {
   public:
    enum class Mode {
        kCreate,    ///< create the file if it does not exist
        kExisting,  ///< the same, but the file must exist
        kRead,      ///< must exist; never written, works on a read-only file
    };

    /// Throws what creating or writing the file would throw, as far as that is known beforehand.
    static void check_writable(const std::filesystem::path& file);

    explicit Store(const std::filesystem::path& file, Mode mode = Mode::kCreate);
    ~Store();
    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;
    Store(Store&&) noexcept;
    Store& operator=(Store&&) noexcept;

    // Profiles. Labels are unique.

    /// Adds the profile with its models and settings; returns it with the ids set.
    ProfileRow add_profile(ProfileRow profile);
    std::optional<ProfileRow> find_profile(std::string_view label) const;
    /// Adds models and settings (those with id 0) and updates data_file, inputs, precision,
    /// complete, warnings, idle_power_w, positions, the files of models, and the stretch, power_w
    /// and sampled of settings; returns the profile with the new ids set.
    ProfileRow update_profile(ProfileRow profile);
    /// Renames the profile, so that a new one can have its label; runs keep referring to the old
    /// one. Returns the old profile's new label.
    std::string retire_profile(std::string_view label);
    std::vector<ProfileRow> profiles() const;  ///< newest last

    void add_samples(std::span<const Sample> samples);
    std::vector<Sample> samples(std::int64_t profile_id) const;
    std::vector<ProfileSummaryRow> profile_summary(std::string_view label) const;
    /// The part of a profile that the method needs, in the order of profile_summary.
    Profile load_profile(std::string_view label) const;

    // Runs.

    RunRow add_run(RunRow run);
    /// The run has ended, and its figures are stored, with all of its inputs or before. A run that
    /// is killed has neither call.
    void finish_run(std::int64_t run_id, std::span<const std::string> warnings);
    void interrupt_run(std::int64_t run_id, std::span<const std::string> warnings);
    void add_inputs(std::int64_t run_id, std::span<const RunInput> inputs);
    std::optional<RunRow> find_run(std::int64_t run_id) const;
    /// Ids of the runs with this label (without one: of all), oldest first. Replays are included if
    /// their inputs were kept.
    std::vector<std::int64_t> run_ids(std::optional<std::string_view> label = {}) const;
    std::vector<RunInput> run_inputs(std::int64_t run_id) const;
    RunSummaryRow run_summary(std::int64_t run_id) const;

    /// All runs with this label (without one: all), oldest first, by one query.
    std::vector<RunSummaryRow> run_summaries(std::optional<std::string_view> label = {}) const;

    // Replays are runs that are stored with their figures alone. add_inputs keeps the inputs as
    // well.

    /// Adds all or none, as finished; returns their ids in the same order.
    std::vector<std::int64_t> add_replays(std::span<const RunResult> replays);
    /// The finished runs and replays with this label (without one: all), oldest first.
    std::vector<RunResult> results(std::optional<std::string_view> label = {}) const;

    // Traces. Labels are unique.

    /// Adds the trace with its models, settings and contention; returns it with the ids set.
    TraceRow add_trace(TraceRow trace);
    std::optional<TraceRow> find_trace(std::string_view label) const;
    /// Updates contention, complete and warnings.
    void update_trace(const TraceRow& trace);
    /// Renames the trace, so that a new one can have its label. Returns the old trace's new label.
    std::string retire_trace(std::string_view label);
    std::vector<TraceRow> traces() const;  ///< newest last

    /// Pass all samples of an input at once: an input is stored completely or not at all.
    void add_trace_samples(std::span<const TraceSample> samples);
    /// How many inputs are stored: those from 0 to this number, excluded.
    std::int64_t trace_inputs(std::string_view label) const;
    /// Every model and stage under every sampled setting, environment by environment.
    std::vector<TraceSummaryRow> trace_summary(std::string_view label) const;
    /// The stored inputs, with one value for each of the profile's configurations, matched by the
    /// names of model and setting and by stage. Derived settings are computed from the sampled one.
    /// Environments are numbered: 0 default, 1 compute, 2 memory. Throws RequestError that names
    /// the first configuration that the trace lacks.
    Trace load_trace(std::string_view label, const Profile& profile) const;

   private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace alert::db
