#include "tests/fuzz/targets.h"

#include <stdlib.h>

#include <algorithm>
#include <cmath>
#include <fstream>

namespace alert::fuzz {

namespace fs = std::filesystem;

namespace {

bool is_control(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f;
}

class Folder {
   public:
    Folder() {
        std::string name = fs::temp_directory_path() / "alert-fuzz-XXXXXX";
        require(mkdtemp(name.data()) != nullptr, "no temporary folder");
        path_ = name;
    }
    ~Folder() {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    const fs::path& path() const { return path_; }

   private:
    fs::path path_;
};

}  // namespace

void require(bool holds, const std::string& what) {
    if (!holds) {
        throw Broken(what);
    }
}

void require_one_line(std::string_view message, std::string_view input) {
    require(!message.empty(), "a refusal without a word");
    for (const char c : message) {
        require(!is_control(c) || input.find(c) != std::string_view::npos,
                "a control character of its own in: " + std::string(message));
    }
}

const fs::path& folder() {
    static const Folder folder;
    return folder.path();
}

fs::path file_with(std::string_view input, const std::string& name) {
    const fs::path file = folder() / name;
    std::ofstream out(file, std::ios::binary | std::ios::trunc);
    out.write(input.data(), static_cast<std::streamsize>(input.size()));
    require(out.good(), "no room for " + file.string());
    return file;
}

unsigned char take_byte(std::string_view& input) {
    if (input.empty()) {
        return 0;
    }
    const auto byte = static_cast<unsigned char>(input.front());
    input.remove_prefix(1);
    return byte;
}

bool alike(double a, double b) {
    return std::abs(a - b) <= 1e-11 * std::max({1e-300, std::abs(a), std::abs(b)});
}

}  // namespace alert::fuzz
