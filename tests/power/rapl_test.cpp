#include "profiler/power/rapl.h"

#include <unistd.h>

#include <string>
#include <vector>

#include "alert/error.h"
#include "profiler/power/journal.h"
#include "profiler/power/platform.h"
#include "tests/power/powercap.h"
#include "tests/profiler/processes.h"
#include "tests/profiler/scripted_engine.h"
#include "tests/support/catch.h"

namespace alert::test {
namespace {

using Catch::Matchers::Contains;

constexpr auto kFirst = "intel-rapl:0";
constexpr auto kSecond = "intel-rapl:1";

struct TwoPackages : Powercap {
    const std::string found;

    TwoPackages() : found(add_both()) {}

   private:
    std::string add_both() {
        add(kFirst, package("package-0", 45));
        Zone second = package("package-1", 50);
        std::swap(second.constraints[0], second.constraints[1]);  // in no fixed order
        second.constraints.insert(second.constraints.begin(), {"peak_power", 90'000'000, {}});
        add(kSecond, second);
        return limits();
    }
};

Platform open_rapl(std::vector<double> caps_w) {
    return open_platform(
        "rapl", SettingsSelection{SettingsSelection::Unit::kWatts, std::move(caps_w), "caps"},
        "cpu");
}

std::uint64_t limit_uw(const Powercap& machine, const char* zone, const char* constraint) {
    return read_number(machine.limit_file(zone, constraint)).value_or(0);
}

int writes(const Powercap& machine) {
    return machine.zone(kFirst).writes + machine.zone(kSecond).writes;
}

TEST_CASE("packages are found by their names, whatever the zones are called and counted") {
    Powercap machine;
    machine.add("intel-rapl:a", package("package-10-die-1", 45));
    machine.add("intel-rapl:0", other("psys"));
    machine.add("intel-rapl:1:0", other("core"));
    machine.add("intel-rapl:1:1", other("uncore"));
    machine.add("intel-rapl:1:2", other("dram"));
    machine.add("intel-rapl:1", package("package-2-die-1", 50));
    machine.add("dtpm:0", package("package-3", 30));
    const auto packages = find_rapl_packages(sysfs_root());
    REQUIRE(packages.size() == 2);
    CHECK(describe(packages) == "package-2-die-1 (intel-rapl:1), package-10-die-1 (intel-rapl:a)");
    CHECK(packages[0].long_term->limit_w == Approx(50));
    CHECK(packages[0].short_term->limit_w == Approx(62.5));
}

TEST_CASE("of two ways to one package the one with the lower limit is set, the other left alone") {
    Powercap machine;
    machine.add(kFirst, package("package-0", 45));
    machine.add("intel-rapl-mmio:0", package("package-0", 35));
    const Platform platform = open_rapl({20, 35});
    CHECK_THROWS_WITH(open_rapl({40}), Contains("1W to 35W"));
    platform.knob->apply(0);
    CHECK(machine.power_w("package-0") == Approx(20));
    CHECK(machine.zone(kFirst).writes == 0);
    CHECK(machine.zone("intel-rapl-mmio:0").writes == 2);
}

TEST_CASE("caps end at the limit of the twin, and a higher one is refused with its name") {
    Powercap machine;
    Zone lower = package("package-0", 28);
    lower.constraints[0].max_uw = 60'000'000;
    machine.add(kFirst, lower);
    machine.add("intel-rapl-mmio:0", package("package-0", 45));
    const RaplRange range = rapl_range(find_rapl_packages(sysfs_root()));
    CHECK(range.most_w == Approx(45));
    CHECK(range.held_by == "intel-rapl-mmio:0");
    CHECK(rapl_sweep_w(range).back() == Approx(45));
    CHECK_THROWS_WITH(open_rapl({20, 50}),
                      Contains("1W to 45W; intel-rapl-mmio:0 limits the same package"));
    CHECK_NOTHROW(open_rapl({20, 45}));
}

TEST_CASE("a twin that is moved below the cap is told") {
    Powercap machine;
    machine.add(kFirst, package("package-0", 40));
    machine.add("intel-rapl-mmio:0", package("package-0", 45));
    const Platform platform = open_rapl({20, 40});
    platform.knob->apply(1);
    CHECK_FALSE(platform.knob->external_change());
    machine.move_limit("intel-rapl-mmio:0", "long_term", 30);
    const auto told = platform.knob->external_change();
    REQUIRE(told);
    CHECK_THAT(*told, Contains("intel-rapl-mmio:0") && Contains("to 30W, below the 40W"));
}

TEST_CASE("the most that a driver names bounds new caps where it can be true, never a restore") {
    const auto most_w = [](std::optional<std::uint64_t> max_uw) {
        Powercap machine;
        Zone zone = package("package-0", 45);
        zone.constraints[0].max_uw = max_uw;
        machine.add(kFirst, zone);
        const std::string found = machine.limits();
        const auto range = rapl_range(find_rapl_packages(sysfs_root()));
        const Platform platform = open_rapl({range.most_w / 2});
        platform.knob->apply(0);
        CHECK(platform.knob->restore().empty());
        CHECK(machine.limits() == found);
        return range.most_w;
    };
    CHECK(most_w(65'000'000) == Approx(65));
    CHECK(most_w(30'000'000) == Approx(45));  // below the limit in force
    CHECK(most_w(0) == Approx(45));
    CHECK(most_w(std::nullopt) == Approx(45));
}

TEST_CASE("a cap stands in both terms of every package, and what was found is restored") {
    TwoPackages machine;
    const Platform platform = open_rapl({20, 40});
    for (const std::size_t setting : {0, 1, 0}) {
        platform.knob->apply(setting);
        for (const char* zone : {kFirst, kSecond}) {
            CHECK(limit_uw(machine, zone, "long_term") == (setting == 0 ? 20'000'000 : 40'000'000));
            CHECK(limit_uw(machine, zone, "short_term") == limit_uw(machine, zone, "long_term"));
        }
        CHECK(machine.power_w("package-1") == Approx(setting == 0 ? 20 : 40));
    }
    CHECK(limit_uw(machine, kSecond, "peak_power") == 90'000'000);
    CHECK(platform.knob->current_setting() == "20W");
    CHECK(platform.knob->restore().empty());
    CHECK(machine.limits() == machine.found);
}

TEST_CASE("a cap joined with threads stands beside them, and is restored") {
    TwoPackages machine;
    ScriptedEngine engine;
    const Platform platform = open_platform(
        "rapl+threads", SettingsSelection{SettingsSelection::Unit::kWatts, {20, 40}, "pairs", {1}},
        "cpu", &engine);
    CHECK(platform.knob->spec() == "rapl+threads");
    REQUIRE(platform.knob->settings().size() == 2);
    CHECK(platform.knob->settings()[0].name == "20W+1t");
    platform.knob->apply(0);
    CHECK(limit_uw(machine, kSecond, "long_term") == 20'000'000);
    CHECK(platform.knob->current_setting() == "20W+1t");
    CHECK(platform.knob->restore().empty());
    CHECK(machine.limits() == machine.found);
}

TEST_CASE("the short term's limit never stands below the long term's, raised or lowered") {
    TwoPackages machine;
    // Found as low as can be, so that the restore lowers both.
    for (const char* constraint : {"long_term", "short_term"}) {
        machine.move_limit(kFirst, constraint, 10);
    }
    machine.change(kFirst, [](Zone& zone) { zone.short_below_long = false; });
    std::vector<double> caps_w{4, 8, 10};
    {
        const Platform platform = open_rapl(caps_w);
        for (const std::size_t setting : {0, 2, 1, 2}) {
            platform.knob->apply(setting);
        }
        // Another program raises them; what was found is lower.
        machine.move_limit(kFirst, "short_term", 60);
        machine.move_limit(kFirst, "long_term", 60);
    }
    CHECK(limit_uw(machine, kFirst, "long_term") == 10'000'000);
    CHECK(limit_uw(machine, kFirst, "short_term") == 10'000'000);
    CHECK_FALSE(machine.zone(kFirst).short_below_long);
    CHECK_FALSE(machine.zone(kSecond).short_below_long);
}

TEST_CASE("a cap that hardware rounds stands, and is not written again") {
    TwoPackages machine;
    const Platform platform = open_rapl({33.3});
    platform.knob->apply(0);
    CHECK(limit_uw(machine, kFirst, "long_term") == 33'250'000);
    CHECK(platform.knob->current_setting() == "33.25W");
    const int written = writes(machine);
    platform.knob->apply(0);
    CHECK(writes(machine) == written);
    CHECK_FALSE(platform.knob->external_change());
}

TEST_CASE(
    "a cap that hardware wraps, or does not take, is an error that names the value in force") {
    TwoPackages machine;
    SECTION("wrapped at 15 bits") {
        for (const char* zone : {kFirst, kSecond}) {
            machine.remove(zone);
        }
        Zone large = package("package-0", 45);
        large.constraints[0].max_uw = 5'000'000'000;
        machine.add(kFirst, large);
        const Platform platform = open_rapl({4500});  // 36000 units, of which 3232 remain
        CHECK_THROWS_WITH(platform.knob->apply(0),
                          Contains("4500W did not take") && Contains("is at 404W"));
        CHECK(platform.knob->restore().empty());
        CHECK(limit_uw(machine, kFirst, "long_term") == 45'000'000);
    }
    SECTION("stuck") {
        machine.change(kSecond, [](Zone& zone) { zone.stuck = true; });
        const Platform platform = open_rapl({20});
        CHECK_THROWS_WITH(platform.knob->apply(0), Contains("20W did not take: ") &&
                                                       Contains("intel-rapl:1") &&
                                                       Contains("is at 50W"));
        CHECK(platform.knob->restore().empty());
        CHECK(machine.limits() == machine.found);
    }
}

TEST_CASE("a locked limit is an error that names the likely causes, and nothing is changed") {
    TwoPackages machine;
    machine.change(kFirst, [](Zone& zone) { zone.locked = true; });
    const Platform platform = open_rapl({20});
    CHECK_THROWS_WITH(platform.knob->apply(0), Contains("20W was refused by ") &&
                                                   Contains("No data available") &&
                                                   Contains("locked by the firmware"));
    CHECK(platform.knob->restore().empty());
    CHECK(machine.limits() == machine.found);
}

TEST_CASE("caps from a third of the most to the most are offered") {
    CHECK(rapl_sweep_w({1, 45}) == std::vector<double>{15, 20, 25, 30, 35, 40, 45});
    CHECK(rapl_sweep_w({1, 6}) == std::vector<double>{2, 3, 4, 5, 6});
    CHECK(rapl_sweep_w({1, 2.5}) == std::vector<double>{1.5, 2.5});
}

TEST_CASE("auto takes rapl where its limits can be set") {
    const TwoPackages machine;
    const Platform platform = open_platform("auto", {}, "cpu");
    CHECK(platform.knob->spec() == "rapl");
    CHECK_THAT(platform.why, Contains("chose rapl") && Contains("measured:rapl"));
    CHECK(open_platform("auto", {}, "cuda").knob->spec() == "emulated:server");
}

TEST_CASE("caps of nothing, or above the most, are refused though the kernel would take them") {
    TwoPackages machine;
    CHECK_THROWS_WITH(open_rapl({0}), Contains("0W is outside the range of rapl here, 1W to 45W"));
    CHECK_THROWS_AS(open_rapl({0.5}), RequestError);
    CHECK_THROWS_AS(open_rapl({50}), RequestError);
    CHECK(writes(machine) == 0);
}

TEST_CASE("a limit that another program changes is reported once and set again") {
    TwoPackages machine;
    const Platform platform = open_rapl({20});
    platform.knob->apply(0);
    CHECK_FALSE(platform.knob->external_change());
    machine.move_limit(kSecond, "long_term", 31);
    platform.knob->apply(0);
    CHECK_THAT(platform.knob->external_change().value_or(""),
               Contains("intel-rapl:1/constraint_2_power_limit_uw from 20W to 31W"));
    CHECK_FALSE(platform.knob->external_change());
    CHECK(limit_uw(machine, kSecond, "long_term") == 20'000'000);
    CHECK(platform.knob->restore().empty());
    CHECK(machine.limits() == machine.found);
}

TEST_CASE("a zone that vanishes is an error that names it, and the rest is restored") {
    TwoPackages machine;
    const Platform platform = open_rapl({20, 40});
    platform.knob->apply(0);
    machine.remove(kFirst);
    CHECK_THROWS_WITH(platform.knob->apply(1), Contains("intel-rapl:0") && Contains("vanished"));
    const auto left = platform.knob->restore();
    REQUIRE(left.size() == 2);
    CHECK_THAT(left[0] + left[1], Contains("echo '45000000' > ") && Contains("echo '56250000' > "));
    CHECK(limit_uw(machine, kSecond, "long_term") == 50'000'000);
    CHECK(limit_uw(machine, kSecond, "short_term") == 62'500'000);
}

TEST_CASE(
    "a restore that is refused is reported, the rest is done, and --restore completes it later") {
    TwoPackages machine;
    machine.change(kFirst, [](Zone& zone) { zone.writes_taken = 2; });
    {
        const Platform platform = open_rapl({20});
        platform.knob->apply(0);
        const auto left = platform.knob->restore();
        REQUIRE(left.size() == 2);
        CHECK_THAT(left[0], Contains("intel-rapl:0"));
        CHECK_THAT(left[1], Contains("intel-rapl:0"));
        CHECK(limit_uw(machine, kSecond, "long_term") == 50'000'000);
    }
    CHECK_THROWS_WITH(open_rapl({20}), Contains("alert devices --restore"));
    machine.change(kFirst, [](Zone& zone) { zone.writes_taken = 1000; });
    CHECK(restore_left_behind().failures.empty());
    CHECK(machine.limits() == machine.found);
    CHECK_NOTHROW(open_rapl({20}));
}

TEST_CASE("without root, and in a container, rapl is refused with the remedy before any change") {
    TwoPackages machine;
    SECTION("not root") {
        processes::Child nobody([&](auto ready) {
            if (setuid(65534) != 0) {
                return;
            }
            try {
                open_rapl({20});
            } catch (const RequestError& error) {
                if (std::string(error.what()).find("Permission denied; run as root") !=
                    std::string::npos) {
                    ready();
                }
            }
        });
        CHECK(nobody.ready());
    }
    SECTION("read-only") {
        machine.files().make_read_only();
        CHECK_THROWS_WITH(open_rapl({20}),
                          Contains("Read-only file system") && Contains("run on the host"));
    }
    CHECK(writes(machine) == 0);
}

TEST_CASE("energy alone, as on AMD, and no zones, as in a virtual machine, are told apart") {
    Powercap machine;
    CHECK_THROWS_WITH(open_rapl({20}), Contains("no RAPL package") && Contains("intel_rapl_msr"));
    machine.add(kFirst, {.name = "package-0", .constraints = {}});
    CHECK_THROWS_WITH(open_rapl({20}), Contains("no long-term limit, as on AMD"));
    CHECK(open_platform("none", {}, "cpu").meter->source() == "measured:rapl");
}

}  // namespace
}  // namespace alert::test
