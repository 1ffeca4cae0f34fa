#include <nlohmann/json.hpp>

#include "tests/cli/program.h"
#include "tests/power/cpus.h"
#include "tests/power/powercap.h"
#include "tests/support/catch.h"

// `alert devices` on machines of three kinds.

namespace alert::test {
namespace {

using Catch::Matchers::Contains;
using nlohmann::json;

/// The row of a knob or a meter.
json row(const json& devices, const char* kind, const std::string& name) {
    for (const json& one : devices.at(kind)) {
        if (one.at("name") == name) {
            return one;
        }
    }
    FAIL("no row " << name);
    return {};
}

json devices() {
    const Finished done = run("\"$ALERT\" devices --json");
    CHECK(done.code == 0);
    return json::parse(done.out);
}

TEST_CASE("a server: both packages are capped and measured, memory and platform left out") {
    Powercap machine;
    const Cpus cpus({{.cpus = {0, 1}}, {.cpus = {2, 3}}});
    machine.add("intel-rapl:2", other("psys"));
    for (const std::string number : {"1", "0"}) {
        Zone zone = package("package-" + number, 165);
        zone.constraints[0].max_uw = 165'000'000;
        machine.add("intel-rapl:" + number, zone);
        machine.add("intel-rapl:" + number + ":0", other("dram"));
    }
    const json found = devices();
    const json rapl = row(found, "knobs", "rapl");
    CHECK(rapl.at("works") == true);
    CHECK(rapl.at("range") == "1W to 165W");
    CHECK(rapl.at("current") == "165W");
    CHECK(rapl.at("current_w") == 165);
    CHECK(rapl.at("covers") == "package-0 (intel-rapl:0), package-1 (intel-rapl:1)");
    CHECK(row(found, "meters", "measured:rapl").at("works") == true);
    CHECK(found.at("auto").at("power") == "rapl");
    CHECK(row(found, "knobs", "cpufreq").at("range") == "1GHz to 3GHz");
}

TEST_CASE("a laptop: the twin with the lower limit is used, the battery is a meter") {
    Powercap machine;
    const Cpus cpus({{.cpus = {0}}, {.cpus = {1}}});
    machine.add("intel-rapl-mmio:0", package("package-0", 15));
    machine.add("intel-rapl:0", package("package-0", 28));
    machine.add("intel-rapl:0:0", other("core"));
    machine.add("intel-rapl:0:1", other("uncore"));
    machine.add("intel-rapl:1", other("psys"));
    const std::string battery = "class/power_supply/BAT0/";
    machine.files().add(battery + "type", constant("Battery"));
    machine.files().add(battery + "status", constant("Discharging"));
    machine.files().add(battery + "power_now", constant("8500000"));
    const json found = devices();
    const json rapl = row(found, "knobs", "rapl");
    CHECK(rapl.at("range") == "1W to 15W");
    CHECK_THAT(rapl.at("covers").get<std::string>(), Contains("package-0 (intel-rapl-mmio:0"));
    CHECK(row(found, "meters", "measured:battery").at("works") == true);
}

TEST_CASE("an AMD machine: energy is measured, frequencies are what auto takes") {
    Powercap machine;
    const Cpus cpus({{.cpus = {0, 1}, .table = {1'000'000, 2'000'000, 3'000'000}}});
    machine.add("intel-rapl:0", {.name = "package-0", .constraints = {}});
    machine.add("intel-rapl:0:0", {.name = "core", .constraints = {}});
    const json found = devices();
    const json rapl = row(found, "knobs", "rapl");
    CHECK(rapl.at("works") == false);
    CHECK_THAT(rapl.at("remedy").get<std::string>(), Contains("as on AMD processors; use --power"));
    CHECK(row(found, "meters", "measured:rapl").at("works") == true);
    CHECK(found.at("auto").at("power") == "cpufreq");
    CHECK(row(found, "knobs", "cpufreq").at("settings") == "1GHz,2GHz,3GHz");
}

}  // namespace
}  // namespace alert::test
