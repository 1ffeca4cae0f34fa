#include <cmath>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <string>

#include "alert/error.h"
#include "profiler/clock.h"
#include "profiler/meter/find_meter.h"
#include "profiler/meter/perf_meter.h"
#include "profiler/meter/sensor_meter.h"
#include "tests/profiler/temporary_folder.h"
#include "tests/support/catch.h"

using namespace alert;
using Catch::Matchers::Contains;
namespace fs = std::filesystem;

namespace {

/// A tree laid out like sysfs.
struct Tree {
    TemporaryFolder folder;

    void set(const std::string& file, const std::string& value) const {
        fs::create_directories((folder.path() / file).parent_path());
        std::ofstream(folder.path() / file) << value << '\n';
    }
};

}  // namespace

TEST_CASE("a battery's power is current times voltage, integrated while it discharges") {
    const Tree tree;
    tree.set("class/power_supply/AC/type", "Mains");
    CHECK_THROWS_WITH(SensorMeter::battery(tree.folder.path()), Contains("no battery"));
    tree.set("class/power_supply/BAT0/type", "Battery");
    tree.set("class/power_supply/BAT0/status", "Discharging");
    tree.set("class/power_supply/BAT0/current_now", "2000000");
    tree.set("class/power_supply/BAT0/voltage_now", "12000000");
    SensorMeter meter = SensorMeter::battery(tree.folder.path());
    CHECK(meter.source() == "measured:battery");
    CHECK(meter.read_j(10) == 0);
    tree.set("class/power_supply/BAT0/current_now", "1000000");
    CHECK(meter.read_j(12) == Approx(2 * (24 + 12) / 2.0));
    tree.set("class/power_supply/BAT0/status", "Charging");
    CHECK_THROWS_WITH(meter.read_j(13), Contains("reads Charging") && Contains("unplug"));
}

TEST_CASE("a battery's own power is preferred") {
    const Tree tree;
    tree.set("class/power_supply/BAT1/type", "Battery");
    tree.set("class/power_supply/BAT1/status", "Discharging");
    tree.set("class/power_supply/BAT1/power_now", "8500000");
    tree.set("class/power_supply/BAT1/current_now", "1");
    SensorMeter meter = SensorMeter::battery(tree.folder.path());
    meter.read_j(0);
    CHECK(meter.read_j(10) == Approx(85));
}

TEST_CASE("a sensor that counts energy is preferred to one that shows power") {
    const Tree tree;
    CHECK_THROWS_WITH(SensorMeter::hwmon(tree.folder.path()), Contains("no sensor"));
    tree.set("class/hwmon/hwmon2/power1_input", "5000000");
    SensorMeter power = SensorMeter::hwmon(tree.folder.path());
    power.read_j(1);
    CHECK(power.read_j(3) == Approx(10));
    tree.set("class/hwmon/hwmon3/energy1_input", "7500000");
    SensorMeter energy = SensorMeter::hwmon(tree.folder.path());
    CHECK(energy.read_j(1) == Approx(7.5));
    tree.set("class/hwmon/hwmon3/energy1_input", "9000000");
    CHECK(energy.read_j(2) == Approx(9));
}

TEST_CASE("a sensor moves as often as its driver says, else as is usual for its kind") {
    const Tree tree;
    tree.set("class/hwmon/hwmon0/power1_input", "5000000");
    CHECK(SensorMeter::hwmon(tree.folder.path()).resolution_s() == 0.1);
    CHECK(SensorMeter::hwmon(tree.folder.path()).resolution_assumed());
    tree.set("class/hwmon/hwmon0/update_interval", "35");
    CHECK(SensorMeter::hwmon(tree.folder.path()).resolution_s() == Approx(0.035));
    CHECK_FALSE(SensorMeter::hwmon(tree.folder.path()).resolution_assumed());
}

TEST_CASE("a meter is seen to move when what it shows does") {
    struct Steps final : EnergyMeter {
        std::string_view source() const override { return "measured:steps"; }
        double read_j(double now_s) override { return std::floor(now_s / step_s); }
        double step_s = 0;
    } meter;
    meter.step_s = 5e-3;
    // Looking is late at times, on a busy machine by many steps, and the look after a late one
    // early.
    const auto seen_s = seen_resolution_s(meter, 1);
    REQUIRE(seen_s);
    CHECK(*seen_s > 2e-3);
    CHECK(*seen_s < 0.2);
    meter.step_s = 1e6;
    CHECK_FALSE(seen_resolution_s(meter, 0.02));
}

