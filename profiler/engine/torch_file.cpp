#include "profiler/engine/torch_file.h"

#include <caffe2/serialize/inline_container.h>
#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <fstream>
#include <string>
#include <system_error>

#include "core/error.h"
#include "profiler/engine/torch_error.h"

namespace alert {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kZip = "PK\x03\x04";
// How the pickle of the magic number 0x1950a86a20f9469cfc6c begins, with which torch.save opened
// its files before PyTorch 1.6 (torch/serialization.py, MAGIC_NUMBER).
constexpr std::string_view kBeforeZip("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46", 8);

std::string first_bytes(const fs::path& file, std::string_view mend) {
    std::error_code failed;
    const fs::file_status status = fs::status(file, failed);
    if (!fs::exists(status)) {
        throw RequestError(fmt::format("{}: no such file", file.string()));
    }
    if (fs::is_directory(status)) {
        throw RequestError(fmt::format("{} is a folder; name a file in it", file.string()));
    }
    std::ifstream in(file, std::ios::binary);
    if (!in) {
        throw RequestError(fmt::format("{} cannot be read: {}", file.string(),
                                       std::generic_category().message(errno)));
    }
    std::array<char, kBeforeZip.size()> bytes{};
    in.read(bytes.data(), bytes.size());
    if (in.gcount() == 0) {
        throw RequestError(fmt::format("{} is empty; {}", file.string(), mend));
    }
    return {bytes.data(), static_cast<std::size_t>(in.gcount())};
}

}  // namespace

FileContent content_of(const fs::path& file, std::string_view mend) {
    const std::string begin = first_bytes(file, mend);
    if (begin == kBeforeZip) {
        throw RequestError(
            fmt::format("{} is data in the format of PyTorch before 1.6; {}", file.string(), mend));
    }
    if (!begin.starts_with(kZip)) {
        throw RequestError(fmt::format("{} was not written by PyTorch; {}", file.string(), mend));
    }
    try {
        caffe2::serialize::PyTorchStreamReader reader(file.string());
        if (reader.hasRecord("constants.pkl")) {
            return FileContent::kNetwork;
        }
        if (reader.hasRecord("data.pkl")) {
            return FileContent::kData;
        }
    } catch (const c10::Error& error) {
        const std::string reason = one_line(error);
        if (reason.find("central directory") != std::string::npos) {
            throw RequestError(fmt::format("{} is cut short or damaged; copy it again, or {}",
                                           file.string(), mend));
        }
        throw RequestError(fmt::format("{} cannot be read: {}; {}", file.string(), reason, mend));
    }
    throw RequestError(
        fmt::format("{} holds neither data nor a network of PyTorch's; {}", file.string(), mend));
}

}  // namespace alert
