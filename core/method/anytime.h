#pragma once

#include <cstddef>
#include <vector>

#include "alert/profile.h"

namespace alert {

/// Finds the other stages of a configuration's model under the same setting.
class StageTable {
   public:
    explicit StageTable(const Profile& profile);

    /// The configuration of the same model and setting that stops at `stage`; `configuration`
    /// itself if the profile has no such stage.
    std::size_t at(std::size_t configuration, int stage) const {
        const auto& chain = chains_[chain_of_[configuration]];
        const auto k = static_cast<std::size_t>(stage);
        return k < chain.size() && chain[k] != kNone ? chain[k] : configuration;
    }

   private:
    static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

    std::vector<std::vector<std::size_t>> chains_;  // by stage
    std::vector<std::size_t> chain_of_;             // of a configuration
};

/// The state of an anytime inference after a stage.
struct StageProgress {
    double elapsed_s = 0;        ///< since the start of the inference
    double profiled_s = 0;       ///< t_prof of the stage that just ended
    double next_profiled_s = 0;  ///< t_prof of the next stage's end
};

/// Whether the next stage is expected to end by the deadline. Assumes for the remaining stages the
/// expected slowdown or, if that is greater, the slowdown of this inference so far: a co-runner
/// that has just started shows here before the estimator has observed it.
inline bool next_stage_fits(const StageProgress& progress, double xi_expected, double deadline_s) {
    const double seen = progress.elapsed_s / progress.profiled_s;
    const double xi = seen > xi_expected ? seen : xi_expected;
    return progress.elapsed_s + xi * (progress.next_profiled_s - progress.profiled_s) <= deadline_s;
}

}  // namespace alert
