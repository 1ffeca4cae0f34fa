
#include "tests/e2e/session.h"
#include "tests/support/catch.h"

namespace alert::test {
namespace {

using Catch::Matchers::Contains;
using nlohmann::json;

/// A container with a quota of one CPU, as far as its control group shows; `throttle` plays the
/// kernel that counts: every 10 ms two periods, the second of them throttled for 5 ms.
constexpr auto kContainer = R"sh(
export ALERT_SYSFS_ROOT=$PWD/sys
group=sys/fs/cgroup
mkdir -p $group
echo cpu > $group/cgroup.controllers
echo '100000 100000' > $group/cpu.max
stat() { printf 'nr_periods %s\nnr_throttled %s\nthrottled_usec %s\n' $((2 * $1)) $1 $((5000 * $1)) > new; mv new $group/cpu.stat; }
stat 7
throttle() {
    for ((i = 8; ; ++i)); do stat $i; sleep 0.01; done & kernel=$!
    "$@"; code=$?
    kill $kernel; wait $kernel 2> /dev/null
    return $code
}
)sh";

constexpr auto kNetwork = "--models $ZOO/cnn-1k.pt --data $ZOO/data/test.pt --power none";

TEST_CASE("a CPU quota that held a measurement back is warned of and stored") {
    const Session session;
    const std::string in_container = kContainer;
    const auto check = [&](const std::string& command, const std::string& table) {
        CAPTURE(command);
        const Finished done = session(in_container + "throttle alert " + command);
        CHECK(done.code == 0);
        const std::string told = "the quota of 1 CPU (" + session.path("sys").string() +
                                 "/fs/cgroup/cpu.max) throttled programs in ";
        CHECK_THAT(done.err, Contains("alert: warning: " + told) && Contains(" periods, for ") &&
                                 Contains("raise the quota or use fewer --threads"));
        CHECK_THAT(session.sql("SELECT warnings FROM " + table), Contains(told));
    };
    check("profile -q --inputs 300 --precision 0 --rest 0s " + std::string(kNetwork), "profile");
    check("trace -q --inputs 100 --rest 1ms " + std::string(kNetwork), "trace");
    check("run -q --deadline 1s --period 5ms --inputs 50", "run");
}

TEST_CASE("a CPU quota that held nothing back is none of our business") {
    const Session session;
    const Finished done =
        session(kContainer + ("alert profile -q --inputs 20 " + std::string(kNetwork)));
    CHECK(done.code == 0);
    CHECK(done.err.find("quota") == std::string::npos);
    CHECK(session.sql("SELECT instr(warnings, 'quota') FROM profile") == "0");
}

TEST_CASE("numbers of threads stop at a container's quota, and at the affinity") {
    const Session session;
    const std::string dry = "profile -q --dry-run --json " + std::string(kNetwork) + "+threads";
    const auto settings = [&](const std::string& lines) {
        std::vector<std::string> names;
        for (const json& planned : json::parse(session.must(lines))) {
            names.push_back(planned.at("power_setting"));
        }
        return names;
    };
    using Names = std::vector<std::string>;
    CHECK(settings(kContainer + ("alert " + dry)) == Names{"1t"});
    CHECK(settings("taskset -c 0 \"$ALERT\" " + dry) == Names{"1t"});
    const Finished two = session(kContainer + ("alert " + dry + " --settings +1t,2t"));
    CHECK(two.code == 2);
    CHECK_THAT(two.err, Contains("--settings +1t,2t: 2 threads are more than the 1 CPU"));
}

TEST_CASE("more --threads than a container's quota has CPUs are warned of and stored") {
    const Session session;
    const std::string profile = "alert profile -q --inputs 20 " + std::string(kNetwork);
    const Finished done = session(kContainer + profile + " --threads 2");
    CHECK(done.code == 0);
    CHECK_THAT(done.err, Contains("alert: warning: --threads 2: this program may use 1 CPU (its "
                                  "affinity and CPU quota)"));
    CHECK_THAT(session.sql("SELECT warnings FROM profile"), Contains("--threads 2: this program"));
    CHECK(session(kContainer + profile + " --label one").err.find("--threads") ==
          std::string::npos);
}

}  // namespace
}  // namespace alert::test
