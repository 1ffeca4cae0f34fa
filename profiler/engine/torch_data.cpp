#include "profiler/engine/torch_data.h"

#include <ATen/ATen.h>
#include <c10/core/Storage.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <new>
#include <string>
#include <string_view>
#include <utility>

#include "alert/error.h"
#include "profiler/engine/pickle.h"
#include "profiler/engine/torch_error.h"
#include "profiler/engine/torch_file.h"

namespace alert {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kRemedy =
    "save it with torch.save({\"inputs\": Tensor[N, ...], \"labels\": LongTensor[N]}, FILE) of "
    "PyTorch 1.6 or later";

[[noreturn]] void refuse(const fs::path& file, std::string_view what) {
    throw RequestError(fmt::format("{} {}; {}", file.string(), what, kRemedy));
}

// Other kinds of data that may be saved instead of a tensor, by a part of the name in the pickle.
constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kNoTensors{{
    {"numpy", "a numpy array (use torch.from_numpy)"},
    {"_rebuild_sparse", "a sparse tensor (take its .to_dense())"},
    {"_rebuild_qtensor", "a quantized tensor (take its .dequantize())"},
    {"_rebuild_meta_tensor", "a tensor without values, on the device meta"},
    {"_rebuild_nested_tensor", "a nested tensor (take its .to_padded_tensor(0))"},
    {"_rebuild_device_tensor", "a tensor of another device (take its .cpu())"},
}};

std::string in_place_of_tensor(const std::string& kind) {
    for (const auto& [sign, meaning] : kNoTensors) {
        if (kind.find(sign) != std::string::npos) {
            return std::string(meaning);
        }
    }
    return fmt::format("of the kind {}", kind);
}

// The class names that torch.save uses for the types of numbers.
constexpr std::array<std::pair<std::string_view, at::ScalarType>, 12> kTypes{{
    {"FloatStorage", at::kFloat},
    {"DoubleStorage", at::kDouble},
    {"HalfStorage", at::kHalf},
    {"BFloat16Storage", at::kBFloat16},
    {"LongStorage", at::kLong},
    {"IntStorage", at::kInt},
    {"ShortStorage", at::kShort},
    {"CharStorage", at::kChar},
    {"ByteStorage", at::kByte},
    {"BoolStorage", at::kBool},
    {"ComplexFloatStorage", at::kComplexFloat},
    {"ComplexDoubleStorage", at::kComplexDouble},
}};

// Whether the entry is a tensor that is supported.
struct Wanted {
    PickledTensor tensor;
    at::ScalarType type = at::kFloat;
};

// Whether all numbers of the tensor lie within its record.
bool within_record(const PickledTensor& tensor) {
    std::int64_t last = tensor.offset;
    std::int64_t count = 1;
    for (std::size_t i = 0; i < tensor.sizes.size(); ++i) {
        std::int64_t span = 0;
        if (__builtin_mul_overflow(tensor.sizes[i] - 1, tensor.strides[i], &span) ||
            __builtin_add_overflow(last, span, &last) ||
            __builtin_mul_overflow(count, tensor.sizes[i], &count)) {
            return false;
        }
    }
    return last < tensor.record_size;
}

// The description of this entry in the file, checked; empty if there is none.
std::optional<Wanted> find_entry(const fs::path& file, const PickledDict& all, const char* key) {
    const auto found = all.entries.find(key);
    if (found == all.entries.end()) {
        return std::nullopt;
    }
    if (!found->second.tensor) {
        refuse(file, fmt::format("has {} that are {}, not a plain tensor", key,
                                 in_place_of_tensor(found->second.kind)));
    }
    const PickledTensor& tensor = *found->second.tensor;
    const auto type = std::find_if(kTypes.begin(), kTypes.end(),
                                   [&](const auto& known) { return known.first == tensor.type; });
    if (type == kTypes.end()) {
        refuse(file, fmt::format("has {} of type {}, which is not supported", key, tensor.type));
    }
    if (tensor.pending) {
        refuse(file, fmt::format("has {} that are yet to be conjugated or negated (take their "
                                 ".resolve_conj().resolve_neg())",
                                 key));
    }
    if (tensor.sizes.empty() ||
        std::find(tensor.sizes.begin(), tensor.sizes.end(), 0) != tensor.sizes.end()) {
        refuse(file, fmt::format("has no {}: their shape is {}", key,
                                 c10::str(at::IntArrayRef(tensor.sizes))));
    }
    if (!within_record(tensor)) {
        refuse(file, fmt::format("is damaged: its {} extend beyond the stored numbers", key));
    }
    return Wanted{tensor, type->second};
}

// Whole numbers, one per input: labels or groups.
std::optional<Wanted> find_whole_numbers(const fs::path& file, const PickledDict& all,
                                         const char* key, std::int64_t inputs) {
    const auto wanted = find_entry(file, all, key);
    if (wanted && !at::isIntegralType(wanted->type, /*includeBool=*/false)) {
        refuse(file, fmt::format("has {} of type {}, not whole numbers", key,
                                 c10::toString(wanted->type)));
    }
    if (wanted && wanted->tensor.sizes != std::vector{inputs}) {
        refuse(file, fmt::format("has {} inputs, but {} of shape {}", inputs, key,
                                 c10::str(at::IntArrayRef(wanted->tensor.sizes))));
    }
    if (wanted && wanted->tensor.record_size < inputs) {
        refuse(file, fmt::format("has {} that repeat a number (take their .clone())", key));
    }
    return wanted;
}

// The records of numbers. Each is read once, into CPU memory that its tensors share, whatever the
// device of the tensor was when it was saved.
class Numbers {
   public:
    Numbers(const fs::path& file, caffe2::serialize::PyTorchStreamReader& records)
        : file_(file), records_(records) {}

