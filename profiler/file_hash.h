#pragma once

#include <filesystem>
#include <string>

#include "profiler/read_watch.h"

namespace alert {

/// XXH64 of a file's content, 16 hexadecimal digits, as `xxhsum -H1` prints it: detects a network
/// or data file that changed since it was measured. Reads the file once, through a small buffer:
/// 0.2 s for a gigabyte that is cached. Throws RequestError if it is not a file or cannot be read.
std::string hash_of(const std::filesystem::path& file, const ReadWatch& watch = {});

}  // namespace alert
