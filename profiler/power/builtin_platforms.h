#pragma once

#include <span>
#include <string_view>

namespace alert {

/// A platform file that is built into the program.
struct BuiltinPlatform {
    std::string_view name;
    std::string_view json;
};

/// The files of profiler/power/platforms/, from the least to the most power.
std::span<const BuiltinPlatform> builtin_platforms();

}  // namespace alert
