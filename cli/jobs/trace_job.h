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
#include "profiler/trace_recorder.h"
#include "profiler/workload/co_runner.h"
#include "profiler/workload/schedule.h"

namespace alert::cli {

/// What `alert trace` is asked for. What is empty is as stored, else the default.
struct TraceRequest : MeasuringRequest {
    std::string environment;
    std::optional<std::int64_t> seed;
};

struct PlannedEnvironment {
    Environment environment = Environment::kDefault;
    std::int64_t inputs = 0, stored = 0;
    double time_s = 0;
};

/// Joins the recorder to the store: creates the trace or resumes the one that is there, and records
/// what is missing.
class TraceJob {
   public:
    /// Checks everything, calibrates the co-runners, warms the networks up and, unless it is a
    /// `dry_run`, stores the trace's description. Throws RequestError if the stored trace was made
    /// with other options, and Interrupted if `stop` was set.
    TraceJob(const TraceRequest& request, bool dry_run, Status& status,
             const std::atomic<bool>& stop);

    std::vector<PlannedEnvironment> plan() const;
    double seconds_left() const { return recorder_->seconds_left(); }

    /// Returns false if `stop` was set before everything was recorded; whole inputs are stored.
    bool record(Status& status, const std::atomic<bool>& stop);

   private:
    void describe(const TraceRequest& request, Status& status, const std::atomic<bool>& stop);
    const db::Description* stored() const { return stored_ ? &*stored_ : nullptr; }
    void open_platform_for(const TraceRequest& request);
    void count_inputs(const TraceRequest& request);
    void add_models();
    void add_settings();
    void check_stored() const;
    void prepare_co_runner(bool dry_run, Status& status, const std::atomic<bool>& stop);
    void store_description(bool fresh, Status& status);
    void finish();
    std::vector<db::TraceSample> samples_of(std::size_t n,
                                            std::span<const RecordedOutput> outputs) const;

    Family family_;
    std::optional<db::Store> store_;
    std::optional<db::TraceRow> stored_;  // before this job
    db::TraceRow trace_;
    LoadedFamily loaded_;
    Platform platform_;
    std::optional<Schedule> schedule_;
    std::int64_t recorded_ = 0;  // inputs that were stored before this job
    std::optional<CoRunner> co_runner_;
    std::optional<TraceRecorder> recorder_;
};

}  // namespace alert::cli
