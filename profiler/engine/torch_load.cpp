#include "profiler/engine/torch_load.h"

#include <ATen/ATen.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <torch/csrc/jit/serialization/pickle.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "alert/error.h"
#include "profiler/engine/torch_answer.h"
#include "profiler/engine/torch_error.h"
#include "profiler/engine/torch_library.h"
#include "profiler/engine/torch_module.h"
#include "profiler/engine/torch_network.h"
#include "profiler/engine/trial_process.h"
#include "profiler/stop.h"

namespace alert {
namespace {

namespace fs = std::filesystem;

// Another form is used only if it is clearly faster, so that every run chooses the same.
constexpr double kClearly = 0.95;

// The first input, and one from the middle.
TrialSetUp set_up_of(const TorchData& data, const EngineOptions& options) {
    const auto middle = static_cast<std::int64_t>(data.labels.size() / 2);
    const std::vector<char> inputs = torch::jit::pickle_save(
        at::cat({data.inputs.narrow(0, 0, 1), data.inputs.narrow(0, middle, 1)}));
    return {.inputs = {inputs.begin(), inputs.end()},
            .data_file = data.file.string(),
            .greatest = *std::max_element(data.labels.begin(), data.labels.end()),
            .threads = options.threads,
            .may_fuse = !options.threads_change,
            .patience_s = options.patience_s};
}

// A fused form is used only if it is clearly faster than the best other one.
NetworkForm best_of(const TrialResult& result) {
    TriedForm best{.form = {}, .relative = 1};
    for (const bool fused : {false, true}) {
        TriedForm faster = best;
        for (const TriedForm& tried : result.forms) {
            if (tried.form.fused == fused && tried.relative &&
                *tried.relative < std::min(kClearly * *best.relative, *faster.relative)) {
                faster = tried;
            }
        }
        best = faster;
    }
    return best.form;
}

std::string in_words(const TrialResult& result, const NetworkForm& best) {
    std::vector<std::string> words;
    for (const TriedForm& tried : result.forms) {
        words.push_back(tried.relative
                            ? fmt::format("{} takes {:.2f} times as long", to_string(tried.form),
                                          *tried.relative)
                            : fmt::format("{}: {}", to_string(tried.form), tried.why_not));
    }
    return fmt::format("{} ({})", to_string(best), fmt::join(words, "; "));
}

std::optional<std::string> warning_about(const std::string& name, const TorchModule& loaded,
                                         bool differ) {
    constexpr std::string_view kRemedy = "call model.eval() before torch.jit.trace";
    if (!loaded.training_layer.empty()) {
        return fmt::format(
            "{}: its {} stays in training mode, so its answers are not those of "
            "the trained network; {}",
            name, loaded.training_layer, kRemedy);
    }
    if (differ) {
        return fmt::format(
            "{} gives different answers to the same input; if it was traced in "
            "training mode, {}",
            name, kRemedy);
    }
    return std::nullopt;
}

using Watch = std::function<void(std::string_view)>;

class Loader {
   public:
    Loader(at::Device device, const EngineOptions& options,
           const std::shared_ptr<const TorchData>& data, const std::atomic<bool>& stop)
        : device_(device), options_(options), data_(data), stop_(stop) {}

    LoadedNetwork load(const NetworkFile& file, const Watch& watch) {
        LoadedNetwork loaded;
        if (data_ != nullptr && device_.is_cpu()) {
            loaded.form = file.form;
            if (!loaded.form) {
                const TrialResult result = trials().try_network(file.file, watch, stop_);
                loaded.form = best_of(result);
                loaded.trial = in_words(result, *loaded.form);
            }
        }
        watch("first runs");
        make(file.file, loaded);
        return loaded;
    }

   private:
    TrialProcess& trials() {
        if (!trials_) {
            trials_.emplace(set_up_of(*data_, options_));
        }
        return *trials_;
    }

    void make(const fs::path& file, LoadedNetwork& loaded) const {
        const NetworkForm form = loaded.form.value_or(NetworkForm{});
        const TorchModule module = read_module(file, device_);
        auto network = std::make_unique<TorchNetwork>(file.filename().string(),
                                                      in_form(module, form), device_, data_);
        if (data_ != nullptr) {
            const Fusing fusing(form.fused);
            const Answer first = first_answer(*network, file, *data_, stop_);
            const bool differ = !alike(first, answer(*network, 0, stop_));
            for (int run = 2; form.fused && run < kSpecialisingRuns; ++run) {
                answer(*network, 0, stop_);
            }
            loaded.classes = network->classes();
            loaded.warning = warning_about(file.stem().string(), module, differ);
        }
        loaded.network = std::move(network);
    }

    at::Device device_;
    const EngineOptions& options_;
    const std::shared_ptr<const TorchData>& data_;
    const std::atomic<bool>& stop_;
    std::optional<TrialProcess> trials_;  // started when first needed
};

}  // namespace

std::vector<LoadedNetwork> load_torch_networks(std::span<const NetworkFile> files,
                                               at::Device device, const EngineOptions& options,
                                               const std::shared_ptr<const TorchData>& data,
                                               const LoadWatch& watch,
                                               const std::atomic<bool>& stop) {
    Loader loader(device, options, data, stop);
    std::vector<LoadedNetwork> networks;
    for (const NetworkFile& file : files) {
        heed(stop);
        const std::size_t index = networks.size();
        try {
            networks.push_back(
                loader.load(file, [&](std::string_view doing) { watch(index, doing); }));
        } catch (const c10::Error& error) {
            throw RequestError(fmt::format("{}: {}", file.file.string(), one_line(error)));
        }
    }
    return networks;
}

}  // namespace alert
