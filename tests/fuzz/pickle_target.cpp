// The pickle of a data file, which says what tensors there are.
#include <algorithm>

#include "profiler/engine/pickle.h"
#include "tests/fuzz/targets.h"

namespace alert::fuzz {

void pickle(std::string_view input) {
    const auto dict = accepted(input, [&] { return read_pickle(input); });
    if (!dict) {
        return;
    }
    require(dict->entries.empty() || dict->kind == "dict", "entries of what is no dict");
    for (const auto& [key, entry] : dict->entries) {
        require((entry.kind == "tensor") == entry.tensor.has_value(), "a tensor that is none");
        if (!entry.tensor) {
            continue;
        }
        const PickledTensor& tensor = *entry.tensor;
        require(tensor.sizes.size() == tensor.strides.size(), "sizes without strides");
        const auto negative = [](std::int64_t size) { return size < 0; };
        require(std::ranges::none_of(tensor.sizes, negative) &&
                    std::ranges::none_of(tensor.strides, negative) && tensor.offset >= 0 &&
                    tensor.record_size >= 0,
                "less than nothing");
    }
}

}  // namespace alert::fuzz
