// Writes a long run to the store. $ALERT_BENCH_STORE names the file, which is kept, so that `alert
// report` can be timed on it; without it, a temporary file is used.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <filesystem>
#include <vector>

#include "db/store.h"

namespace {

using namespace alert;

constexpr std::int64_t kInputs = 200'000;
constexpr std::int64_t kBatch = 50;  // inputs per batch of a run with 4 ms per input

db::ProfileRow small_profile() {
    db::ProfileRow profile;
    profile.label = "bench";
    profile.created_at = "2026-01-01T00:00:00Z";
    profile.data_file = "data.pt";
    profile.power_spec = "emulated:server";
    profile.energy_source = "modelled:server";
    profile.device = "cpu";
    profile.complete = true;
    profile.models = {{.name = "network", .file = "network.pt", .file_hash = "0"}};
    profile.settings = {{.name = "100W", .power_w = 100}};
    return profile;
}

db::RunInput input_at(std::int64_t n) {
    const double latency_s = 0.003 + 1e-6 * static_cast<double>(n % 997);
    return {.n = n,
            .model = "network",
            .power_setting = "100W",
            .deadline_s = 0.004,
            .latency_s = latency_s,
            .response_s = latency_s,
            .met_deadline = latency_s <= 0.004,
            .energy_j = 0.31,
            .accuracy_expected = 0.91,
            .correct = n % 10 != 0,
            .deadline_probability = 0.95,
            .xi_mean = 1.01 + 1e-5 * static_cast<double>(n % 991),
            .xi_std = 0.11,
            .idle_ratio = 0.31,
            .decision_s = 2.3e-6};
}

void write_run(benchmark::State& state) {
    const char* const named = std::getenv("ALERT_BENCH_STORE");
    const std::filesystem::path file =
        named ? named : std::filesystem::temp_directory_path() / "alert-store-bench.db";
    for (auto _ : state) {
        state.PauseTiming();
        std::filesystem::remove(file);
        db::Store store(file);
        const auto profile = store.add_profile(small_profile());
        const std::vector<db::Sample> samples{{.model_id = profile.models[0].id,
                                               .setting_id = profile.settings[0].id,
                                               .latency_s = 0.003,
                                               .power_w = 100,
                                               .correct = true}};
        store.add_samples(samples);
        db::RunRow run{.label = "bench", .created_at = profile.created_at, .profile = "bench"};
        run.scheme = "alert";
        run.estimator = "paper";
        run.deadline_s = 0.004;
        run.energy_source = profile.energy_source;
        run.data_file = profile.data_file;
        run.inputs_planned = kInputs;
        run = store.add_run(run);
        std::vector<db::RunInput> batch;
        state.ResumeTiming();
        for (std::int64_t n = 0; n < kInputs; n += kBatch) {
            batch.clear();
            for (std::int64_t i = n; i < n + kBatch; ++i) {
                batch.push_back(input_at(i));
            }
            store.add_inputs(run.id, batch);
        }
        store.finish_run(run.id, {});
    }
    if (!named) {
        std::filesystem::remove(file);
    }
}
BENCHMARK(write_run)->Unit(benchmark::kSecond)->Iterations(1);

}  // namespace

BENCHMARK_MAIN();
