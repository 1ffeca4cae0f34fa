#include "profiler/engine/torch_module.h"

#include <fmt/format.h>
#include <torch/csrc/jit/ir/constants.h>
#include <torch/csrc/jit/ir/ir.h>
#include <torch/csrc/jit/passes/inliner.h>
#include <torch/csrc/jit/serialization/import.h>

#include <algorithm>
#include <limits>
#include <string_view>
#include <vector>

#include "alert/error.h"
#include "profiler/engine/torch_error.h"
#include "profiler/engine/torch_file.h"

namespace alert {
namespace {

namespace fs = std::filesystem;
using torch::jit::Module;

constexpr std::string_view kRemedy = "save it with torch.jit.script(network).save(FILE)";
constexpr const char* kStages = "num_stages";
constexpr const char* kStep = "step";

[[noreturn]] void refuse(const fs::path& file, std::string_view what) {
    throw RequestError(fmt::format("{}: {}", file.string(), what));
}

Module load_module(const fs::path& file, at::Device device) {
    if (content_of(file, kRemedy) == FileContent::kData) {
        refuse(file, fmt::format("holds data, not a network; {}", kRemedy));
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

// Whether the method takes these arguments after `self`, and others only with defaults.
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

// The number of stages, 0 for a traditional network; throws if it follows neither convention.
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

// What freezing must preserve; it always preserves `forward`.
std::vector<std::string> kept_methods(int stages) {
    return stages == 0 ? std::vector<std::string>{} : std::vector<std::string>{kStep};
}

// A module that was frozen before it was saved has no attribute `training`, and is in evaluation
// mode permanently.
Module frozen(Module module, int stages) {
    if (!module.hasattr("training")) {
        return module;
    }
    module.eval();
    try {
        return torch::jit::freeze(module, kept_methods(stages));
    } catch (const std::exception&) {
        return module;  // some cannot be frozen (interfaces) and run as they are
    }
}

using torch::jit::Node;

// The constant that is this argument of the node.
std::optional<c10::IValue> argument(const Node& node, std::string_view name) {
    const auto& arguments = node.schema().arguments();
    for (std::size_t i = 0; i < std::min(arguments.size(), node.inputs().size()); ++i) {
        if (arguments[i].name() == name) {
            return torch::jit::toIValue(node.input(i));
        }
    }
    return std::nullopt;
}

// Whether it drops values at random, or normalises by its input instead of by learnt statistics.
// With a rate of 0, or without learnt statistics, training mode makes no difference.
bool trains(const Node& node) {
    if (node.maybeSchema() == nullptr) {
        return false;
    }
    const auto is_true = [&](std::string_view name) {
        const auto value = argument(node, name);
        return value && value->isBool() && value->toBool();
    };
    const auto is_zero = [&](std::string_view name) {
        const auto value = argument(node, name);
        return value && value->isDouble() && value->toDouble() == 0;
    };
    const auto learnt = argument(node, "running_mean");
    return (is_true("train") || is_true("training")) && !is_zero("p") && !is_zero("dropout") &&
           !(learnt && learnt->isNone());
}

// The first node in training mode.
const Node* find_training(const torch::jit::Block& block) {
    for (const Node* node : block.nodes()) {
        if (trains(*node)) {
            return node;
        }
        for (const torch::jit::Block* inner : node->blocks()) {
            if (const Node* found = find_training(*inner)) {
                return found;
            }
        }
    }
    return nullptr;
}

std::string training_layer(const Module& module, int stages) {
    const auto graph = module.get_method(stages == 0 ? "forward" : kStep).graph()->copy();
    torch::jit::Inline(*graph);
    const Node* found = find_training(*graph->block());
    return found != nullptr ? found->kind().toUnqualString() : "";
}

}  // namespace

TorchModule read_module(const fs::path& file, at::Device device) {
    const Module loaded = load_module(file, device);
    try {
        const int stages = stages_of(file, loaded);
        const Module module = frozen(loaded, stages);
        return {
            .module = module, .stages = stages, .training_layer = training_layer(module, stages)};
    } catch (const c10::Error& error) {
        refuse(file, fmt::format("this LibTorch cannot prepare the network: {}", one_line(error)));
    }
}

// Only after loading: such a module cannot be saved and loaded. It makes medium-sized convolutional
// networks 10-20 % and nested ones 40 % faster, but tiny ones more than twice as slow, because of
// layout conversions (AVX-512, oneDNN 2.6).
TorchModule in_form(TorchModule loaded, const NetworkForm& form) {
    if (form.optimised) {
        loaded.module =
            torch::jit::optimize_for_inference(loaded.module, kept_methods(loaded.stages));
    }
    return loaded;
}

}  // namespace alert
