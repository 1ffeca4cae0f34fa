#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/jobs/goal_request.h"
#include "cli/jobs/loaded_family.h"
#include "cli/jobs/run_recorder.h"
#include "cli/jobs/status.h"
#include "core/method/scheme.h"
#include "db/store.h"
#include "profiler/power/platform.h"
#include "profiler/run_loop.h"
#include "profiler/workload/co_runner.h"

namespace alert::cli {

/// What `alert run` is asked for.
struct RunRequest : GoalRequest {
    std::string scheme = "alert", environment = "default", label = "run";
    EstimatorRequest estimator;
    std::string data, profile;
    std::int64_t window = 20, seed = 0;
    std::optional<std::int64_t> inputs;
    bool paced = true;
    std::filesystem::path store;
};

/// Joins the run loop to the store: the networks, the platform and the co-runners of a profile, one
/// scheme, and threads that store and print inputs in the background.
class RunJob {
   public:
    /// Checks everything and warms the networks up. Throws RequestError, and Interrupted where
    /// `stop` was set.
    RunJob(const RunRequest& request, Status& status, const std::atomic<bool>& stop);

    /// Executes the workload. `print`, unless it is empty, is called with every stored input, on a
    /// thread of its own. Returns false if `stop` was set.
    bool execute(const RunRecorder::Print& print, Status& status, std::atomic<bool>& stop);

    std::int64_t run_id() const { return run_.id; }

   private:
    void find_data(Status& status, const std::atomic<bool>& stop);
    void load_networks(Status& status, const std::atomic<bool>& stop);
    void check_machine(Status& status);
    void open_platform_of_profile();
    void describe();
    void warm_up(Status& status, const std::atomic<bool>& stop);
    void end_run(bool finished);
    void end_failed_run();
    db::RunInput run_input_of(const InputRecord& record) const;
    Environment environment_of(std::size_t n) const;
    GroupPlace place_of(std::size_t n) const;

    RunRequest request_;
    Goal goal_;
    db::Store store_;
    db::ProfileRow profile_row_;
    Profile profile_;
    std::vector<bool> needed_;  // models that the scheme may choose
    std::unique_ptr<Scheme> scheme_;
    std::vector<ModelFile> models_;  // that are needed
    LoadedFamily loaded_;            // networks in the order of profile_.models
    Platform platform_;
    std::vector<std::size_t> settings_;  // the knob's index of each of the profile's settings
    std::size_t inputs_ = 0;
    Groups groups_;  // that share a deadline
    std::optional<Schedule> schedule_;
    std::optional<CoRunner> co_runner_;
    db::RunRow run_;
};

}  // namespace alert::cli
