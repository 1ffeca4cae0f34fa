#include "cli/report/render/run_input_records.h"

namespace alert::cli {

std::vector<Column> input_columns() {
    return {{"n", "n", Show::kCount},
            {"model", "model"},
            {"stage", "stage", Show::kCount},
            {"power_setting", "setting"},
            {"deadline_s", "deadline", Show::kDuration},
            {"latency_s", "latency", Show::kDuration},
            {"response_s", "response", Show::kDuration},
            {"met_deadline", "met", Show::kCount},
            {"energy_j", "energy", Show::kEnergy},
            {"accuracy_expected", "expected", Show::kAccuracy},
            {"correct", "correct", Show::kCount},
            {"deadline_probability", "Pr", Show::kProbability},
            {"xi_mean", "xi", Show::kNumber},
            {"xi_std", "std", Show::kNumber},
            {"idle_ratio", "phi", Show::kNumber},
            {"decision_s", "decision", Show::kDuration},
            {"stage_limit", "limit", Show::kCount},
            {"environment", "beside"},
            {"group_id", "group", Show::kCount}};
}

Row input_row(const db::RunInput& input) {
    std::optional<std::int64_t> correct;
    if (input.correct) {
        correct = *input.correct ? 1 : 0;
    }
    return {input.n,           input.model,
            input.stage,       input.power_setting,
            input.deadline_s,  input.latency_s,
            input.response_s,  input.met_deadline ? 1 : 0,
            input.energy_j,    input.accuracy_expected,
            correct,           input.deadline_probability,
            input.xi_mean,     input.xi_std,
            input.idle_ratio,  input.decision_s,
            input.stage_limit, input.environment,
            input.group_id};
}

}  // namespace alert::cli
