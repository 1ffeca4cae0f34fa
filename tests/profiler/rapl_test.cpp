#include "profiler/power/rapl.h"

#include <array>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include "core/error.h"
#include "profiler/clock.h"
#include "profiler/meter/rapl_meter.h"
#include "profiler/power/journal.h"
#include "profiler/power/platform.h"
#include "tests/profiler/processes.h"
#include "tests/profiler/temporary_folder.h"

using namespace alert;
using Catch::Matchers::Contains;
using processes::becomes_true;
using processes::Child;
namespace fs = std::filesystem;

namespace {

/// Files laid out as powercap lays them out. The constraints of a zone are in no fixed order.
struct Powercap {
    TemporaryFolder folder;

    Powercap() {
        setenv("XDG_STATE_HOME", folder.path().c_str(), 1);
        setenv("ALERT_SYSFS_ROOT", folder.path().c_str(), 1);
        setenv("ALERT_NVML_LIBRARY", "/nowhere/libnvidia-ml.so.1", 1);
    }
    ~Powercap() {
        unsetenv("ALERT_SYSFS_ROOT");
        unsetenv("ALERT_NVML_LIBRARY");
    }
    Powercap(const Powercap&) = delete;
    Powercap& operator=(const Powercap&) = delete;

    fs::path zone(const std::string& id) const { return folder.path() / "class/powercap" / id; }
    void set(const std::string& id, const std::string& file, const std::string& value) const {
        fs::create_directories(zone(id));
        std::ofstream(zone(id) / file) << value << '\n';
    }
    std::string value(const std::string& id, const std::string& file) const {
        return read_value(zone(id) / file).value_or("nothing");
    }
    void add(const std::string& id, const std::string& name, int long_term, int limit_w) const {
        const std::string long_prefix = "constraint_" + std::to_string(long_term) + "_";
        const std::string short_prefix = "constraint_" + std::to_string(1 - long_term) + "_";
        set(id, "name", name);
        set(id, long_prefix + "name", "long_term");
        set(id, long_prefix + "power_limit_uw", std::to_string(limit_w) + "000000");
        set(id, long_prefix + "max_power_uw", "0");
        set(id, short_prefix + "name", "short_term");
        set(id, short_prefix + "power_limit_uw", std::to_string(limit_w + 20) + "000000");
        set(id, "energy_uj", "1000");
        set(id, "max_energy_range_uj", "900000000");
    }
    std::vector<RaplPackage> packages() const { return find_rapl_packages(folder.path()); }
};

SettingsSelection watts(std::vector<double> values, std::string text) {
    return {SettingsSelection::Unit::kWatts, std::move(values), std::move(text)};
}

}  // namespace

TEST_CASE("packages are found by their names, whatever the zones are called") {
    const Powercap machine;
    machine.add("intel-rapl:a", "package-10", 0, 45);
    machine.add("intel-rapl:1", "package-2-die-1", 1, 50);
    machine.add("intel-rapl:0", "psys", 0, 90);
    machine.add("intel-rapl:1:0", "core", 0, 30);
    machine.add("dtpm:0", "package-3", 0, 30);
    const auto found = machine.packages();
    REQUIRE(found.size() == 2);
    CHECK(found[0].name == "package-10");
    CHECK(found[1].name == "package-2-die-1");
    REQUIRE(found[1].long_term);
    CHECK(found[1].long_term->limit_file.filename() == "constraint_1_power_limit_uw");
    CHECK(found[1].long_term->limit_w == Approx(50));
    CHECK(found[1].short_term->limit_w == Approx(70));
}

TEST_CASE("of two ways to one package the one with the lower limit is used, and counted once") {
    const Powercap machine;
    machine.add("intel-rapl:0", "package-0", 0, 45);
    machine.add("intel-rapl-mmio:0", "package-0", 0, 35);
    const auto found = machine.packages();
    REQUIRE(found.size() == 1);
    CHECK(found[0].folder.filename() == "intel-rapl-mmio:0");
    CHECK(found[0].twin.filename() == "intel-rapl:0");
    CHECK(rapl_range(found).most_w == Approx(35));
}

