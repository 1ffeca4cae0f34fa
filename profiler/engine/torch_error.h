#pragma once

#include <exception>
#include <string>

namespace alert {

/// What an exception of LibTorch says, in one line: without its backtraces, and of an error inside
/// a network without the network's source lines.
std::string one_line(const std::exception& error);

}  // namespace alert
