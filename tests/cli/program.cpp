#include "tests/cli/program.h"

#include <stdlib.h>
#include <sys/wait.h>

#include <fstream>
#include <sstream>
#include <stdexcept>

namespace alert::test {

TemporaryFolder::TemporaryFolder() {
    std::string name = std::filesystem::temp_directory_path() / "alert-test-XXXXXX";
    if (mkdtemp(name.data()) == nullptr) {
        throw std::runtime_error("no temporary folder");
    }
    path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
    std::filesystem::remove_all(path_);
}

std::string read_file(const std::filesystem::path& file) {
    std::ifstream in(file);
    if (!in) {
        throw std::runtime_error("cannot read " + file.string());
    }
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

void write_file(const std::filesystem::path& file, const std::string& text) {
    std::ofstream(file) << text;
}

Finished run(const std::string& command_line) {
    const TemporaryFolder folder;
    const auto script = folder.path() / "script";
    write_file(script, command_line);
    const std::string at = folder.path().string();
    const std::string shell = "cd " + at + " && unset ALERT_STORE NO_COLOR && ALERT='" +
                              ALERT_PROGRAM + "' bash script > " + at + "/out 2> " + at + "/err";
    const int status = std::system(shell.c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, read_file(folder.path() / "out"),
            read_file(folder.path() / "err")};
}

bool has_program(const std::string& name) {
    return std::system(("command -v " + name + " > /dev/null").c_str()) == 0;
}

}  // namespace alert::test