TEST_CASE("a greatest power of nothing, or below the limit in force, says nothing") {
    const Powercap machine;
    machine.add("intel-rapl:0", "package-0", 0, 45);
    CHECK(rapl_range(machine.packages()).most_w == Approx(45));
    machine.set("intel-rapl:0", "constraint_0_max_power_uw", "30000000");
    CHECK(rapl_range(machine.packages()).most_w == Approx(45));
    machine.set("intel-rapl:0", "constraint_0_max_power_uw", "65000000");
    CHECK(rapl_range(machine.packages()).most_w == Approx(65));
}

TEST_CASE("caps from a third of the most to the most are offered") {
    CHECK(rapl_sweep_w({1, 45}) == std::vector<double>{15, 20, 25, 30, 35, 40, 45});
    CHECK(rapl_sweep_w({1, 6}) == std::vector<double>{2, 3, 4, 5, 6});
    CHECK(rapl_sweep_w({1, 2.5}) == std::vector<double>{1.5, 2.5});
}

TEST_CASE("a cap stands in both terms of every package, and what was found is put back") {
    const Powercap machine;
    machine.add("intel-rapl:0", "package-0", 0, 45);
    machine.add("intel-rapl:1", "package-1", 1, 50);
    {
        const Platform platform = open_platform("rapl", watts({20, 40}, "20W,40W"), "cpu");
        PowerKnob& knob = *platform.knob;
        for (const std::size_t setting : {0, 1, 0}) {
            knob.apply(setting);
            const std::string uw = setting == 0 ? "20000000" : "40000000";
            for (const std::string id : {"intel-rapl:0", "intel-rapl:1"}) {
                CHECK(machine.value(id, "constraint_0_power_limit_uw") == uw);
                CHECK(machine.value(id, "constraint_1_power_limit_uw") == uw);
            }
        }
        CHECK(knob.standing() == "20W");
        CHECK(knob.restore().empty());
    }
    CHECK(machine.value("intel-rapl:0", "constraint_0_power_limit_uw") == "45000000");
    CHECK(machine.value("intel-rapl:0", "constraint_1_power_limit_uw") == "65000000");
    CHECK(machine.value("intel-rapl:1", "constraint_1_power_limit_uw") == "50000000");
    CHECK(machine.value("intel-rapl:1", "constraint_0_power_limit_uw") == "70000000");
}

TEST_CASE("a limit that another program moved is told once and set again") {
    const Powercap machine;
    machine.add("intel-rapl:0", "package-0", 0, 45);
    const Platform platform = open_platform("rapl", watts({20}, "20W"), "cpu");
    platform.knob->apply(0);
    CHECK(!platform.knob->drift());
    machine.set("intel-rapl:0", "constraint_0_power_limit_uw", "31000000");
    platform.knob->apply(0);
    CHECK_THAT(platform.knob->drift().value_or(""),
               Contains("constraint_0_power_limit_uw from 20W to 31W"));
    CHECK(!platform.knob->drift());
    CHECK(machine.value("intel-rapl:0", "constraint_0_power_limit_uw") == "20000000");
}

TEST_CASE("what RAPL cannot do here is refused before anything is changed, with the mend") {
    const Powercap machine;
    CHECK_THROWS_WITH(open_platform("rapl", {}, "cpu"),
                      Contains("no RAPL package") && Contains("intel_rapl_msr"));
    machine.add("intel-rapl:0", "package-0", 0, 45);
    CHECK_THROWS_WITH(open_platform("rapl", watts({50}, "50W"), "cpu"),
                      Contains("--settings 50W: 50W is outside") && Contains("1W to 45W"));
    CHECK_THROWS_AS(open_platform("rapl", watts({0.5}, "500mW"), "cpu"), RequestError);
    machine.set("intel-rapl:0", "constraint_0_name", "peak_power");
    CHECK_THROWS_WITH(open_platform("rapl", {}, "cpu"), Contains("no long-term limit"));
}

TEST_CASE("a zone that vanishes is an error that names it, and the rest is put back") {
    const Powercap machine;
    machine.add("intel-rapl:0", "package-0", 0, 45);
    machine.add("intel-rapl:1", "package-1", 0, 45);
    const Platform platform = open_platform("rapl", watts({20, 40}, "20W,40W"), "cpu");
    platform.knob->apply(0);
    fs::remove_all(machine.zone("intel-rapl:0"));
    CHECK_THROWS_WITH(platform.knob->apply(1), Contains("intel-rapl:0") && Contains("vanished"));
    const auto left = platform.knob->restore();
    REQUIRE(left.size() == 2);
    CHECK_THAT(left[0], Contains("intel-rapl:0") && Contains("65000000"));
    CHECK(machine.value("intel-rapl:1", "constraint_0_power_limit_uw") == "45000000");
    CHECK(machine.value("intel-rapl:1", "constraint_1_power_limit_uw") == "65000000");
}

