#pragma once

#include <exception>
#include <string>

namespace alert {

/// The text of a LibTorch exception in one line: without backtraces and, for an error inside a
/// network, without the network's source lines.
std::string one_line(const std::exception& error);

}  // namespace alert
