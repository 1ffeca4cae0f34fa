#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "core/profile.h"
#include "core/trace.h"
#include "db/records.h"

namespace alert::db {

/// Another process has held the store for longer than a writer waits; it can be tried again.
class Busy : public Error {
   public:
    using Error::Error;
};

/// The SQLite file that holds everything measured. WAL mode, foreign keys on, each call one
/// transaction: a kill at any moment leaves a store that opens and resumes. Several processes may
/// use one store at once; a writer waits for another for some seconds. Not thread-safe: one Store
/// a thread.
///
/// Every call throws Error (failed while running) or RequestError (no such label, no store, not a
/// store), one line that names the file.
class Store {
   public:
    enum class Mode {
        kCreate,    ///< make the file if it is not there; bring an older schema up to date
        kExisting,  ///< the same, but the file must be there
        kRead,      ///< must exist; never written, works on a read-only file
    };

    /// Throws what making or writing the file would, as far as that can be told beforehand.
    static void check_writable(const std::filesystem::path& file);

    explicit Store(const std::filesystem::path& file, Mode mode = Mode::kCreate);
    ~Store();
    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;
    Store(Store&&) noexcept;
    Store& operator=(Store&&) noexcept;

    // Profiles. Labels are unique.

    /// Adds the profile with its models and settings; returns it with the ids filled in.
    ProfileRow add_profile(ProfileRow profile);
    std::optional<ProfileRow> find_profile(std::string_view label) const;
    /// Adds models and settings (those with id 0) and updates data_file, inputs, precision,
    /// complete, warnings, idle_power_w, positions, the files of models, and the stretch, power_w
    /// and sampled of settings; returns the profile with the new ids filled in.
    ProfileRow update_profile(ProfileRow profile);
    /// Makes room for a fresh profile of this label; runs keep pointing at the old one.
    /// Returns the old profile's new label.
    std::string retire_profile(std::string_view label);
    std::vector<ProfileRow> profiles() const;  ///< newest last

    void add_samples(std::span<const Sample> samples);
    std::vector<Sample> samples(std::int64_t profile_id) const;
    std::vector<ProfileSummaryRow> profile_summary(std::string_view label) const;
    /// What the method needs of a profile, in the order of profile_summary.
    Profile load_profile(std::string_view label) const;

    // Runs.

    RunRow add_run(RunRow run);
    void finish_run(std::int64_t run_id, std::span<const std::string> warnings);
    void add_inputs(std::int64_t run_id, std::span<const RunInput> inputs);
    std::optional<RunRow> find_run(std::int64_t run_id) const;
    /// Ids of the runs with this label, oldest first; all runs without one. Replays are among them
    /// when their inputs were kept.
    std::vector<std::int64_t> run_ids(std::optional<std::string_view> label = {}) const;
    std::vector<RunInput> run_inputs(std::int64_t run_id) const;
    RunSummaryRow run_summary(std::int64_t run_id) const;

    /// All runs with this label (without one: all), oldest first, in one go.
    std::vector<RunSummaryRow> run_summaries(std::optional<std::string_view> label = {}) const;

    // Replays are runs; figures are stored in place of their inputs. With add_inputs the inputs
    // can be kept as well.

    /// Adds all or none, finished; returns their ids in the same order.
    std::vector<std::int64_t> add_replays(std::span<const ReplayRow> replays);
    /// The replays with this label, oldest first; all without one.
    std::vector<ReplayRow> replays(std::optional<std::string_view> label = {}) const;

    // Traces. Labels are unique.

    /// Adds the trace with its models, settings and contention; returns it with the ids filled in.
    TraceRow add_trace(TraceRow trace);
    std::optional<TraceRow> find_trace(std::string_view label) const;
    /// Updates contention, complete and warnings.
    void update_trace(const TraceRow& trace);
    /// Makes room for a fresh trace of this label. Returns the old trace's new label.
    std::string retire_trace(std::string_view label);
    std::vector<TraceRow> traces() const;  ///< newest last

    /// Hand over all samples of an input at once: an input is stored whole or not at all.
    void add_trace_samples(std::span<const TraceSample> samples);
    /// How many inputs are stored: 0 up to this.
    std::int64_t trace_inputs(std::string_view label) const;
    /// Every model and stage under every sampled setting, environment by environment.
    std::vector<TraceSummaryRow> trace_summary(std::string_view label) const;
    /// The inputs stored, with one value for each of the profile's configurations, matched by the
    /// names of model and setting and by stage. Derived settings are stretched by arithmetic.
    /// Environments are numbered: 0 default, 1 compute, 2 memory. Throws RequestError that names
    /// the first configuration that the trace lacks.
    Trace load_trace(std::string_view label, const Profile& profile) const;

   private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace alert::db
