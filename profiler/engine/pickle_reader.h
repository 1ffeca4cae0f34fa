#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace alert {

// Functions that torch.save writes in place of tensors.
inline constexpr std::string_view kRebuildTensorV2 = "torch._utils._rebuild_tensor_v2";
inline constexpr std::string_view kRebuildTensorV3 = "torch._utils._rebuild_tensor_v3";

/// A value of a pickle: small ones directly, others by their index in a list.
struct PickleValue {
    enum class Kind {
        kNone,
        kNumber,  ///< a 64-bit integer, or a bool
        kText,    ///< a string, or bytes
        kGlobal,  ///< a class or a function, by its name
        kTuple,
        kList,     ///< or a set; its items are not kept
        kDict,     ///< keys and values, alternating
        kStorage,  ///< "storage", class, record, device, size: where torch.save stored numbers
        kTensor,   ///< the arguments from which it is rebuilt; its text is the function
        kObject,   ///< any other, by the name of its class or of the function that creates it
    };
    Kind kind = Kind::kNone;
    std::int64_t number = 0;  ///< the number or, except for kNone, the index
};

/// The virtual machine for which a pickle is a program: operations on a stack of values
/// (https://docs.python.org/3/library/pickletools.html, protocols 2 to 5). It builds values and
/// executes nothing.
class PickleReader {
   public:
    explicit PickleReader(std::string_view bytes) : bytes_(bytes) {}

    /// Runs to the end and returns the value that is left. Throws RequestError.
    PickleValue read();

    // For values with an index.
    const std::string& text(PickleValue value) const { return content(value).text; }
    const std::vector<PickleValue>& items(PickleValue value) const { return content(value).items; }

    /// The name, if the value is a kGlobal.
    std::string name_of(PickleValue value) const;
    /// The items of a kTuple; throws RequestError, which says `otherwise`, if it is none.
    const std::vector<PickleValue>& tuple(PickleValue value, std::string_view otherwise) const;

    [[noreturn]] void damaged(std::string_view what) const;

   private:
    struct Content {
        std::string text;
        std::vector<PickleValue> items;
    };

    void check_protocol() const;

    std::string_view take(std::uint64_t size);
    std::uint64_t take_number(std::size_t size);
    std::string_view take_line();

    void push(PickleValue value) { stack_.push_back(value); }
    void push(PickleValue::Kind kind, std::string_view text, std::vector<PickleValue> items = {});
    void push_number(std::int64_t number) { push({PickleValue::Kind::kNumber, number}); }
    PickleValue top() const;
    PickleValue pop();
    std::vector<PickleValue> pop_several(int count);
    std::vector<PickleValue> pop_to_mark();
    const Content& content(PickleValue value) const {
        return contents_[static_cast<std::size_t>(value.number)];
    }

    // Whether the operation was one of these.
    bool run_number(unsigned char operation);
    bool run_text(unsigned char operation);
    bool run_stack(unsigned char operation);
    bool run_container(unsigned char operation);
    bool run_object(unsigned char operation);
    bool run_memo(unsigned char operation);

    void push_long(std::uint64_t size);
    void push_global();
    void push_storage(PickleValue id);
    void set_items(const std::vector<PickleValue>& items);
    void reduce(PickleValue function, PickleValue arguments);
    void recall(std::uint64_t name);

    std::string_view bytes_;
    std::size_t at_ = 0;
    std::vector<PickleValue> stack_;
    std::vector<std::size_t> marks_;  // sizes of the stack
    std::vector<Content> contents_;
    std::unordered_map<std::uint64_t, PickleValue> memo_;
};

}  // namespace alert
