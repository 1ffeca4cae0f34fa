#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "alert/profile.h"
#include "cli/jobs/goal_request.h"
#include "cli/jobs/status.h"
#include "core/evaluation/replay.h"
#include "core/evaluation/trace.h"
#include "db/store.h"

namespace alert::cli {

/// What `alert replay` is asked for.
struct ReplayRequest : GoalRequest {
    std::string trace, profile;  ///< empty: the newest
    std::vector<std::string> schemes = {"alert"};
    std::string grid;  ///< "paper", a file, or empty: one setting
    std::string label = "replay";
    EstimatorRequest estimator;
    std::int64_t window = 20;
    std::optional<std::int64_t> inputs;  ///< not given: as many as the trace has
    bool keep_inputs = false;
    std::filesystem::path store;
};

/// Replays schemes over a trace, for one goal setting or a grid of them, and stores the results.
class ReplayJob {
   public:
    ReplayJob(const ReplayRequest& request, Status& status);

    /// Replays every scheme under every setting, on all cores, and stores all results in one
    /// transaction; inputs, if they are kept, follow. Returns what was stored, by setting and then
    /// by scheme, with ids; empty, and nothing is stored, if `stop` was set before the end.
    std::vector<db::RunResult> execute(Status& status, const std::atomic<bool>& stop);

   private:
    struct Played {
        RunFigures figures;
        std::vector<PlayedInput> inputs;  // only if they are kept
    };

    void load(Status& status);
    void choose_schemes(Status& status);
    void set_workloads();
    void require_memory() const;
    Played play(const Workload& workload, const std::string& scheme,
                const std::atomic<bool>& stop) const;
    db::RunResult row_of(const Workload& workload, const std::string& scheme,
                         const RunFigures& figures) const;
    void store_inputs(std::int64_t run, const Goal& goal, const std::vector<PlayedInput>& inputs);

    ReplayRequest request_;
    EstimatorOptions estimator_;
    db::Store store_;
    db::ProfileRow profile_row_;
    db::TraceRow trace_row_;
    Profile profile_;
    Trace trace_;
    std::vector<Workload> workloads_;
    std::string created_at_;
    std::vector<std::string> warnings_;  // to be stored
};

}  // namespace alert::cli
