// What `alert run` adds to LibTorch. One network in one process, in turn by itself and in a run
// with everything that belongs to it (decision, energy, store, JSON): so neither is measured in a
// quieter minute, and both find the network in the same place in memory, which alone moves a
// latency by some percent.
//
//     bench_overhead NETWORK.pt DATA.pt STORE PROFILE INPUTS ROUNDS
//
// Prints a JSON object a round: `bare`, the seconds of every input under LibTorch alone, and `run`,
// the inputs as `alert run --json` prints them.
#include <chrono>
#include <cstdio>
#include <iostream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "cli/input_writer.h"
#include "cli/run_session.h"
#include "cli/stored_input.h"
#include "cli/workbench.h"
#include "core/controller.h"
#include "profiler/engine/torch_library.h"
#include "profiler/engine/torch_network.h"

namespace {

using namespace alert;

double now_s() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

// The least that running the network takes, its answer looked up.
std::vector<double> bare(torch::jit::Module& network, const at::Tensor& all, std::int64_t inputs) {
    const c10::InferenceMode no_gradients;
    std::vector<double> seconds;
    for (std::int64_t n = 0; n < inputs; ++n) {
        const double start_s = now_s();
        const auto row = n % all.size(0);
        const at::Tensor scores = network.forward({all.slice(0, row, row + 1)}).toTensor();
        if (scores.argmax(-1).item<std::int64_t>() < 0) {
            std::abort();
        }
        seconds.push_back(now_s() - start_s);
    }
    return seconds;
}

// A run with one fixed network, one input right behind the other.
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

    nlohmann::json execute() {
        run_ = store_.add_run(run_);
        std::ostringstream lines;
        {
            cli::RecordStream rows(lines, cli::Format::kJson, cli::input_columns());
            cli::StopFlag stop;
            cli::InputWriter writer(
                {.store = file_, .run_id = run_.id, .inputs = inputs_, .rows = &rows}, reporter_,
                [this](const InputRecord& record) {
                    db::RunInput input = cli::stored_input(record, profile_, goal_);
                    input.n = record.n;
                    input.decision_s = record.decision_s;
                    return input;
                },
                stop);
            RunLoop loop(profile_, networks_, settings_, data_, platform_, scheme_, options());
            loop.run([&](const InputRecord& record) { writer.push(record); }, [](std::size_t) {},
                     stop.flag());
            writer.finish();
        }
        std::istringstream read(lines.str());
        nlohmann::json inputs = nlohmann::json::array();
        for (std::string line; std::getline(read, line);) {
            inputs.push_back(nlohmann::json::parse(line));
        }
        return inputs;
    }

   private:
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
    constexpr int kWarmUp = 50;
    const auto inputs = std::stoll(argv[5]);
    start_library(1);
    TorchModule module = in_form(read_module(argv[1], at::kCPU), {.optimised = true});
    const auto data = std::make_shared<const TorchData>(read_data(argv[2], {}));
    const DataSet set{.size = data->labels.size(), .labels = data->labels, .groups = data->groups};
    Run run(argv[3], argv[4], set,
            std::make_unique<TorchNetwork>("network", module, at::kCPU, data),
            static_cast<std::size_t>(inputs));
    bare(module.module, data->inputs, kWarmUp);
    run.execute();
    for (long long round = 0; round < std::stoll(argv[6]); ++round) {
        nlohmann::json out;
        out["bare"] = bare(module.module, data->inputs, inputs);
        out["run"] = run.execute();
        std::cout << out << std::endl;
    }
}
