#include "tests/cli/sample_store.h"

namespace alert::test {
namespace {

db::Machine machine() {
    return {.hostname = "node7",
            .cpu = "Example CPU",
            .kernel = "Linux 6.1.0",
            .libtorch_version = "1.13.1",
            .alert_version = "0.1.0",
            .cores = 2};
}

db::RunInput small_input(std::int64_t n) {
    db::RunInput input{.n = n, .model = "small", .power_setting = "100W"};
    input.deadline_s = 0.010;
    input.latency_s = 0.001;
    input.response_s = 0.001;
    input.met_deadline = true;
    input.energy_j = 0.2;
    input.correct = true;
    input.decision_s = 1e-6;
    return input;
}

db::RunInput nested_input(std::int64_t n, double latency_s, double xi) {
    db::RunInput input = small_input(n);
    input.model = "nested";
    input.power_setting = "40W";
    input.stage = 2;
    input.stage_limit = 2;
    input.latency_s = latency_s;
    input.response_s = latency_s + 0.001;
    input.met_deadline = *input.response_s <= 0.010;
    input.correct = input.met_deadline;
    input.energy_j = 0.6;
    input.xi_mean = xi;
    input.environment = "compute";
    return input;
}

db::RunRow run(const std::string& label) {
    db::RunRow row{.label = label, .created_at = "2026-01-02T03:04:05Z", .profile = "quiet"};
    row.scheme = "alert";
    row.estimator = "paper";
    row.deadline_s = 0.010;
    row.period_s = 0.010;
    row.data_file = "data/test.pt";
    row.machine = machine();
    return row;
}

}  // namespace

db::RunRow adaptive_run() {
    db::RunRow row = run("adaptive");
    row.objective = Objective::kMinimiseEnergy;
    row.accuracy_goal = 0.8;
    row.energy_goal_j = 0.3;
    row.environment = "compute@60%-90%";
    row.energy_source = "modelled:server";
    row.inputs_planned = 12;
    return row;
}

std::vector<db::RunInput> adaptive_inputs() {
    std::vector<db::RunInput> inputs;
    for (std::int64_t n = 0; n < 6; ++n) {
        inputs.push_back(small_input(n));
    }
    inputs.push_back(nested_input(6, 0.008, 2));
    inputs.push_back(nested_input(7, 0.008, 2));
    inputs.push_back(nested_input(8, 0.012, 3));
    inputs.back().energy_j = 0.7;
    inputs.push_back(nested_input(9, 0.012, 2));
    inputs.back().latency_s.reset();
    inputs.back().response_s.reset();
    inputs.back().energy_j = 0.1;
    inputs.back().decision_s = 3e-6;
    inputs.back().environment = "default";
    return inputs;
}

db::ProfileRow quiet_profile() {
    db::ProfileRow profile;
    profile.label = "quiet";
    profile.created_at = "2026-01-01T00:00:00Z";
    profile.machine = machine();
    profile.task = "image classification";
    profile.data_file = "data/test.pt";
    profile.models_path = "models";
    profile.power_spec = "emulated:server";
    profile.energy_source = "modelled:server";
    profile.idle_power_w = 12;
    profile.device = "cpu";
    profile.inputs = 4;
    profile.precision = 0.05;
    profile.fail_accuracy = 0.1;
    profile.complete = true;
    profile.models = {{.name = "small", .file = "small.pt", .form = "optimised"},
                      {.name = "nested", .file = "nested.pt", .stages = 2, .position = 1}};
    profile.settings = {
        {.name = "40W", .position = 0, .stretch = 2, .power_w = 40, .sampled = false},
        {.name = "100W", .position = 1, .stretch = 1, .power_w = 100, .sampled = true}};
    profile.warnings = {"the machine was not quiet: other programs took 12.0 % of the processor"};
    return profile;
}

void add_profile(db::Store& store, const db::ProfileRow& description) {
    const db::ProfileRow profile = store.add_profile(description);
    const double small_s[] = {0.9e-3, 1.1e-3, 0.9e-3, 1.1e-3};
    std::vector<db::Sample> samples;
    for (const db::ModelRow& model : profile.models) {
        for (std::int64_t i = 0; i < 4; ++i) {
            const auto add = [&](int stage, double latency_s, bool correct) {
                samples.push_back({.model_id = model.id,
                                   .setting_id = profile.settings[1].id,
                                   .round = i,
                                   .stage = stage,
                                   .input = i,
                                   .latency_s = latency_s,
                                   .power_w = profile.settings[1].power_w,
                                   .correct = correct});
            };
            if (model.stages == 0) {
                add(0, small_s[i], i < 3);
            } else {
                add(1, 2e-3, i < 2);
                add(2, 4e-3, true);
            }
        }
    }
    store.add_samples(samples);
}

void fill_sample_store(const std::filesystem::path& file) {
    db::Store store(file);
    add_profile(store);

    const db::RunRow adaptive = store.add_run(adaptive_run());
    store.add_inputs(adaptive.id, adaptive_inputs());

    db::RunRow calm = run("calm");
    calm.inputs_planned = 2;
    calm = store.add_run(calm);
    std::vector<db::RunInput> inputs = {small_input(0), small_input(1)};
    for (db::RunInput& input : inputs) {
        input.energy_j.reset();
        input.correct.reset();
    }
    store.add_inputs(calm.id, inputs);
    store.finish_run(calm.id, {});

    db::RunRow nothing = run("nothing");
    nothing.inputs_planned = 2;
    store.add_run(nothing);
}

db::TraceRow busy_trace() {
    const db::ProfileRow profile = quiet_profile();
    db::TraceRow trace;
    trace.label = "busy";
    trace.created_at = "2026-01-03T00:00:00Z";
    trace.machine = machine();
    trace.task = profile.task;
    trace.data_file = profile.data_file;
    trace.models_path = profile.models_path;
    trace.power_spec = profile.power_spec;
    trace.energy_source = profile.energy_source;
    trace.idle_power_w = profile.idle_power_w;
    trace.device = profile.device;
    trace.inputs = 10;
    trace.environment = "compute@60%-90%";
    trace.fail_accuracy = profile.fail_accuracy;
    trace.complete = true;
    trace.models = profile.models;
    trace.settings = profile.settings;
    return trace;
}

void add_trace(db::Store& store, const db::TraceRow& description) {
    const db::TraceRow trace = store.add_trace(description);
    std::vector<db::TraceSample> samples;
    for (std::int64_t n = 0; n < 10; ++n) {
        const bool busy = n >= 6 && n < 9;
        for (const db::ModelRow& model : trace.models) {
            const auto add = [&](int stage, double latency_s, bool correct) {
                samples.push_back({.model_id = model.id,
                                   .setting_id = trace.settings[1].id,
                                   .n = n,
                                   .stage = stage,
                                   .latency_s = (busy ? 2 : 1) * latency_s,
                                   .correct = correct,
                                   .environment = busy ? "compute" : "default"});
            };
            if (model.stages == 0) {
                add(0, 1e-3, n % 4 != 3);
            } else {
                add(1, 2e-3, n % 2 == 0);
                add(2, 4e-3, true);
            }
        }
    }
    store.add_trace_samples(samples);
}

}  // namespace alert::test
