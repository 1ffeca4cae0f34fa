#pragma once

#include <filesystem>
#include <string_view>

namespace alert::cli {

/// Writes the whole text or nothing: to a new file beside it that takes its place when it is
/// complete, so that a full disk leaves an older file as it was. What is no regular file (a
/// terminal, a pipe) is written to as it is. Throws Error (full), RequestError (no such folder,
/// not allowed), one line that names the file.
void write_file(const std::filesystem::path& file, std::string_view text);

}  // namespace alert::cli
