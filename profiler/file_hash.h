#pragma once

#include <filesystem>
#include <string>

#include "profiler/read_watch.h"

namespace alert {

/// XXH64 of a file's content, 16 hexadecimal digits, as `xxhsum -H1` prints it: tells a changed
/// network or data file from the one that was measured. Reads the file once, from the disk or its
/// cache, into a small buffer. Throws RequestError where it is no file or cannot be read.
std::string hash_of(const std::filesystem::path& file, const ReadWatch& watch = {});

}  // namespace alert
