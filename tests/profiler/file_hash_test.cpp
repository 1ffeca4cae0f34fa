#include "profiler/file_hash.h"

#include <algorithm>
#include <fstream>
#include <string>
#include <vector>

#include "alert/error.h"
#include "profiler/family.h"
#include "profiler/stop.h"
#include "tests/profiler/temporary_folder.h"
#include "tests/support/catch.h"

using namespace alert;
using Catch::Matchers::Contains;

namespace {

std::string hash_of_text(const std::string& text) {
    const TemporaryFolder folder;
    std::ofstream(folder.path() / "file", std::ios::binary) << text;
    return hash_of(folder.path() / "file");
}

}  // namespace

TEST_CASE("the hash of a file is XXH64") {
    // As the Python package xxhash 3 has them.
    CHECK(hash_of_text("") == "ef46db3751d8e999");
    CHECK(hash_of_text("a") == "d24ec4f1a98c6e5b");
    CHECK(hash_of_text("abc") == "44bc2cf5ad770999");
    CHECK(hash_of_text(std::string(31, 'a')) == "fe47067cda802916");
    CHECK(hash_of_text(std::string(32, 'a')) == "856e843298f99ad7");
    CHECK(hash_of_text("Nobody inspects the spammish repetition") == "fbcea83c8a378bf1");
    std::string large;  // more than a buffer
    for (int i = 0; i < 1025 * 256; ++i) {
        large += static_cast<char>(i % 256);
    }
    CHECK(hash_of_text(large) == "096d00edbe6e4b4b");
}

TEST_CASE("the hash is that of the content, whatever the name") {
    const TemporaryFolder folder;
    std::ofstream(folder.path() / "a.pt") << "a";
    std::ofstream(folder.path() / "b.pt") << "a";
    CHECK(hash_of(folder.path() / "b.pt") == hash_of(folder.path() / "a.pt"));
    CHECK(find_family({folder.path() / "a.pt"}).models[0].hash == "d24ec4f1a98c6e5b");
}

TEST_CASE("a change anywhere in a large file changes its hash") {
    const std::string content(1'000'000, 'x');
    const std::string hash = hash_of_text(content);
    for (const std::size_t at : {0UL, 262'143UL, 262'144UL, 999'999UL}) {
        std::string changed = content;
        changed[at] = static_cast<char>(changed[at] ^ 0x80);
        CHECK(hash_of_text(changed) != hash);
    }
}

TEST_CASE("what is no file has no hash, and nobody waits for it") {
    const TemporaryFolder folder;
    CHECK_THROWS_AS(hash_of(folder.path() / "none"), RequestError);
    CHECK_THROWS_WITH(hash_of(folder.path() / "none"), Contains("No such file"));
    CHECK_THROWS_WITH(hash_of(folder.path()), Contains("is a folder, a pipe or a device"));
    CHECK_THROWS_WITH(hash_of("/dev/zero"), Contains("is a folder, a pipe or a device"));
}

TEST_CASE("whoever waits for a hash is told how far it is, and may end it") {
    const TemporaryFolder folder;
    std::ofstream(folder.path() / "file") << std::string(1'000'000, 'x');
    std::vector<double> shares;
    hash_of(folder.path() / "file", [&](double share) { shares.push_back(share); });
    CHECK(shares.size() > 1);
    CHECK(std::is_sorted(shares.begin(), shares.end()));
    CHECK(shares.front() > 0);
    CHECK(shares.back() == 1);
    const auto end = [](double) { throw Interrupted(); };
    CHECK_THROWS_AS(hash_of(folder.path() / "file", end), Interrupted);
}
