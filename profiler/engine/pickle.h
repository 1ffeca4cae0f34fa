#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace alert {

/// A tensor as Python's torch.save describes it: a view of numbers that are stored in a record of
/// the file.
struct PickledTensor {
    std::string record;            ///< "0"; tensors may share one
    std::string type;              ///< of the numbers: "FloatStorage" or "torch.uint16"
    std::int64_t record_size = 0;  ///< in numbers; in bytes where the type begins with "torch."
    std::int64_t offset = 0;       ///< of its first number
    std::vector<std::int64_t> sizes, strides;
    bool pending = false;  ///< its numbers still have to be conjugated or negated
};

/// An entry of a dict. `kind` is its type: "tensor", "list" or the name of a class.
struct PickledEntry {
    std::string kind;
    std::optional<PickledTensor> tensor;
};

/// What was saved. `kind` is its type, "dict" or another; an OrderedDict counts as a dict. Entries
/// whose keys are not strings are left out.
struct PickledDict {
    std::string kind;
    std::map<std::string, PickledEntry, std::less<>> entries;
};

/// Reads a pickle (https://docs.python.org/3/library/pickletools.html) of protocol 2 to 5. Nothing
/// that it names is executed: of objects other than dicts and tensors only the class is read.
/// Throws RequestError if it is damaged or of another protocol; the text lacks the file's name.
PickledDict read_pickle(std::string_view bytes);

}  // namespace alert
