#pragma once

namespace alert {

/// Ends a stage whose network was done at `done_s` and that a capped processor would have ended at
/// `due_s`: waits for that moment when it lies ahead. Returns when the stage ended.
double finish_stage(double due_s, double done_s);

}  // namespace alert
