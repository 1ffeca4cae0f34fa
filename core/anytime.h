#pragma once

namespace alert {

/// Where an anytime inference stands after a stage.
struct StageProgress {
    double elapsed_s = 0;        ///< since the start of the inference
    double profiled_s = 0;       ///< t_prof of the stage that just ended
    double next_profiled_s = 0;  ///< t_prof of the next stage's end
};

/// Whether the next stage is expected to end by the deadline. The slowdown of the rest of this
/// inference is taken as the mean slowdown, or as what this input has shown so far when that is
/// worse: a co-runner that has just started is seen before the filter has heard of it.
inline bool next_stage_fits(const StageProgress& progress, double xi_mean, double deadline_s) {
    const double seen = progress.elapsed_s / progress.profiled_s;
    const double xi = seen > xi_mean ? seen : xi_mean;
    return progress.elapsed_s + xi * (progress.next_profiled_s - progress.profiled_s) <= deadline_s;
}

}  // namespace alert
