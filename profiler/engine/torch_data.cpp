#include "profiler/engine/torch_data.h"

#include <ATen/ATen.h>
#include <fmt/format.h>
#include <torch/csrc/jit/serialization/pickle.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>

#include "core/error.h"
#include "profiler/engine/torch_error.h"
#include "profiler/engine/torch_file.h"

namespace alert {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kMend =
    "save it with torch.save({\"inputs\": Tensor[N, ...], \"labels\": LongTensor[N]}, FILE) of "
    "PyTorch 1.6 or later";

[[noreturn]] void refuse(const fs::path& file, std::string_view what) {
    throw RequestError(fmt::format("{} {}; {}", file.string(), what, kMend));
}

// What LibTorch's reader of pickles says of things that Python's torch.save takes but it does not,
// and what they are.
constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kUnreadable{{
    {"Unknown opcode for unpickling at 0x73", "is a dict of one entry"},
    {"Expected GenericDict but got", "is an OrderedDict, not a plain dict"},
    {"_rebuild_parameter", "holds a Parameter, not a plain tensor (take its .data)"},
    {"_get_layout", "holds a sparse tensor (take its .to_dense())"},
    {"numpy", "holds a numpy array (use torch.from_numpy)"},
}};

c10::IValue unpickle(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    const std::vector<char> bytes{std::istreambuf_iterator<char>(in),
                                  std::istreambuf_iterator<char>()};
    try {
        return torch::jit::pickle_load(bytes);
    } catch (const std::exception& error) {
        const std::string reason = one_line(error);
        for (const auto& [sign, meaning] : kUnreadable) {
            if (reason.find(sign) != std::string::npos) {
                refuse(file, meaning);
            }
        }
        refuse(file, fmt::format("is not a plain dict of plain tensors ({})", reason));
    }
}

// The tensor of this key, undefined when the key is not there.
at::Tensor entry(const fs::path& file, const c10::impl::GenericDict& all, const char* key) {
    const auto found = all.find(key);
    if (found == all.end()) {
        return {};
    }
    const c10::IValue value = found->value();
    if (!value.isTensor()) {
        refuse(file, fmt::format("has {} that are no tensor ({})", key, value.tagKind()));
    }
    const at::Tensor tensor = value.toTensor().detach();
    if (!tensor.defined()) {
        refuse(file, fmt::format("has {} that are no tensor", key));
    }
    if (tensor.layout() != at::kStrided || tensor.is_quantized()) {
        refuse(file, fmt::format("has {} that are sparse or quantized", key));
    }
    if (tensor.dim() == 0 || tensor.numel() == 0) {
        refuse(file, fmt::format("has no {}: their shape is {}", key,
                                 tensor.dim() == 0 ? "[]" : c10::str(tensor.sizes())));
    }
    return tensor.cpu().contiguous();
}

// One whole number an input: its label or its group.
std::vector<std::int64_t> whole_numbers(const fs::path& file, const at::Tensor& tensor,
                                        const char* key, std::int64_t inputs) {
    if (!at::isIntegralType(tensor.scalar_type(), /*includeBool=*/false)) {
        refuse(file, fmt::format("has {} of type {}, not whole numbers", key,
                                 c10::toString(tensor.scalar_type())));
    }
    if (tensor.dim() != 1 || tensor.size(0) != inputs) {
        refuse(file, fmt::format("has {} inputs, but {} of shape {}", inputs, key,
                                 c10::str(tensor.sizes())));
    }
    const at::Tensor wide = tensor.to(at::kLong);
    const std::int64_t* begin = wide.data_ptr<std::int64_t>();
    std::vector<std::int64_t> numbers(begin, begin + inputs);
    const auto least = std::min_element(numbers.begin(), numbers.end());
    if (*least < 0) {
        refuse(file, fmt::format("has the negative number {} in {}", *least, key));
    }
    return numbers;
}

// The inputs of a group follow one another, and the groups are in order.
void check_order(const fs::path& file, const std::vector<std::int64_t>& groups) {
    const auto fall = std::adjacent_find(groups.begin(), groups.end(), std::greater<>());
    if (fall == groups.end()) {
        return;
    }
    const std::int64_t group = *std::next(fall);
    const auto n = std::distance(groups.begin(), fall) + 1;
    if (std::find(groups.begin(), fall, group) != fall) {
        refuse(file, fmt::format("has groups that are not contiguous: group {} goes on at input {} "
                                 "after another began; its inputs must follow one another",
                                 group, n));
    }
    refuse(file, fmt::format("has groups that are not sorted: group {} comes after group {} at "
                             "input {}; sort the inputs by group",
                             group, *fall, n));
}

}  // namespace

TorchData read_data(const fs::path& file) {
    if (content_of(file, kMend) == FileContent::kNetwork) {
        refuse(file, "holds a network, not data");
    }
    const c10::IValue value = unpickle(file);
    if (!value.isGenericDict()) {
        refuse(file, fmt::format("holds a {}, not a dict", value.tagKind()));
    }
    const c10::impl::GenericDict all = value.toGenericDict();
    if (!all.keyType()->isSubtypeOf(*c10::StringType::get()) &&
        std::any_of(all.begin(), all.end(), [](const auto& e) { return !e.key().isString(); })) {
        refuse(file, "is a dict with keys that are no strings");
    }
    TorchData data;
    data.file = file;
    data.inputs = entry(file, all, "inputs");
    if (!data.inputs.defined()) {
        refuse(file, "has no inputs");
    }
    const at::Tensor labels = entry(file, all, "labels");
    if (!labels.defined()) {
        refuse(file, "has no labels");
    }
    data.labels = whole_numbers(file, labels, "labels", data.inputs.size(0));
    const at::Tensor groups = entry(file, all, "groups");
    if (groups.defined()) {
        data.groups = whole_numbers(file, groups, "groups", data.inputs.size(0));
        check_order(file, data.groups);
    }
    return data;
}

}  // namespace alert
