#include <algorithm>

#include "tests/e2e/session.h"
#include "tests/support/catch.h"

namespace alert::test {
namespace {

using Catch::Matchers::Contains;
using nlohmann::json;

/// The time that a CPU is on, which every kernel counts, stands for the energy of a package: 4 W.
constexpr auto kMeter = R"sh(
export ALERT_SYSFS_ROOT=$PWD/sys
pmu=sys/bus/event_source/devices/power
mkdir -p $pmu/events
echo 1 > $pmu/type; echo 0 > $pmu/cpumask
echo event=0x00 > $pmu/events/energy-pkg
echo 4e-9 > $pmu/events/energy-pkg.scale; echo Joules > $pmu/events/energy-pkg.unit
)sh";

bool works(const Session& session) {
    const json meters =
        json::parse(session.must(std::string(kMeter) + "alert devices --json")).at("meters");
    return std::any_of(meters.begin(), meters.end(), [](const json& meter) {
        return meter.at("name") == "measured:perf" && meter.at("works") == true;
    });
}

TEST_CASE("energy is measured from the profile to the report, with its error") {
    const Session session;
    if (!works(session)) {
        WARN("left out: perf_event_open is not allowed here");
        return;
    }
    session.must(std::string(kMeter) +
                 "alert profile -q --models $ZOO/cnn-1k.pt --data $ZOO/data/test.pt --power none "
                 "--inputs 40\n"
                 "alert run -q --deadline 1s --period 10ms --inputs 40\n"
                 "alert run -q --deadline 1s --period 400us --inputs 200 --label short");
    CHECK(session.sql("SELECT energy_source, abs(power_w - 4) < 0.2, "
                      "abs(energy_j / latency_mean_s - power_w) < 1e-9, "
                      "energy_error_j BETWEEN 0 AND energy_j FROM profile_summary") ==
          "measured:perf|1|1|1");
    CHECK(session.sql("SELECT energy_resolution_s FROM profile") == "0.001");
    // 4 W over periods of 10 ms; the last one ends when the meter is read, a little late.
    CHECK(std::stod(session.sql("SELECT avg(energy_j) FROM run_input WHERE label = 'run'")) ==
          Approx(0.04).epsilon(0.1));
    // Inputs shorter than the meter's step: none is lost and none has nothing.
    CHECK(session.sql("SELECT count(*), count(energy_j), min(energy_j) > 0 FROM run_input "
                      "WHERE label = 'short'") == "200|200|1");
    CHECK_THAT(session.must("alert report run --label run"),
               Contains(" ± ") && Contains("per input"));
    CHECK_THAT(session.must("alert report profile"), Contains("± error"));
    const json report = json::parse(session.must("alert report run --label run --json"));
    CHECK(report.at("energy_error_j").get<double>() > 0);
}

}  // namespace
}  // namespace alert::test