    at::Tensor read(const Wanted& wanted) {
        const auto options = at::TensorOptions(wanted.type);
        const at::Storage& storage = record(wanted.tensor.record);
        const auto needed =
            static_cast<std::size_t>(wanted.tensor.record_size) * at::elementSize(wanted.type);
        if (storage.nbytes() < needed) {
            refuse(file_, fmt::format("is damaged: its record data/{} has {} of {} bytes",
                                      wanted.tensor.record, storage.nbytes(), needed));
        }
        return at::empty({0}, options)
            .set_(storage, wanted.tensor.offset, wanted.tensor.sizes, wanted.tensor.strides);
    }

   private:
    const at::Storage& record(const std::string& name) {
        const auto known = read_.find(name);
        if (known != read_.end()) {
            return known->second;
        }
        auto [bytes, size] = records_.getRecord("data/" + name);
        at::Storage storage(at::Storage::use_byte_size_t(), size, std::move(bytes),
                            /*allocator=*/nullptr, /*resizable=*/false);
        return read_.emplace(name, std::move(storage)).first->second;
    }

    const fs::path& file_;
    caffe2::serialize::PyTorchStreamReader& records_;
    std::map<std::string, at::Storage> read_;
};

std::vector<std::int64_t> whole_numbers(const fs::path& file, const at::Tensor& tensor,
                                        const char* key) {
    const at::Tensor wide = tensor.to(at::kLong).contiguous();
    const std::int64_t* begin = wide.data_ptr<std::int64_t>();
    std::vector<std::int64_t> numbers(begin, begin + wide.numel());
    const auto least = std::min_element(numbers.begin(), numbers.end());
    if (*least < 0) {
        refuse(file, fmt::format("has the negative number {} in {}, at input {}", *least, key,
                                 std::distance(numbers.begin(), least)));
    }
    return numbers;
}

// Checks that groups are contiguous and sorted.
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

PickledDict read_entries(const fs::path& file, caffe2::serialize::PyTorchStreamReader& records) {
    const auto [pickle, size] = records.getRecord("data.pkl");
    try {
        return read_pickle({static_cast<const char*>(pickle.get()), size});
    } catch (const RequestError& error) {
        refuse(file, error.what());
    }
}

TorchData read(const fs::path& file, const TorchFile& opened) {
    if (opened.content == FileContent::kNetwork) {
        refuse(file, "holds a network, not data");
    }
    const PickledDict all = read_entries(file, *opened.records);
    if (all.kind != "dict") {
        refuse(file, fmt::format("holds a {}, not a dict", all.kind));
    }
    const auto inputs = find_entry(file, all, "inputs");
    if (!inputs) {
        refuse(file, "has no inputs");
    }
    const std::int64_t count = inputs->tensor.sizes.front();
    const auto labels = find_whole_numbers(file, all, "labels", count);
    if (!labels) {
        refuse(file, "has no labels");
    }
    const auto groups = find_whole_numbers(file, all, "groups", count);
    Numbers numbers(file, *opened.records);
    TorchData data;
    data.file = file;
    data.labels = whole_numbers(file, numbers.read(*labels), "labels");
    if (groups) {
        data.groups = whole_numbers(file, numbers.read(*groups), "groups");
        check_order(file, data.groups);
    }
    data.inputs = numbers.read(*inputs);
    return data;
}

}  // namespace

TorchData read_data(const fs::path& file, const ReadWatch& watch) {
    const TorchFile opened = open_torch_file(file, kRemedy, watch);
    try {
        return read(file, opened);
    } catch (const c10::Error& error) {
        opened.bytes->rethrow();
        const std::string reason = one_line(error);
        if (reason.find("allocate memory") == std::string::npos) {
            refuse(file, fmt::format("is damaged: {}", reason));
        }
    } catch (const std::bad_alloc&) {  // of labels
    }
    throw RequestError(fmt::format(
        "{} needs more memory than there is; take fewer inputs, or smaller ones", file.string()));
}

}  // namespace alert
