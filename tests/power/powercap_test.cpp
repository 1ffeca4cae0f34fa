#include "tests/power/powercap.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "profiler/power/sysfs.h"
#include "tests/support/catch.h"

// The stand-in itself: what the kernel's powercap does, as scripts/test-kernel sees it.

namespace alert::test {
namespace {

constexpr auto kZone = "intel-rapl:0";

struct OnePackage : Powercap {
    OnePackage() { add(kZone, package("package-0", 40)); }

    std::filesystem::path long_term() const { return limit_file(kZone, "long_term"); }
    int write_limit(const std::string& text) const { return write_value(long_term(), text); }
};

TEST_CASE("a limit takes decimal numbers only") {
    const OnePackage machine;
    for (const char* text : {"4e7", " 30000000", "-1", "++3", "30000000uW", "0x10", ""}) {
        INFO('"' << text << '"');
        // Nothing written is no write at all.
        CHECK(machine.write_limit(text) == (*text == '\0' ? 0 : EINVAL));
    }
    CHECK(read_value(machine.long_term()) == "40000000");
    CHECK(machine.write_limit("30000000\n") == 0);
    CHECK(read_value(machine.long_term()) == "30000000");
    CHECK(machine.write_limit("+20000000") == 0);
    CHECK(read_value(machine.long_term()) == "20000000");
}

TEST_CASE("limits are kept in 15 bits of 1/8 W") {
    const OnePackage machine;
    REQUIRE(machine.write_limit("33333333") == 0);
    CHECK(read_value(machine.long_term()) == "33250000");
    REQUIRE(machine.write_limit("5000000000") == 0);  // 40000 units, of which 7232 remain
    CHECK(read_value(machine.long_term()) == "904000000");
    REQUIRE(machine.write_limit("0") == 0);
    CHECK(read_value(machine.long_term()) == "0");
}

TEST_CASE("a locked limit is refused with ENODATA, a locked switch with ENOSYS") {
    OnePackage machine;
    const auto enabled = machine.file(kZone, "enabled");
    CHECK(write_value(enabled, "2") == EINVAL);
    CHECK(write_value(enabled, "0") == 0);
    CHECK(read_value(enabled) == "0");
    machine.change(kZone, [](Zone& zone) { zone.locked = true; });
    CHECK(machine.write_limit("30000000") == ENODATA);
    CHECK(write_value(enabled, "1") == ENOSYS);
}

TEST_CASE("a counter that fails is refused with EINVAL, and nobody may write it") {
    OnePackage machine;
    const auto counter = machine.file(kZone, "energy_uj");
    CHECK(write_value(counter, "0") == EACCES);
    CHECK(read_number(counter));
    machine.change(kZone, [](Zone& zone) { zone.energy_fails = true; });
    CHECK_FALSE(read_value(counter));
    CHECK(errno == EINVAL);
}

TEST_CASE("a zone that is gone leaves ENODEV to who has its files open, ENOENT to others") {
    OnePackage machine;
    const auto limit = machine.long_term();
    const int open_file = open(limit.c_str(), O_RDWR | O_CLOEXEC);
    REQUIRE(open_file >= 0);
    machine.remove(kZone);
    char text[32];
    CHECK(pread(open_file, text, sizeof text, 0) == -1);
    CHECK(errno == ENODEV);
    CHECK(pwrite(open_file, "1", 1, 0) == -1);
    CHECK(errno == ENODEV);
    close(open_file);
    CHECK(write_value(limit, "1") == ENOENT);
}

TEST_CASE("a read-only mount refuses every write with EROFS") {
    OnePackage machine;
    machine.files().make_read_only();
    CHECK(machine.write_limit("30000000") == EROFS);
    CHECK(read_value(machine.long_term()) == "40000000");
}

TEST_CASE("a package draws what it demands, up to the least limit of all its zones") {
    OnePackage machine;
    CHECK(machine.power_w("package-0") == Approx(40));
    machine.add("intel-rapl-mmio:0", package("package-0", 28));
    CHECK(machine.power_w("package-0") == Approx(28));
    machine.demand("package-0", 12);
    CHECK(machine.power_w("package-0") == Approx(12));
}

}  // namespace
}  // namespace alert::test
