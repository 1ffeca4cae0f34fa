#include "cli/commands/goal_options.h"

#include <vector>

#include "cli/commands/options.h"

namespace alert::cli {
namespace {

std::vector<std::pair<std::string, Objective>> objectives() {
    std::vector<std::pair<std::string, Objective>> choices;
    choices.reserve(std::size(db::kObjectives));
    for (const auto& [objective, name] : db::kObjectives) {
        choices.emplace_back(name, objective);
    }
    return choices;
}

}  // namespace

void add_goals(CLI::App* command, GoalRequest& request) {
    add_quantity(command, "--deadline", request.deadline_s, Dimension::kDuration,
                 "Time in which an input must be answered, from its arrival");
    add_choice<bool>(
        command, "--deadline-per", request.per_group, {{"input", false}, {"group", true}},
        "Whether deadline and period are those of an input, or of a group whose inputs share "
        "them (default: group if the data has groups)");
    add_quantity(command, "--accuracy", request.accuracy, Dimension::kAccuracy,
                 "Minimum accuracy, on average");
    add_quantity(command, "--energy", request.energy_j, Dimension::kEnergy,
                 "Maximum energy per input, on average, including the idle time of its period");
    add_choice<Objective>(command, "--objective", request.objective, objectives(),
                          "What to optimise (default: follows from the goals)");
    add_quantity(command, "--period", request.period_s, Dimension::kDuration,
                 "Time between arrivals (default: the deadline)");
    add_quantity(command, "--confidence", request.confidence, Dimension::kProbability,
                 "Probability of keeping the deadline and the energy goal; 0: on average "
                 "(default: 90% for the deadline, energy on average)");
    add_quantity(command, "--miss-limit", request.miss_limit, Dimension::kPercentage,
                 "The deadline counts as violated when more of the inputs miss it; results are "
                 "also judged by 1% (default: 10%)");
}

void add_estimator(CLI::App* command, EstimatorRequest& estimator) {
    static const std::vector<std::string> names = {"calibrated", "paper"};
    add_named_choice(
        command, "--estimator", names, [&estimator](std::size_t i) { estimator.name = names[i]; },
        "Estimator of the slowdown: calibrated (E15, E17; default) or paper (E4)");
    command
        ->add_option("--estimator-option", estimator.options,
                     "A constant of the calibrated estimator, for experiments; may repeat")
        ->type_name("NAME=VALUE")
        ->group("");  // not in help, man page or completion
}

void add_window(CLI::App* command, std::int64_t& window) {
    add_count(
        command, "--window", window, 1,
        "Inputs over which accuracy and energy are averaged; 1: each by itself (default: 20)");
}

}  // namespace alert::cli
