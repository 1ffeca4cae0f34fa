#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "cli/jobs/status.h"
#include "cli/jobs/stored_description.h"
#include "db/store.h"
#include "profiler/power/platform.h"
#include "profiler/sweep.h"

namespace alert::cli {

/// What `alert profile` is asked for.
struct ProfileRequest : MeasuringRequest {
    std::optional<std::int64_t> warmup;
    std::optional<double> precision;
};

struct PlannedConfiguration {
    std::string model;
    int stages = 0;  ///< outputs
    std::string setting;
    std::int64_t samples_stored = 0;
    std::string action;  ///< "measure", "stored", "derive from 100W"
    double time_s = 0;
};

/// Joins the sweep to the store: creates the profile or resumes the one that is there, measures
/// what is missing, and stores samples as they come.
class ProfileJob {
   public:
    /// Checks everything, warms the networks up and, unless it is a `dry_run`, stores the profile's
    /// description. Throws RequestError if the stored profile was made with other options, and
    /// Interrupted if `stop` was set.
    ProfileJob(const ProfileRequest& request, bool dry_run, Status& status,
               const std::atomic<bool>& stop);

    std::vector<PlannedConfiguration> plan() const;
    double seconds_left() const { return sweep_->seconds_left(); }

    /// Returns false if `stop` was set before everything was measured; what was measured is stored.
    bool measure(Status& status, const std::atomic<bool>& stop);

   private:
    const db::Description* stored() const { return stored_ ? &*stored_ : nullptr; }
    void open_platform_for(const ProfileRequest& request);
    void describe(const ProfileRequest& request, Status& status, const std::atomic<bool>& stop);
    void add_models();
    void add_settings();
    void make_sweep(const ProfileRequest& request);
    void resume_sweep(Status& status);
    const db::ModelRow& model_row(std::size_t model) const;
    const db::PowerSettingRow& setting_row(std::size_t setting) const;
    bool covers_all_models() const;

    Family family_;
    std::optional<db::Store> store_;
    std::optional<db::ProfileRow> stored_;  // before this job
    db::ProfileRow profile_;
    LoadedFamily loaded_;
    Platform platform_;
    std::optional<Sweep> sweep_;
};

}  // namespace alert::cli
