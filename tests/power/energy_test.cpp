#include <unistd.h>

#include <string>

#include "alert/error.h"
#include "profiler/clock.h"
#include "profiler/meter/rapl_meter.h"
#include "profiler/power/platform.h"
#include "profiler/power/sysfs.h"
#include "tests/power/powercap.h"
#include "tests/profiler/processes.h"
#include "tests/support/catch.h"

namespace alert::test {
namespace {

using Catch::Matchers::Contains;
using processes::becomes_true;

constexpr double kStep_s = 1e-3;  // of the counters

/// A reading, and the moments that it lies between.
struct Reading {
    double before_s, energy_j, after_s;
};

Reading read(RaplMeter& meter) {
    const double before_s = now_s();
    const double energy_j = meter.read_j(before_s);
    return {before_s, energy_j, now_s()};
}

/// Whether the energy between two readings is that of a known power, to 0.1 %. `passed_s`: time
/// that was let pass in addition.
void check_energy(const Reading& start, const Reading& end, double power_w, double passed_s = 0) {
    const double energy_j = end.energy_j - start.energy_j;
    CHECK(energy_j >= 0.999 * power_w * (end.before_s - start.after_s + passed_s - kStep_s));
    CHECK(energy_j <= 1.001 * power_w * (end.after_s - start.before_s + passed_s + kStep_s));
}

Zone with_range(Zone zone, std::uint64_t range_uj) {
    zone.range_uj = range_uj;
    return zone;
}

TEST_CASE("over more than 20 laps of each counter the energy is the known power's") {
    Powercap machine;
    machine.add("intel-rapl:0", with_range(package("package-0", 40), 800'000'000));  // laps of 20 s
    machine.add("intel-rapl:1", with_range(package("package-1", 50), 500'000'000));  // of 10 s
    machine.add("intel-rapl:1:0", package("core", 50));
    machine.add("intel-rapl:2", package("psys", 50));
    RaplMeter meter(find_rapl_packages(sysfs_root()));
    CHECK(meter.source() == "measured:rapl");
    const Reading start = read(meter);
    Reading end = start;
    constexpr double kLaps_s = 20 * 20;
    for (int part = 0; part < 100; ++part) {
        machine.pass(kLaps_s / 100);
        end = read(meter);
    }
    check_energy(start, end, 40 + 50, kLaps_s);
}

TEST_CASE("laps are counted while nobody asks") {
    Powercap machine;
    constexpr auto kZone = "intel-rapl:0";
    machine.add(kZone, with_range(package("package-0", 40), 100'000'000));  // laps of 2.5 s
    RaplMeter meter(find_rapl_packages(sysfs_root()));
    const Reading start = read(meter);
    for (int lap = 0; lap < 10; ++lap) {
        const int reads = machine.zone(kZone).energy_reads;
        machine.pass(2);
        REQUIRE(becomes_true([&] { return machine.zone(kZone).energy_reads > reads; }));
    }
    check_energy(start, read(meter), 40, 10 * 2);
}

TEST_CASE("energy follows the cap in force, the energy of two ways to a package counts once") {
    Powercap machine;
    machine.add("intel-rapl:0", package("package-0", 45));
    machine.add("intel-rapl-mmio:0", package("package-0", 35));
    const Platform platform = open_platform(
        "rapl", SettingsSelection{SettingsSelection::Unit::kWatts, {20}, "20W"}, "cpu");
    auto& meter = dynamic_cast<RaplMeter&>(*platform.meter);
    Reading start = read(meter);
    wait_until(start.after_s + 0.2);
    check_energy(start, read(meter), 35);
    platform.knob->apply(0);
    start = read(meter);
    wait_until(start.after_s + 0.2);
    check_energy(start, read(meter), 20);
}

TEST_CASE("a counter that cannot be read is an error that names it, never no energy") {
    Powercap machine;
    machine.add("intel-rapl:0", package("package-0", 45));
    RaplMeter meter(find_rapl_packages(sysfs_root()));
    SECTION("it fails") {
        machine.change("intel-rapl:0", [](Zone& zone) { zone.energy_fails = true; });
        CHECK_THROWS_WITH(meter.read_j(now_s()), Contains("energy_uj: Invalid argument"));
        CHECK_THROWS_AS(RaplMeter(find_rapl_packages(sysfs_root())), Error);
    }
    SECTION("it is gone") {
        machine.remove("intel-rapl:0");
        CHECK_THROWS_WITH(meter.read_j(now_s()), Contains("energy_uj: No such device"));
    }
}

TEST_CASE("where energy may not be read, caps are set all the same and the lack is told") {
    Powercap machine;
    machine.add("intel-rapl:0", package("package-0", 45));
    SECTION("it fails") {
        machine.change("intel-rapl:0", [](Zone& zone) { zone.energy_fails = true; });
        const Platform platform = open_platform("rapl", {}, "cpu");
        CHECK_FALSE(platform.meter);
        CHECK_THAT(platform.why, Contains("energy is not measured") && Contains("alert devices"));
    }
    SECTION("not root") {
        processes::Child nobody([&](auto ready) {
            if (setuid(65534) != 0) {
                return;
            }
            try {
                const RaplMeter meter(find_rapl_packages(sysfs_root()));
            } catch (const Error& error) {
                if (std::string(error.what()).find("energy_uj: Permission denied") !=
                    std::string::npos) {
                    ready();
                }
            }
        });
        CHECK(nobody.ready());
    }
}

}  // namespace
}  // namespace alert::test
