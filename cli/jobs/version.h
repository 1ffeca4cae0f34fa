#pragma once

#include <string>

namespace alert::cli {

/// "0.1.0 (git abc1234)", as `alert --version` prints it and the store keeps it.
std::string version();

}  // namespace alert::cli
