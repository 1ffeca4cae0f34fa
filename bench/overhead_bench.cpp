// What `alert run` adds to LibTorch. Alternates, in one process, between one network by itself and
// a complete run (decision, energy, store, JSON). So disturbances affect both, and the network is
// at the same place in memory, which alone changes a latency by some percent.
//
//     bench_overhead NETWORK.pt DATA.pt STORE PROFILE INPUTS ROUNDS
//
// Prints a JSON object per round: `bare`, the seconds of every input under LibTorch alone, and
// `run`, the inputs as `alert run --json` prints them.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <iostream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "cli/jobs/loaded_family.h"
#include "cli/jobs/run_job.h"
#include "cli/jobs/run_recorder.h"
#include "cli/jobs/to_run_input.h"
#include "cli/report/render/stored_records.h"
#include "cli/report/render/write_records.h"
#include "cli/terminal/reporter.h"
#include "cli/terminal/stop_flag.h"
#include "core/evaluation/baselines.h"
#include "profiler/engine/torch_library.h"
#include "profiler/engine/torch_network.h"

namespace {

using namespace alert;

double now_s() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

// The minimal loop: runs the network and reads its answer. Appends the seconds of each input.
void bare(torch::jit::Module& network, const at::Tensor& all, std::size_t first, std::size_t count,
          std::vector<double>& seconds) {
    const c10::InferenceMode no_gradients;
    for (std::size_t n = first; n < first + count; ++n) {
        const double start_s = now_s();
        const auto row = static_cast<std::int64_t>(n) % all.size(0);
        const at::Tensor scores = network.forward({all.slice(0, row, row + 1)}).toTensor();
        if (scores.argmax(-1).item<std::int64_t>() < 0) {
            std::abort();
        }
        seconds.push_back(now_s() - start_s);
    }
}

// A run with one fixed network, without pauses between inputs.
class Run {
   public:
    Run(const std::string& file, const std::string& label, const DataSet& data,
        std::unique_ptr<Network> network, std::size_t inputs)
        : file_(file),
          store_(file, db::Store::Mode::kExisting),
          profile_(store_.load_profile(label)),
          data_(data),
          platform_(open_platform("none", std::nullopt, "cpu")),
          scheme_(profile_, 0),
          inputs_(inputs) {
        networks_.push_back(std::move(network));
        run_.profile = label;
        run_.label = "overhead";
        run_.inputs_planned = static_cast<std::int64_t>(inputs);
    }

    /// `before(first, count)` is called before every block of inputs, while nothing runs.
    nlohmann::json execute(const std::function<void(std::size_t, std::size_t)>& before) {
        run_ = store_.add_run(run_);
        std::ostringstream lines;
        {
            cli::RecordStream rows(lines, cli::Format::kJson, cli::stored_columns<db::RunInput>());
            const cli::StopFlag stop;
            cli::RunRecorder recorder(
                {.store = file_,
                 .run_id = run_.id,
                 .inputs = inputs_,
                 .print = [&](const db::RunInput& input) { rows.write(cli::stored_row(input)); }},
                reporter_,
                [this](const InputRecord& record) {
                    db::RunInput input = cli::to_run_input(record, profile_, goal_);
                    input.n = record.n;
                    input.decision_s = record.decision_s;
                    return input;
                },
                stop.flag());
            RunLoop loop(profile_, networks_, settings_, data_, platform_, scheme_, options());
            std::size_t next = 0;
            const auto before_input = [&](std::size_t n) {
                if (n == next) {
                    const std::size_t count = block_of(n);
                    before(n, count);
                    next += count;
                }
            };
            loop.run([&](const InputRecord& record) { recorder.push(record); }, before_input,
                     stop.flag());
            recorder.finish();
        }
        std::istringstream read(lines.str());
        nlohmann::json inputs = nlohmann::json::array();
        for (std::string line; std::getline(read, line);) {
            inputs.push_back(nlohmann::json::parse(line));
        }
        return inputs;
    }

   private:
    // The number of inputs before the network runs by itself again: a sentence, or twenty.
    std::size_t block_of(std::size_t first) const {
        constexpr std::size_t kBlock = 20;
        std::size_t next = first + (data_.groups.empty() ? kBlock : 1);
        while (!data_.groups.empty() && next % data_.size != 0 &&
               data_.groups[next % data_.size] == data_.groups[first % data_.size]) {
            ++next;
        }
        return std::min(next, inputs_) - first;
    }

    RunOptions options() const {
        RunOptions options{.goal = goal_, .inputs = inputs_, .period_s = 10, .paced = false};
        if (!data_.groups.empty()) {
            options.groups = Groups(cli::group_sizes(data_, inputs_));
        }
        return options;
    }

    std::string file_;
    db::Store store_;
    Profile profile_;
    const DataSet& data_;
    std::vector<std::unique_ptr<Network>> networks_;
    Platform platform_;
    FixedScheme scheme_;
    std::vector<std::size_t> settings_{0};
    std::size_t inputs_;
    Goal goal_{.deadline_s = 10, .period_s = 10};
    cli::Reporter reporter_{std::cerr, false, false};
    db::RunRow run_;
};

}  // namespace

int main(int argc, char** argv) {
    if (argc != 7) {
        std::fprintf(stderr, "usage: bench_overhead NETWORK DATA STORE PROFILE INPUTS ROUNDS\n");
        return 2;
    }
    const auto inputs = std::stoll(argv[5]);
    start_library(1);
    TorchModule module = in_form(read_module(argv[1], at::kCPU), {.optimised = true});
    const auto data = std::make_shared<const TorchData>(read_data(argv[2], {}));
    const DataSet set{.size = data->labels.size(), .labels = data->labels, .groups = data->groups};
    Run run(argv[3], argv[4], set,
            std::make_unique<TorchNetwork>("network", module, at::kCPU, data),
            static_cast<std::size_t>(inputs));
    const auto round = [&] {
        std::vector<double> seconds;
        nlohmann::json out;
        out["run"] = run.execute([&](std::size_t first, std::size_t count) {
            bare(module.module, data->inputs, first, count, seconds);
        });
        out["bare"] = seconds;
        return out;
    };
    round();  // warms up
    for (long long r = 0; r < std::stoll(argv[6]); ++r) {
        std::cout << round() << std::endl;
    }
}
