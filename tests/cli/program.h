#pragma once

#include <filesystem>
#include <string>

namespace alert::test {

struct Finished {
    int code = 0;
    std::string out, err;
};

/// Runs a command line in bash, with the built program as $ALERT, in an empty folder of its own
/// without ALERT_STORE in the environment.
Finished run(const std::string& command_line);

bool has_program(const std::string& name);

/// A folder that is deleted with the object.
class TemporaryFolder {
   public:
    TemporaryFolder();
    ~TemporaryFolder();
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    const std::filesystem::path& path() const { return path_; }

   private:
    std::filesystem::path path_;
};

std::string read_file(const std::filesystem::path& file);
void write_file(const std::filesystem::path& file, const std::string& text);

}  // namespace alert::test
