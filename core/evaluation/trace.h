#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/method/group.h"

namespace alert {

/// The ground truth that schemes are compared on: what every configuration of a profile did on
/// every input, all of them under the same schedule of co-runners.
struct Trace {
    std::size_t inputs = 0;
    std::size_t configurations = 0;  ///< in the order of Profile::configurations
    bool has_power = false;          ///< false: power_w and idle_power_w are empty

    // One value per input and configuration, at index(n, c).
    std::vector<double> latency_s;      ///< from the input's start to this output
    std::vector<double> power_w;        ///< mean power while inferring
    std::vector<double> idle_power_w;   ///< mean idle power in the same environment
    std::vector<std::uint8_t> correct;  ///< whether this output was right

    /// The environment of every input; equal numbers are equal environments.
    std::vector<int> environment;

    Groups groups;  ///< of its inputs, if the data has groups

    std::size_t index(std::size_t n, std::size_t c) const { return n * configurations + c; }
};

}  // namespace alert
