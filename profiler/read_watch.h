#pragma once

#include <functional>

namespace alert {

/// Called many times a second with the share of a file that has been read. An exception that it
/// throws ends the reading.
using ReadWatch = std::function<void(double share)>;

}  // namespace alert
