#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

/// Files of the kernel: one value each, written in one write, refused with an errno.
namespace alert {

/// $ALERT_SYSFS_ROOT, else /sys.
std::filesystem::path sysfs_root();

/// The file without the newline at its end; empty where it cannot be read (errno tells why).
std::optional<std::string> read_value(const std::filesystem::path& file);

/// Writes the value in one write; 0, or the errno it was refused with.
int write_value(const std::filesystem::path& file, std::string_view value) noexcept;

}  // namespace alert
