#include "profiler/file_hash.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <system_error>
#include <vector>

#include "alert/error.h"

namespace alert {
namespace {

namespace fs = std::filesystem;

// https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md, XXH64 with seed 0. A hash
// that takes one byte at a time (FNV-1a) would need more than a second for a gigabyte.
constexpr std::uint64_t kPrime1 = 0x9E3779B185EBCA87;
constexpr std::uint64_t kPrime2 = 0xC2B2AE3D27D4EB4F;
constexpr std::uint64_t kPrime3 = 0x165667B19E3779F9;
constexpr std::uint64_t kPrime4 = 0x85EBCA77C2B2AE63;
constexpr std::uint64_t kPrime5 = 0x27D4EB2F165667C5;
constexpr std::size_t kStripe = 32;

std::uint64_t little_endian(const char* bytes, std::size_t size) {
    std::uint64_t word = 0;
    if constexpr (std::endian::native == std::endian::little) {
        std::memcpy(&word, bytes, size);
    } else {
        for (std::size_t i = 0; i < size; ++i) {
            word |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[i])) << (8 * i);
        }
    }
    return word;
}

std::uint64_t round(std::uint64_t sum, std::uint64_t word) {
    return std::rotl(sum + word * kPrime2, 31) * kPrime1;
}

class Xxh64 {
   public:
    /// In all calls but the last, the size is a multiple of kStripe.
    void add(const char* bytes, std::size_t size) {
        size_ += size;
        for (; size >= kStripe; size -= kStripe) {
            for (std::uint64_t& sum : sums_) {
                sum = round(sum, little_endian(bytes, 8));
                bytes += 8;
            }
        }
        std::copy_n(bytes, size, rest_.begin());
    }

    std::uint64_t finish() const {
        std::uint64_t hash = size_ < kStripe ? kPrime5 : merged();
        hash += size_;
        const char* bytes = rest_.data();
        std::size_t left = size_ % kStripe;
        for (; left >= 8; left -= 8, bytes += 8) {
            hash = std::rotl(hash ^ round(0, little_endian(bytes, 8)), 27) * kPrime1 + kPrime4;
        }
        if (left >= 4) {
            hash = std::rotl(hash ^ (little_endian(bytes, 4) * kPrime1), 23) * kPrime2 + kPrime3;
            left -= 4;
            bytes += 4;
        }
        for (; left > 0; --left, ++bytes) {
            hash = std::rotl(hash ^ (little_endian(bytes, 1) * kPrime5), 11) * kPrime1;
        }
        hash = (hash ^ (hash >> 33)) * kPrime2;
        hash = (hash ^ (hash >> 29)) * kPrime3;
        return hash ^ (hash >> 32);
    }

   private:
    std::uint64_t merged() const {
        std::uint64_t hash = std::rotl(sums_[0], 1) + std::rotl(sums_[1], 7) +
                             std::rotl(sums_[2], 12) + std::rotl(sums_[3], 18);
        for (const std::uint64_t sum : sums_) {
            hash = (hash ^ round(0, sum)) * kPrime1 + kPrime4;
        }
        return hash;
    }

    std::array<std::uint64_t, 4> sums_{kPrime1 + kPrime2, kPrime2, 0, 0 - kPrime1};
    std::array<char, kStripe> rest_{};
    std::uint64_t size_ = 0;
};

}  // namespace

std::string hash_of(const fs::path& file, const ReadWatch& watch) {
    std::error_code ignored;
    if (fs::exists(file, ignored) && !fs::is_regular_file(file, ignored)) {
        throw RequestError(
            fmt::format("{} is a folder, a pipe or a device; name a file", file.string()));
    }
    std::ifstream in(file, std::ios::binary);
    Xxh64 hash;
    std::vector<char> buffer(1U << 18U);
    const auto size = static_cast<double>(fs::file_size(file, ignored));
    double done = 0;
    while (in.read(buffer.data(), std::ssize(buffer)), in.gcount() > 0) {
        hash.add(buffer.data(), static_cast<std::size_t>(in.gcount()));
        done += static_cast<double>(in.gcount());
        if (watch) {
            watch(std::min(1.0, done / size));
        }
    }
    if (!in.eof()) {
        throw RequestError(fmt::format("{} cannot be read: {}", file.string(),
                                       std::generic_category().message(errno)));
    }
    return fmt::format("{:016x}", hash.finish());
}

}  // namespace alert