TEST_CASE("perf's counters are those of the kernel, in the event's unit") {
    // A counter that every kernel has stands for the energy: the time that a CPU was on, in ns.
    const Tree tree;
    const std::string pmu = "bus/event_source/devices/power/";
    tree.set(pmu + "type", "1");     // PERF_TYPE_SOFTWARE
    tree.set(pmu + "cpumask", "0");  // the first "package"
    tree.set(pmu + "events/energy-pkg", "event=0x00");
    tree.set(pmu + "events/energy-pkg.scale", "4e-9");  // so it draws 4 W
    tree.set(pmu + "events/energy-pkg.unit", "Joules");
    std::optional<PerfMeter> meter;
    try {
        meter.emplace(tree.folder.path());
    } catch (const Error& error) {
        WARN("left out: " << error.what());
        return;
    }
    const double begin_s = now_s();
    const double begin_j = meter->read_j(begin_s);
    wait_until(begin_s + 0.1);
    const double end_s = now_s();
    CHECK(meter->read_j(end_s) - begin_j == Approx(4 * (end_s - begin_s)).epsilon(0.02));
}

TEST_CASE("perf adds up a counter for every package, and refuses another unit") {
    const Tree tree;
    const std::string pmu = "bus/event_source/devices/power/";
    tree.set(pmu + "type", "1");
    tree.set(pmu + "cpumask", "0,0");  // one CPU twice: twice the time
    tree.set(pmu + "events/energy-pkg", "event=0x00");
    tree.set(pmu + "events/energy-pkg.scale", "1e-9");
    try {
        PerfMeter meter(tree.folder.path());
        // A reading may take a while where this thread is preempted: at least what lies between
        // the two readings, at most what lies around them.
        const double before_s = now_s();
        const double begin_j = meter.read_j(before_s);
        const double begin_s = now_s();
        wait_until(begin_s + 0.1);
        const double end_s = now_s();
        const double spent_j = meter.read_j(end_s) - begin_j;
        const double after_s = now_s();
        CHECK(spent_j > 2 * (end_s - begin_s) * (1 - 0.02));
        CHECK(spent_j < 2 * (after_s - before_s) * (1 + 0.02));
    } catch (const Error& error) {
        WARN("left out: " << error.what());
    }
    tree.set(pmu + "events/energy-pkg.unit", "Watts");
    CHECK_THROWS_WITH(PerfMeter(tree.folder.path()), Contains("no event energy-pkg in Joules"));
}

TEST_CASE("perf is refused where the event is missing or the kernel does not know it") {
    const Tree tree;
    CHECK_THROWS_WITH(PerfMeter(tree.folder.path()), Contains("no event energy-pkg"));
    const std::string pmu = "bus/event_source/devices/power/";
    tree.set(pmu + "type", "987654");  // of no PMU
    tree.set(pmu + "cpumask", "0");
    tree.set(pmu + "events/energy-pkg", "event=0x02");
    tree.set(pmu + "events/energy-pkg.scale", "2.3283064365386962890625e-10");
    tree.set(pmu + "events/energy-pkg.unit", "Joules");
    CHECK_THROWS_WITH(PerfMeter(tree.folder.path()), Contains("perf event energy-pkg: "));
}

TEST_CASE("the finest meter that works is taken") {
    const Tree tree;
    setenv("ALERT_SYSFS_ROOT", tree.folder.path().c_str(), 1);
    CHECK(first_meter() == nullptr);
    tree.set("class/hwmon/hwmon0/power1_input", "5000000");
    REQUIRE(first_meter());
    CHECK(first_meter()->source() == "measured:hwmon");
    tree.set("class/powercap/intel-rapl:0/name", "package-0");
    tree.set("class/powercap/intel-rapl:0/energy_uj", "1");
    tree.set("class/powercap/intel-rapl:0/max_energy_range_uj", "1000");
    CHECK(first_meter()->source() == "measured:rapl");
    const auto offers = find_meters();
    REQUIRE(offers.size() == 5);
    CHECK(offers[0].covers == "package-0 (intel-rapl:0)");
    CHECK(offers[0].remedy.empty());
    CHECK_THAT(offers[3].remedy, Contains("no battery"));
    unsetenv("ALERT_SYSFS_ROOT");
}
