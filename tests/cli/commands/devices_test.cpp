#include <nlohmann/json.hpp>
#include <sstream>

#include "cli/report/render/table.h"
#include "cli/text/printable.h"
#include "tests/cli/program.h"
#include "tests/support/catch.h"

using namespace alert;
using namespace alert::test;
using Catch::Matchers::Contains;
using nlohmann::json;

namespace {

/// A package that two zones limit, one of which is lower, and a sensor; `command` sees them, and
/// neither a GPU nor another alert's journal.
Finished beside_a_package(const std::string& command) {
    return run(R"sh(
export ALERT_SYSFS_ROOT=$PWD/sys XDG_STATE_HOME=$PWD/state ALERT_NVML_LIBRARY=/nowhere/nvml.so
zone() {
  mkdir -p sys/class/powercap/$1 && cd sys/class/powercap/$1
  echo package-0 > name; echo long_term > constraint_0_name
  echo $2 > constraint_0_power_limit_uw; echo 60000000 > constraint_0_max_power_uw
  echo 1000 > energy_uj; echo 262143328850 > max_energy_range_uj
  cd - > /dev/null
}
zone intel-rapl:0 28000000
zone intel-rapl-mmio:0 45000000
mkdir -p sys/class/hwmon/hwmon0
echo 5000000 > sys/class/hwmon/hwmon0/power1_input
echo 50 > sys/class/hwmon/hwmon0/update_interval
)sh" + command);
}

json named(const json& offers, const std::string& name) {
    for (const json& offer : offers) {
        if (offer.at("name") == name) {
            return offer;
        }
    }
    FAIL("no " << name);
    return {};
}

}  // namespace

TEST_CASE("devices shows ranges, second limits and meters with their units") {
    const Finished done = beside_a_package("$ALERT devices --json");
    INFO(done.err);
    REQUIRE(done.code == 0);
    const json devices = json::parse(done.out);
    const json rapl = named(devices.at("knobs"), "rapl");
    CHECK(rapl.at("works") == true);
    CHECK(rapl.at("least_w") == 1);
    CHECK(rapl.at("most_w") == 45);
    CHECK(rapl.at("step_w") == 0.125);
    CHECK(rapl.at("current_w") == 28);
    CHECK(rapl.at("covers") == "package-0 (intel-rapl:0)");
    CHECK(rapl.at("other_limit") == "intel-rapl-mmio:0 at 45W");
    CHECK(rapl.at("external_change").is_null());
    const json hwmon = named(devices.at("meters"), "measured:hwmon");
    CHECK(hwmon.at("resolution_s") == 0.05);
    CHECK(hwmon.at("resolution_source") == "documented");
    const json battery = named(devices.at("meters"), "measured:battery");
    CHECK(battery.at("works") == false);
    CHECK(battery.at("resolution_s").is_null());
    CHECK_THAT(battery.at("remedy").get<std::string>(), Contains("no battery"));
    CHECK(devices.at("auto").at("power") == "rapl");
}

TEST_CASE("devices fits a screen of 80 columns and says what is missing") {
    const Finished done = beside_a_package("$ALERT devices");
    INFO(done.out << done.err);
    REQUIRE(done.code == 0);
    CHECK_THAT(done.out, Contains("also limited by intel-rapl-mmio:0 at 45W") &&
                             Contains("+threads") && Contains("50.0 ms, documented") &&
                             Contains("What is missing"));
    std::istringstream lines(done.out);
    for (std::string line; std::getline(lines, line);) {
        INFO(line);
        CHECK(cli::display_width(line) <= 80);
    }
}

TEST_CASE("devices says why auto has no choice where a run left its settings") {
    const Finished done = beside_a_package(R"sh(
mkdir -p state/alert
echo "{" > state/alert/journal.json
$ALERT devices --json)sh");
    INFO(done.err);
    REQUIRE(done.code == 0);
    const json automatic = json::parse(done.out).at("auto");
    CHECK(automatic.at("power").is_null());
    CHECK_THAT(automatic.at("why").get<std::string>(), Contains("journal"));
}
