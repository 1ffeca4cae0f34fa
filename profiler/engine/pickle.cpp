#include "profiler/engine/pickle.h"

#include <utility>

#include "profiler/engine/pickle_reader.h"

namespace alert {
namespace {

using Kind = PickleValue::Kind;

std::string kind_of(const PickleReader& reader, PickleValue value) {
    switch (value.kind) {
        case Kind::kNone:
            return "None";
        case Kind::kNumber:
            return "int";
        case Kind::kText:
            return "str";
        case Kind::kTuple:
            return "tuple";
        case Kind::kDict:
            return "dict";
        case Kind::kStorage:
            return "storage";
        case Kind::kTensor:
            return "tensor";
        default:
            return reader.text(value);
    }
}

std::int64_t size_of(const PickleReader& reader, PickleValue value) {
    if (value.kind != Kind::kNumber || value.number < 0) {
        reader.damaged("a tensor has a size that is not a whole number of 0 or more");
    }
    return value.number;
}

std::vector<std::int64_t> sizes_of(const PickleReader& reader, PickleValue value) {
    std::vector<std::int64_t> sizes;
    for (const PickleValue item : reader.tuple(value, "a tensor's sizes are not a tuple")) {
        sizes.push_back(size_of(reader, item));
    }
    return sizes;
}

// Its arguments are storage, offset, sizes, strides, requires_grad, hooks, in version 3 the type,
// and finally a dict if something is pending.
PickledTensor tensor_of(const PickleReader& reader, PickleValue value) {
    const auto& items = reader.items(value);
    const bool typed = reader.text(value) == kRebuildTensorV3;
    const std::size_t usual = typed ? 7 : 6;
    if (items.size() < usual || items[0].kind != Kind::kStorage) {
        reader.damaged("a tensor has too few arguments");
    }
    const auto& storage = reader.items(items[0]);
    const std::string& stored_as = reader.text(storage[1]);
    PickledTensor tensor;
    tensor.record = reader.text(storage[2]);
    tensor.type =
        typed ? reader.name_of(items[6]) : stored_as.substr(stored_as.find_last_of('.') + 1);
    tensor.record_size = size_of(reader, storage[4]);
    tensor.offset = size_of(reader, items[1]);
    tensor.sizes = sizes_of(reader, items[2]);
    tensor.strides = sizes_of(reader, items[3]);
    if (tensor.sizes.size() != tensor.strides.size()) {
        reader.damaged("a tensor has sizes and strides that differ in number");
    }
    tensor.pending = items.size() > usual && items[usual].kind == Kind::kDict &&
                     !reader.items(items[usual]).empty();
    return tensor;
}

}  // namespace

PickledDict read_pickle(std::string_view bytes) {
    PickleReader reader(bytes);
    const PickleValue all = reader.read();
    PickledDict dict{.kind = kind_of(reader, all), .entries = {}};
    if (all.kind != Kind::kDict) {
        return dict;
    }
    const auto& items = reader.items(all);
    for (std::size_t i = 0; i < items.size(); i += 2) {
        if (items[i].kind != Kind::kText) {
            continue;
        }
        PickledEntry entry{.kind = kind_of(reader, items[i + 1]), .tensor = {}};
        if (items[i + 1].kind == Kind::kTensor) {
            entry.tensor = tensor_of(reader, items[i + 1]);
        }
        dict.entries.insert_or_assign(reader.text(items[i]), std::move(entry));
    }
    return dict;
}

}  // namespace alert
