#include "profiler/engine/torch_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <fstream>
#include <string>
#include <system_error>
#include <utility>

#include "alert/error.h"
#include "profiler/engine/torch_error.h"

namespace alert {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kZip = "PK\x03\x04";
// The beginning of files written by torch.save before PyTorch 1.6: the pickle of the magic number
// 0x1950a86a20f9469cfc6c (torch/serialization.py, MAGIC_NUMBER).
constexpr std::string_view kBeforeZip("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46", 8);

std::string first_bytes(const fs::path& file, std::string_view remedy) {
    std::error_code failed;
    const fs::file_status status = fs::status(file, failed);
    if (!fs::exists(status)) {
        throw RequestError(fmt::format("{}: no such file", file.string()));
    }
    if (fs::is_directory(status)) {
        throw RequestError(fmt::format("{} is a folder; name a file in it", file.string()));
    }
    if (!fs::is_regular_file(status)) {
        throw RequestError(
            fmt::format("{} is a pipe or a device; copy it into a file", file.string()));
    }
    std::ifstream in(file, std::ios::binary);
    if (!in) {
        throw RequestError(fmt::format("{} cannot be read: {}", file.string(),
                                       std::generic_category().message(errno)));
    }
    std::array<char, kBeforeZip.size()> bytes{};
    in.read(bytes.data(), bytes.size());
    if (in.gcount() == 0) {
        throw RequestError(fmt::format("{} is empty; {}", file.string(), remedy));
    }
    return {bytes.data(), static_cast<std::size_t>(in.gcount())};
}

// Messages of LibTorch's archive reader, and what they mean.
constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kUnreadable{{
    {"central directory", "is cut short or damaged; copy it again, or"},
    {"not a ZIP archive", "is cut short or damaged; copy it again, or"},
    {"encryption", "is encrypted;"},
    {"unsupported method", "is compressed in a way that LibTorch does not read;"},
    {"maximum supported version", "was written by a PyTorch that is newer than this LibTorch;"},
    {"not in a subdirectory", "holds neither data nor a network of PyTorch's;"},
    {"\"version\"", "holds neither data nor a network of PyTorch's;"},
}};

[[noreturn]] void refuse_unreadable(const fs::path& file, const std::string& reason,
                                    std::string_view remedy) {
    for (const auto& [sign, meaning] : kUnreadable) {
        if (reason.find(sign) != std::string::npos) {
            throw RequestError(fmt::format("{} {} {}", file.string(), meaning, remedy));
        }
    }
    throw RequestError(fmt::format("{} cannot be read: {}; {}", file.string(), reason, remedy));
}

// Since 2.1 PyTorch stores the byte order in a record of its own.
void check_byte_order(const fs::path& file, caffe2::serialize::PyTorchStreamReader& records) {
    constexpr const char* kByteOrder = "byteorder";
    if (!records.hasRecord(kByteOrder)) {
        return;
    }
    const auto [bytes, size] = records.getRecord(kByteOrder);
    const std::string_view order(static_cast<const char*>(bytes.get()), size);
    const std::string_view ours = std::endian::native == std::endian::little ? "little" : "big";
    if (order != ours) {
        throw RequestError(fmt::format(
            "{} was written on a machine of the other byte order ({}-endian, this one is "
            "{}-endian); load and save it with PyTorch on one like this",
            file.string(), order == "big" || order == "little" ? order : "unknown", ours));
    }
}

}  // namespace

WatchedBytes::WatchedBytes(const fs::path& file, ReadWatch watch)
    : in_(file, std::ios::binary), size_(fs::file_size(file)), watch_(std::move(watch)) {}

std::size_t WatchedBytes::read(std::uint64_t at, void* to, std::size_t count,
                               const char* /*what*/) const {
    constexpr std::size_t kPart = std::size_t{1} << 22U;
    in_.clear();
    in_.seekg(static_cast<std::streamoff>(at));
    std::size_t done = 0;
    while (done < count && in_ && !thrown_) {
        const std::size_t part = std::min(kPart, count - done);
        in_.read(static_cast<char*>(to) + done, static_cast<std::streamsize>(part));
        done += static_cast<std::size_t>(in_.gcount());
        all_ += static_cast<double>(in_.gcount());
        try {
            if (watch_) {
                watch_(std::min(1.0, all_ / static_cast<double>(size_)));
            }
        } catch (...) {
            thrown_ = std::current_exception();
        }
    }
    return thrown_ ? 0 : done;
}

void WatchedBytes::rethrow() const {
    if (thrown_) {
        std::rethrow_exception(thrown_);
    }
}

TorchFile open_torch_file(const fs::path& file, std::string_view remedy, const ReadWatch& watch) {
    const std::string begin = first_bytes(file, remedy);
    if (begin == kBeforeZip) {
        throw RequestError(fmt::format("{} is data in the format of PyTorch before 1.6; {}",
                                       file.string(), remedy));
    }
    if (!begin.starts_with(kZip)) {
        throw RequestError(fmt::format("{} was not written by PyTorch; {}", file.string(), remedy));
    }
    const auto bytes = std::make_shared<WatchedBytes>(file, watch);
    try {
        TorchFile opened;
        opened.bytes = bytes;
        opened.records = std::make_unique<caffe2::serialize::PyTorchStreamReader>(bytes);
        check_byte_order(file, *opened.records);
        if (opened.records->hasRecord("constants.pkl")) {
            opened.content = FileContent::kNetwork;
            return opened;
        }
        if (opened.records->hasRecord("data.pkl")) {
            return opened;
        }
    } catch (const c10::Error& error) {
        bytes->rethrow();
        refuse_unreadable(file, one_line(error), remedy);
    }
    throw RequestError(
        fmt::format("{} holds neither data nor a network of PyTorch's; {}", file.string(), remedy));
}

FileContent content_of(const fs::path& file, std::string_view remedy) {
    return open_torch_file(file, remedy).content;
}

}  // namespace alert