// $ALERT_TEST_KILLS: how often, twenty times where it is not set.
TEST_CASE("killed at any moment while caps change, every limit is put back") {
    const char* const wanted = std::getenv("ALERT_TEST_KILLS");
    const int kills = wanted == nullptr ? 20 : std::atoi(wanted);
    const Powercap machine;
    machine.add("intel-rapl:0", "package-0", 0, 45);
    machine.add("intel-rapl:1", "package-1", 1, 45);
    const auto as_found = [&] {
        return machine.value("intel-rapl:0", "constraint_0_power_limit_uw") == "45000000" &&
               machine.value("intel-rapl:0", "constraint_1_power_limit_uw") == "65000000" &&
               machine.value("intel-rapl:1", "constraint_1_power_limit_uw") == "45000000" &&
               machine.value("intel-rapl:1", "constraint_0_power_limit_uw") == "65000000";
    };
    std::minstd_rand random(7);
    for (int i = 0; i < kills; ++i) {
        Child child([&](auto ready) {
            std::signal(SIGTERM, SIG_DFL);  // the test program's own handlers would report
            std::signal(SIGABRT, SIG_DFL);
            const Platform platform = open_platform("rapl", watts({20, 40}, "20W,40W"), "cpu");
            platform.knob->apply(0);
            ready();
            for (std::size_t n = 0;; ++n) {
                platform.knob->apply(n % 2);
            }
        });
        REQUIRE(child.ready());
        wait_until(now_s() + 1e-4 * static_cast<double>(random() % 200));
        const bool group = i % 4 == 3;
        child.end(std::array{SIGKILL, SIGTERM, SIGABRT, SIGKILL}[static_cast<unsigned>(i) % 4],
                  group);
        CHECK(becomes_true(as_found));
        // The guardian holds the lock until it is done.
        CHECK(becomes_true([&] { return !fs::exists(journal_file(state_folder())); }));
    }
}

TEST_CASE("energy is summed over packages and wraps at each one's own range") {
    const Powercap machine;
    machine.add("intel-rapl:0", "package-0", 0, 45);
    machine.add("intel-rapl:1", "package-1", 0, 45);
    machine.set("intel-rapl:1", "max_energy_range_uj", "500000000");
    RaplMeter meter(machine.packages());
    CHECK(meter.source() == "measured:rapl");
    const double start_j = meter.read_j(now_s());
    // 20 laps of the first, 36 of the second, in steps of 90 J.
    for (int step = 1; step <= 200; ++step) {
        const std::uint64_t energy_uj = 1000 + 90'000'000ULL * static_cast<unsigned>(step);
        machine.set("intel-rapl:0", "energy_uj", std::to_string(energy_uj % 900'000'000));
        machine.set("intel-rapl:1", "energy_uj", std::to_string(energy_uj % 500'000'000));
        meter.read_j(now_s());
    }
    CHECK(meter.read_j(now_s()) - start_j == Approx(2 * 18'000).epsilon(1e-3));
}

TEST_CASE("a counter that cannot be read is an error, never no energy") {
    const Powercap machine;
    machine.add("intel-rapl:0", "package-0", 0, 45);
    RaplMeter meter(machine.packages());
    machine.set("intel-rapl:0", "energy_uj", "");
    CHECK_THROWS_WITH(meter.read_j(now_s()), Contains("energy_uj: holds no whole number"));
    machine.set("intel-rapl:0", "energy_uj", "x");
    CHECK_THROWS_AS(RaplMeter(machine.packages()), Error);
    const Platform platform = open_platform("rapl", {}, "cpu");
    CHECK(!platform.meter);
    CHECK_THAT(platform.why, Contains("energy is not measured") && Contains("alert devices"));
}

TEST_CASE("auto takes rapl where its limits can be set") {
    const Powercap machine;
    machine.add("intel-rapl:0", "package-0", 0, 45);
    const Platform platform = open_platform("auto", {}, "cpu");
    CHECK(platform.knob->spec() == "rapl");
    CHECK_THAT(platform.why, Contains("took rapl") && Contains("measured:rapl"));
    CHECK(open_platform("auto", {}, "cuda").knob->spec() == "emulated:server");
}
