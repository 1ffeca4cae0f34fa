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

/// What `alert replay` was asked for.
struct ReplayRequest : GoalRequest {
    std::string trace, profile;  ///< empty: the newest
    std::vector<std::string> schemes = {"alert"};
    std::string grid;  ///< "paper", a file, or empty: one setting
    std::string estimator = "calibrated", label = "replay";
    std::int64_t window = 20;
    std::optional<std::int64_t> inputs;  ///< not given: as many as the trace has
    bool keep_inputs = false;
    std::filesystem::path store;
};

/// Plays schemes over a trace, under one setting or a grid of them, and stores what came of it.
class ReplayJob {
   public:
    ReplayJob(const ReplayRequest& request, Status& status);

    /// Plays every scheme under every setting, on all cores, and stores all of it in one
    /// transaction; the inputs, where they are kept, after it. Returns what was stored, by setting
    /// and then by scheme, with its ids; empty when `stop` was set before all was played: then
    /// nothing is stored.
    std::vector<db::ReplayRow> execute(Status& status, const std::atomic<bool>& stop);

   private:
    struct Played {
        RunFigures figures;
        std::vector<PlayedInput> inputs;  // only where they are kept
    };

    void load(Status& status);
    void choose_schemes(Status& status);
    void set_workloads();
    void require_memory() const;
    Played play(const Workload& workload, const std::string& scheme,
                const std::atomic<bool>& stop) const;
    db::ReplayRow row_of(const Workload& workload, const std::string& scheme,
                         const RunFigures& figures) const;
    void store_inputs(std::int64_t run, const Goal& goal, const std::vector<PlayedInput>& inputs);

    ReplayRequest request_;
    db::Store store_;
    db::ProfileRow profile_row_;
    db::TraceRow trace_row_;
    Profile profile_;
    Trace trace_;
    std::vector<Workload> workloads_;
    std::string created_at_;
    std::vector<std::string> warnings_;  // of what is stored
};

}  // namespace alert::cli
