#pragma once

#include <filesystem>
#include <optional>
#include <string_view>

namespace alert::cli {

/// The file descriptor behind a name such as /dev/stdout or /dev/fd/3, or a link to one; empty for
/// other files. Throws RequestError where whoever started this program did not open it.
std::optional<int> descriptor_named(const std::filesystem::path& file);

/// Writes the whole text or nothing: to a new file beside it that takes its place when it is
/// complete, so that a full disk leaves an older file as it was. What is no regular file (a
/// terminal, a pipe, a descriptor) is written to as it is. Throws Error (full), RequestError (no
/// such folder, not allowed), one line that names the file.
void write_file(const std::filesystem::path& file, std::string_view text);

}  // namespace alert::cli
