#include "profiler/engine/pickle_reader.h"

#include <fmt/format.h>

#include <utility>

#include "alert/error.h"

namespace alert {
namespace {

using Kind = PickleValue::Kind;

constexpr std::string_view kParameter = "torch._utils._rebuild_parameter";
constexpr std::string_view kParameterWithState = "torch._utils._rebuild_parameter_with_state";
constexpr std::string_view kFromType = "torch._tensor._rebuild_from_type_v2";

}  // namespace

PickleValue PickleReader::read() {
    check_protocol();
    while (true) {
        const auto operation = static_cast<unsigned char>(take(1)[0]);
        if (operation == '.') {
            return pop();
        }
        if (!run_number(operation) && !run_text(operation) && !run_stack(operation) &&
            !run_container(operation) && !run_object(operation) && !run_memo(operation)) {
            damaged(fmt::format("there is no operation 0x{:02x}", operation));
        }
    }
}

std::string PickleReader::name_of(PickleValue value) const {
    return value.kind == Kind::kGlobal ? text(value) : "unknown";
}

const std::vector<PickleValue>& PickleReader::tuple(PickleValue value,
                                                    std::string_view otherwise) const {
    if (value.kind != Kind::kTuple) {
        damaged(otherwise);
    }
    return items(value);
}

void PickleReader::damaged(std::string_view what) const {
    throw RequestError(fmt::format("is damaged: its pickle is invalid at byte {}: {}", at_, what));
}

// Protocols 0 and 1, from before 2003, do not state their number.
void PickleReader::check_protocol() const {
    if (bytes_.size() < 2) {
        damaged("it ends too early");
    }
    const auto first = static_cast<unsigned char>(bytes_[0]);
    const auto protocol = static_cast<unsigned char>(bytes_[1]);
    if (first != 0x80 || protocol > 5) {
        throw RequestError(
            fmt::format("has a pickle of protocol {} (pickle_protocol=2 is torch.save's own)",
                        first == 0x80 ? std::to_string(protocol) : "0 or 1"));
    }
}

// The bytes.

std::string_view PickleReader::take(std::uint64_t size) {
    if (size > bytes_.size() - at_) {
        damaged("it ends too early");
    }
    const std::string_view part = bytes_.substr(at_, static_cast<std::size_t>(size));
    at_ += part.size();
    return part;
}

// The least significant byte comes first.
std::uint64_t PickleReader::take_number(std::size_t size) {
    std::uint64_t number = 0;
    const std::string_view part = take(size);
    for (std::size_t i = 0; i < size; ++i) {
        number |= static_cast<std::uint64_t>(static_cast<unsigned char>(part[i])) << (8 * i);
    }
    return number;
}

std::string_view PickleReader::take_line() {
    const auto end = bytes_.find('\n', at_);
    if (end == std::string_view::npos) {
        damaged("it ends too early");
    }
    const std::string_view line = take(end - at_);
    take(1);
    return line;
}

// The stack. Values below the last mark are out of reach.

void PickleReader::push(Kind kind, std::string_view text, std::vector<PickleValue> items) {
    contents_.push_back({std::string(text), std::move(items)});
    push({kind, static_cast<std::int64_t>(contents_.size() - 1)});
}

PickleValue PickleReader::top() const {
    if (stack_.size() <= (marks_.empty() ? 0 : marks_.back())) {
        damaged("a value is missing");
    }
    return stack_.back();
}

PickleValue PickleReader::pop() {
    const PickleValue value = top();
    stack_.pop_back();
    return value;
}

std::vector<PickleValue> PickleReader::pop_several(int count) {
    std::vector<PickleValue> values(static_cast<std::size_t>(count));
    for (auto value = values.rbegin(); value != values.rend(); ++value) {
        *value = pop();
    }
    return values;
}

std::vector<PickleValue> PickleReader::pop_to_mark() {
    if (marks_.empty()) {
        damaged("a mark is missing");
    }
    const auto begin = stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back());
    std::vector<PickleValue> values(begin, stack_.end());
    stack_.erase(begin, stack_.end());
    marks_.pop_back();
    return values;
}

// The operations by their codes; pickletools has the names.

bool PickleReader::run_number(unsigned char operation) {
    switch (operation) {
        case 'N':  // None
            push({});
            return true;
        case 0x88:  // True
        case 0x89:  // False
            push_number(operation == 0x88 ? 1 : 0);
            return true;
        case 'J':
            push_number(static_cast<std::int32_t>(take_number(4)));
            return true;
        case 'K':
            push_number(static_cast<std::int64_t>(take_number(1)));
            return true;
        case 'M':
            push_number(static_cast<std::int64_t>(take_number(2)));
            return true;
        case 0x8a:
            push_long(take_number(1));
            return true;
        case 0x8b:
            push_long(take_number(4));
            return true;
        case 'G':
            take(8);
            push(Kind::kObject, "float");
            return true;
        default:
            return false;
    }
}

// A number of any length; the highest bit is its sign.
void PickleReader::push_long(std::uint64_t size) {
    if (size > sizeof(std::int64_t)) {
        take(size);
        push(Kind::kObject, "int");
        return;
    }
    std::uint64_t number = take_number(static_cast<std::size_t>(size));
    if (size > 0 && size < sizeof number && (number >> (8 * size - 1)) != 0) {
        number |= ~std::uint64_t{0} << (8 * size);
    }
    push_number(static_cast<std::int64_t>(number));
}

