#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

/// Files of the kernel: each holds one value, takes it in one write, and refuses it with an errno.
namespace alert {

/// $ALERT_SYSFS_ROOT, else /sys.
std::filesystem::path sysfs_root();

/// The file's text without the newline at its end; empty if it cannot be read (errno says why).
std::optional<std::string> read_value(const std::filesystem::path& file);

/// Writes the value in one write; 0, or the errno with which it was refused.
int write_value(const std::filesystem::path& file, std::string_view value) noexcept;

/// The whole number in a file; empty if it cannot be read or holds something else.
std::optional<std::uint64_t> read_number(const std::filesystem::path& file);

/// A file that holds one whole number, kept open to be read repeatedly.
class NumberFile {
   public:
    enum class For { kReading, kSetting };

    /// Throws Error if it cannot be opened for this purpose.
    explicit NumberFile(std::filesystem::path file, For purpose = For::kReading);
    ~NumberFile();
    NumberFile(NumberFile&& other) noexcept;
    NumberFile(const NumberFile&) = delete;
    NumberFile& operator=(const NumberFile&) = delete;
    NumberFile& operator=(NumberFile&&) = delete;

    const std::filesystem::path& path() const { return path_; }
    /// Throws Error that names file and reason; a failed read is never a number.
    std::uint64_t read() const;
    /// 0, or the errno with which it was refused. For::kSetting only.
    int write(std::uint64_t number) const noexcept;

   private:
    std::filesystem::path path_;
    int fd_;
};

}  // namespace alert
