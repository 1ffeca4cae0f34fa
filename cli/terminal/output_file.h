#pragma once

#include <filesystem>
#include <optional>
#include <string_view>

namespace alert::cli {

/// The file descriptor behind a name such as /dev/stdout or /dev/fd/3, or a link to one; empty for
/// other files. Throws RequestError if this program was not started with it open.
std::optional<int> descriptor_named(const std::filesystem::path& file);

/// Writes the whole text or nothing: to a new file that then replaces the old one, so that a full
/// disk leaves the old one as it was. Anything but a regular file (a terminal, a pipe, a
/// descriptor) is written to directly. Throws Error (disk full) and RequestError (no such folder,
/// no permission) with one line that names the file.
void write_file(const std::filesystem::path& file, std::string_view text);

}  // namespace alert::cli
