#pragma once

#include <functional>

namespace alert {

/// Is told, many times a second, which share of a file was read. What it throws ends the reading.
using ReadWatch = std::function<void(double share)>;

}  // namespace alert