bool PickleReader::run_text(unsigned char operation) {
    switch (operation) {
        case 0x8c:
        case 'C':
        case 'U':
            push(Kind::kText, take(take_number(1)));
            return true;
        case 'X':
        case 'B':
        case 'T':
            push(Kind::kText, take(take_number(4)));
            return true;
        case 0x8d:
        case 0x8e:
        case 0x96:
            push(Kind::kText, take(take_number(8)));
            return true;
        default:
            return false;
    }
}

bool PickleReader::run_stack(unsigned char operation) {
    switch (operation) {
        case '(':
            marks_.push_back(stack_.size());
            return true;
        case '0':
            pop();
            return true;
        case '1':
            pop_to_mark();
            return true;
        case '2':
            push(top());
            return true;
        default:
            return false;
    }
}

bool PickleReader::run_container(unsigned char operation) {
    switch (operation) {
        case ')':
            push(Kind::kTuple, {});
            return true;
        case 0x85:
        case 0x86:
        case 0x87:
            push(Kind::kTuple, {}, pop_several(operation - 0x84));
            return true;
        case 't':
            push(Kind::kTuple, {}, pop_to_mark());
            return true;
        case ']':
            push(Kind::kList, "list");
            return true;
        case 0x8f:
            push(Kind::kList, "set");
            return true;
        case 0x91:
            pop_to_mark();
            push(Kind::kList, "frozenset");
            return true;
        case 'a':  // append an item
            pop();
            top();
            return true;
        case 'e':  // append items
        case 0x90:
            pop_to_mark();
            top();
            return true;
        case '}':
            push(Kind::kDict, {});
            return true;
        case 's':
            set_items(pop_several(2));
            return true;
        case 'u':
            set_items(pop_to_mark());
            return true;
        default:
            return false;
    }
}

void PickleReader::set_items(const std::vector<PickleValue>& items) {
    const PickleValue target = top();
    if (items.size() % 2 != 0) {
        damaged("a key has no value");
    }
    if (target.kind == Kind::kDict) {
        auto& all = contents_[static_cast<std::size_t>(target.number)].items;
        all.insert(all.end(), items.begin(), items.end());
    }
}

bool PickleReader::run_object(unsigned char operation) {
    switch (operation) {
        case 'c': {
            const std::string_view module = take_line();
            push(Kind::kGlobal, fmt::format("{}.{}", module, take_line()));
            return true;
        }
        case 0x93:
            push_global();
            return true;
        case 'Q':
            push_storage(pop());
            return true;
        case 'R': {
            const auto call = pop_several(2);
            reduce(call[0], call[1]);
            return true;
        }
        case 0x81:  // a class and arguments
        case 0x92:  // and arguments with names
            push(Kind::kObject, name_of(pop_several(operation == 0x81 ? 2 : 3)[0]));
            return true;
        case 'b':  // the state of an object
            pop();
            top();
            return true;
        default:
            return false;
    }
}

void PickleReader::push_global() {
    const auto names = pop_several(2);
    for (const PickleValue name : names) {
        if (name.kind != Kind::kText) {
            damaged("a class has no name");
        }
    }
    push(Kind::kGlobal, fmt::format("{}.{}", text(names[0]), text(names[1])));
}

void PickleReader::push_storage(PickleValue id) {
    const auto& parts = tuple(id, "a persistent id is not a tuple");
    if (parts.size() != 5 || parts[0].kind != Kind::kText || text(parts[0]) != "storage" ||
        parts[1].kind != Kind::kGlobal || parts[2].kind != Kind::kText ||
        parts[4].kind != Kind::kNumber) {
        damaged("a persistent id names no storage");
    }
    push({Kind::kStorage, id.number});
}

// Evaluates the function if it is a known one.
void PickleReader::reduce(PickleValue function, PickleValue arguments) {
    std::string name = name_of(function);
    while (name == kFromType) {  // of function, class, arguments, state
        const auto& parts = tuple(arguments, "arguments are not a tuple");
        if (parts.size() < 3) {
            damaged("arguments are missing");
        }
        name = name_of(parts[0]);
        arguments = parts[2];
    }
    const auto& parts = tuple(arguments, "arguments are not a tuple");
    if (name == "collections.OrderedDict" || name == "collections.defaultdict") {
        push(Kind::kDict, {});
    } else if ((name == kParameter || name == kParameterWithState) && !parts.empty()) {
        push(parts[0]);
    } else if (name == kRebuildTensorV2 || name == kRebuildTensorV3) {
        push(Kind::kTensor, name, parts);
    } else {
        push(Kind::kObject, name);
    }
}

bool PickleReader::run_memo(unsigned char operation) {
    switch (operation) {
        case 0x80:
            take(1);  // the protocol
            return true;
        case 0x95:
            take(8);  // length of the frame
            return true;
        case 'q':
            memo_[take_number(1)] = top();
            return true;
        case 'r':
            memo_[take_number(4)] = top();
            return true;
        case 0x94: {
            const std::uint64_t next = memo_.size();
            memo_[next] = top();
            return true;
        }
        case 'h':
            recall(take_number(1));
            return true;
        case 'j':
            recall(take_number(4));
            return true;
        default:
            return false;
    }
}

void PickleReader::recall(std::uint64_t name) {
    const auto known = memo_.find(name);
    if (known == memo_.end()) {
        damaged("a value is of a kind that is not kept");
    }
    push(known->second);
}

}  // namespace alert
