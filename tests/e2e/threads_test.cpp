
#include "tests/e2e/session.h"
#include "tests/support/catch.h"

namespace alert::test {
namespace {

using Catch::Matchers::Contains;
using nlohmann::json;

constexpr auto kNetworks = "--models $ZOO/cnn-1k.pt --data $ZOO/data/test.pt --power none+threads";

bool has_two_cores(const Session& session) {
    return std::stoi(session.must("nproc")) >= 2;
}

TEST_CASE("numbers of threads are settings from the profile to the replay") {
    const Session session;
    if (!has_two_cores(session)) {
        WARN("left out: it takes two cores");
        return;
    }
    const std::string pairs = std::string(kNetworks) + " --settings +1t,2t --inputs 30";
    session.profile(pairs);
    CHECK(session.sql("SELECT power_setting, samples > 0 FROM profile_summary") == "1t|1\n2t|1");
    CHECK(session.sql("SELECT power_spec, threads FROM profile") == "none+threads|1");
    for (const std::string setting : {"1t", "2t"}) {
        for (const json& input : session.run_json(
                 "--deadline 1s --period 5ms --inputs 5 --scheme fixed:cnn-1k@" + setting)) {
            CHECK(input.at("power_setting") == setting);
            CHECK(input.at("met_deadline") == 1);
        }
    }
    session.must("alert trace -q " + pairs);
    const json replays =
        json::parse(session.must("alert replay -q --json --deadline 1s --scheme alert oracle"));
    CHECK(replays.size() == 2);
}

TEST_CASE("a profile of threads is widened by the pairs that are missing") {
    const Session session;
    if (!has_two_cores(session)) {
        WARN("left out: it takes two cores");
        return;
    }
    session.profile(std::string(kNetworks) + " --settings 1t --inputs 10");
    session.profile(std::string(kNetworks) + " --settings 2t --inputs 10");
    CHECK(session.sql("SELECT power_setting FROM profile_summary") == "1t\n2t");
}

TEST_CASE("flag --threads beside a knob that sets them is refused") {
    const Session session;
    const Finished done =
        session("alert profile --threads 2 " + std::string(kNetworks) + " --inputs 5");
    CHECK(done.code == 2);
    CHECK_THAT(done.err, Contains("--threads 2: --power none+threads sets the threads itself"));
}

TEST_CASE("devices tests a knob that is joined with threads") {
    const Session session;
    const json tested = json::parse(session.must("alert devices --test none+threads --json"));
    CHECK(tested.at(0).at("requested") == "1t");
    for (const json& row : tested) {
        CHECK(row.at("current") == row.at("requested"));
    }
}

}  // namespace
}  // namespace alert::test
