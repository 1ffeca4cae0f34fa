#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace alert {

/// How LibTorch prepares the graph of a network on a CPU. Which form is the fastest depends on the
/// network, the processor and LibTorch's version, so a trial finds it.
struct NetworkForm {
    bool optimised = false;  ///< by optimize_for_inference: layouts and fusions of oneDNN
    bool fused = false;      ///< by the tensor-expression fuser: loops compiled by LLVM

    bool operator==(const NetworkForm&) const = default;
};

/// "plain", "optimised", "fused" or "optimised, fused"
std::string to_string(const NetworkForm& form);

/// The form of that name; empty if there is none.
std::optional<NetworkForm> form_named(std::string_view name);

}  // namespace alert
