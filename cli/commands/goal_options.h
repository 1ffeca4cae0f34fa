#pragma once

#include <cstdint>
#include <string>

#include "cli/jobs/goal_request.h"

namespace CLI {
class App;
}

/// What `run` and `replay` have in common on the command line.
namespace alert::cli {

/// --deadline, --deadline-per, --accuracy, --energy, --objective, --period, --confidence and
/// --miss-limit.
void add_goals(CLI::App* command, GoalRequest& request);

/// --estimator, by its name, and the hidden --estimator-option (core/method/estimator_options.h).
void add_estimator(CLI::App* command, EstimatorRequest& estimator);

/// --window, W of E13.
void add_window(CLI::App* command, std::int64_t& window);

}  // namespace alert::cli
