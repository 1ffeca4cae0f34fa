#include "profiler/engine/torch_load.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>
#include <fmt/format.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/serialization/import.h>

#include <algorithm>
#include <limits>
#include <numeric>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "profiler/clock.h"
#include "profiler/engine/torch_error.h"
#include "profiler/engine/torch_file.h"
#include "profiler/engine/torch_network.h"

namespace alert {
namespace {

namespace fs = std::filesystem;
using torch::jit::Module;

constexpr std::string_view kMend = "save it with torch.jit.script(network).save(FILE)";
constexpr const char* kStages = "num_stages";
constexpr const char* kStep = "step";

[[noreturn]] void refuse(const fs::path& file, std::string_view what) {
    throw RequestError(fmt::format("{}: {}", file.string(), what));
}

Module load_module(const fs::path& file, at::Device device) {
    if (content_of(file, kMend) == FileContent::kData) {
        refuse(file, fmt::format("holds data, not a network; {}", kMend));
    }
    try {
        return torch::jit::load(file.string(), device);
    } catch (const std::exception& error) {
        refuse(file, fmt::format("this LibTorch does not load the network: {}", one_line(error)));
    }
}

// An attribute, or a constant of the class (Final).
std::optional<c10::IValue> find_value(const Module& module, const std::string& name) {
    const auto type = module.type();
    if (!type->hasAttribute(name) && !type->hasConstant(name)) {
        return std::nullopt;
    }
    return module.attr(name);
}

// A method's arguments after `self` are these, and more only where they have defaults.
bool takes(const c10::FunctionSchema& schema, const std::vector<c10::TypePtr>& types) {
    const auto& arguments = schema.arguments();
    if (arguments.size() < types.size() + 1) {
        return false;
    }
    for (std::size_t i = 1; i < arguments.size(); ++i) {
        if (i > types.size()) {
            if (!arguments[i].default_value()) {
                return false;
            }
        } else if (!types[i - 1]->isSubtypeOf(*arguments[i].type())) {
            return false;
        }
    }
    return true;
}

bool gives(const c10::FunctionSchema& schema, const c10::TypePtr& type) {
    return schema.returns().size() == 1 && schema.returns()[0].type()->isSubtypeOf(*type);
}

// The number of stages, 0 for a traditional network; refuses what follows neither convention.
int stages_of(const fs::path& file, const Module& module) {
    const auto stages = find_value(module, kStages);
    const auto step = module.find_method(kStep);
    if (!stages && !step) {
        const auto forward = module.find_method("forward");
        if (!forward) {
            refuse(file, "the network has no method forward(x)");
        }
        if (!takes(forward->function().getSchema(), {c10::TensorType::get()})) {
            refuse(file, "the network's forward does not take one tensor");
        }
        return 0;
    }
    if (!step) {
        refuse(file, "the network has num_stages but no method step(state, stage)");
    }
    if (!stages) {
        refuse(file,
               "the network has a method step but no attribute num_stages; when freezing, "
               "preserve both");
    }
    if (!stages->isInt()) {
        refuse(file, "the network's num_stages is not an int");
    }
    const std::int64_t count = stages->toInt();
    if (count < 1 || count > std::numeric_limits<int>::max()) {
        refuse(file, fmt::format("the network's num_stages is {}; 1 or more is needed", count));
    }
    const auto tensors = c10::ListType::ofTensors();
    const auto& schema = step->function().getSchema();
    if (!takes(schema, {tensors, c10::IntType::get()}) ||
        !gives(schema, c10::TupleType::create({c10::TensorType::get(), tensors}))) {
        refuse(file,
               "the network's step is not step(state: List[Tensor], stage: int) -> Tuple[Tensor, "
               "List[Tensor]]");
    }
    return static_cast<int>(count);
}

// What must outlive freezing; `forward` does without being named.
std::vector<std::string> kept_methods(int stages) {
    return stages == 0 ? std::vector<std::string>{} : std::vector<std::string>{kStep};
}

// A module that was frozen before it was saved has no attribute `training` left, and is in
// evaluation mode for good.
Module frozen(Module module, int stages) {
    if (!module.hasattr("training")) {
        return module;
    }
    module.eval();
    try {
        return torch::jit::freeze(module, kept_methods(stages));
    } catch (const std::exception&) {
        return module;  // Some modules cannot be frozen (interfaces); they run as
                        // they are.
    }
}

// When each stage of one inference ended, seconds of this thread from its start: what other
// programs take does not count, so the choice does not depend on them.
std::vector<double> time_stages(Network& network, std::size_t input) {
    std::vector<double> ends_s;
    network.load_input(input);
    const double start_s = thread_s();
    for (int stage = 0; stage < std::max(network.stages(), 1); ++stage) {
        network.run_stage();
        ends_s.push_back(thread_s() - start_s);
    }
    return ends_s;
}

// Trials of two forms of a network. The first calls of a form specialise it to its inputs; a
// disturbed trial says nothing, so the fastest of several counts.
constexpr int kWarmUps = 5;
constexpr int kLeastTrials = 5;
constexpr int kMostTrials = 30;
constexpr double kTrials_s = 0.4;
// Take the optimised form only where it is clearly faster, so that every program takes the same.
constexpr double kClearly = 0.95;

// The time of `changed` relative to that of `plain`; of an anytime network the mean over the ends
// of its stages, so that a slower first stage weighs as little as it lasts.
double relative_time(Network& plain, Network& changed) {
    for (int i = 0; i < kWarmUps; ++i) {
        time_stages(plain, 0);
        time_stages(changed, 0);
    }
    std::vector<double> best_plain = time_stages(plain, 0);
    std::vector<double> best_changed = time_stages(changed, 0);
    const auto keep_least = [](std::vector<double>& least, const std::vector<double>& taken) {
        for (std::size_t i = 0; i < least.size(); ++i) {
            least[i] = std::min(least[i], taken[i]);
        }
    };
    const double until_s = thread_s() + kTrials_s;
    for (int i = 0; i < kLeastTrials || (i < kMostTrials && thread_s() < until_s); ++i) {
        keep_least(best_plain, time_stages(plain, 0));
        keep_least(best_changed, time_stages(changed, 0));
    }
    return std::accumulate(best_changed.begin(), best_changed.end(), 0.0) /
           std::accumulate(best_plain.begin(), best_plain.end(), 0.0);
}

// The same scores from every stage, as far as single precision tells: it has 7 digits, of which
// another order of summation costs some.
bool same_scores(TorchNetwork& plain, TorchNetwork& changed, std::size_t input) {
    plain.load_input(input);
    changed.load_input(input);
    for (int stage = 0; stage < std::max(plain.stages(), 1); ++stage) {
        plain.run_stage();
        changed.run_stage();
        const at::Tensor a = plain.scores().to(at::kDouble);
        const at::Tensor b = changed.scores().to(at::kDouble);
        const double scale = a.abs().max().item<double>();
        if (a.sizes() != b.sizes() || !at::allclose(a, b, 1e-3, 1e-4 * scale)) {
            return false;
        }
    }
    return true;
}

// A module goes through optimize_for_inference after loading, never before saving: such a module
// does not load again. It gains 10-20 % on convolutional networks of medium size and 40 % on
// nested ones, but costs tiny ones more than twice their time in conversions of layout (AVX-512,
// oneDNN 2.6): so it is tried. It rewrites the module that it is given, which must be no other's.
std::unique_ptr<TorchNetwork> faster_form(std::unique_ptr<TorchNetwork> plain, Module module,
                                          const std::string& name, at::Device device,
                                          const std::shared_ptr<const TorchData>& data) {
    try {
        const c10::InferenceMode inference;
        module = torch::jit::optimize_for_inference(module, kept_methods(plain->stages()));
        auto network = std::make_unique<TorchNetwork>(name, module, plain->stages(), device, data);
        for (const std::size_t input : {std::size_t{0}, data->labels.size() / 2}) {
            if (!same_scores(*plain, *network, input)) {
                return plain;
            }
        }
        if (relative_time(*plain, *network) < kClearly) {
            return network;
        }
    } catch (const std::exception&) {
        // What cannot be optimised runs as it is.
    }
    return plain;
}

// Runs input 0 through every stage.
void try_out(TorchNetwork& network, const fs::path& file, const TorchData& data) {
    try {
        network.load_input(0);
        for (int stage = 0; stage < std::max(network.stages(), 1); ++stage) {
            network.run_stage();
            network.ranks(0, 1);
        }
    } catch (const Error& error) {
        refuse(file, fmt::format("does not fit {} ({} of shape {}): {}", data.file.string(),
                                 c10::toString(data.inputs.scalar_type()),
                                 c10::str(data.inputs.sizes().slice(1)), error.what()));
    }
    const auto greatest = *std::max_element(data.labels.begin(), data.labels.end());
    if (greatest >= network.classes()) {
        refuse(file, fmt::format("has {} classes, but {} has labels up to {}", network.classes(),
                                 data.file.string(), greatest));
    }
}

}  // namespace

std::unique_ptr<Network> load_torch_network(const fs::path& file, at::Device device,
                                            const std::shared_ptr<const TorchData>& data) {
    const Module loaded = load_module(file, device);
    const int stages = stages_of(file, loaded);
    const Module module = frozen(loaded, stages);
    const std::string name = file.filename().string();
    auto network = std::make_unique<TorchNetwork>(name, module, stages, device, data);
    if (data == nullptr) {
        return network;
    }
    try_out(*network, file, *data);
    if (!device.is_cpu()) {
        return network;
    }
    return faster_form(std::move(network), frozen(load_module(file, device), stages), name, device,
                       data);
}

}  // namespace alert
