#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <sstream>
#include <tuple>

#include "cli/commands/app.h"
#include "tests/cli/program.h"
#include "tests/cli/sample_store.h"
#include "tests/support/catch.h"

using namespace alert;
using nlohmann::json;

namespace {

/// A store with the profile "quiet" and the trace "busy".
class Replays {
   public:
    explicit Replays(const db::ProfileRow& profile = test::quiet_profile(),
                     const db::TraceRow& trace = test::busy_trace()) {
        db::Store store(file());
        test::add_profile(store, profile);
        test::add_trace(store, trace);
    }

    struct Empty {};
    explicit Replays(Empty) { db::Store{file()}; }

    std::filesystem::path file() const { return folder_.path() / "alert.db"; }
    db::Store store() const { return db::Store(file(), db::Store::Mode::kRead); }

    /// `alert replay ARGUMENTS`
    test::Finished operator()(const std::vector<std::string>& arguments) const {
        const std::string store = file();
        std::vector<const char*> words = {"alert", "--store", store.c_str(), "replay"};
        for (const std::string& argument : arguments) {
            words.push_back(argument.c_str());
        }
        std::ostringstream out, err;
        cli::Reporter reporter(err, false, false);
        cli::Context context{
            .out = out, .reporter = reporter, .style = {}, .store = {}, .command = {}};
        const int code = cli::run_app(static_cast<int>(words.size()), words.data(), context, err);
        return {code, out.str(), err.str()};
    }

    /// What it writes with --json, which has to work.
    json result(std::vector<std::string> arguments) const {
        arguments.push_back("--json");
        const test::Finished done = (*this)(arguments);
        INFO(done.err);
        REQUIRE(done.code == 0);
        return json::parse(done.out);
    }

    /// Its one line of refusal.
    std::string refusal(const std::vector<std::string>& arguments) const {
        const test::Finished done = (*this)(arguments);
        CHECK(done.code == 2);
        CHECK(done.out.empty());
        const std::string head = "alert: error: ";
        REQUIRE(done.err.starts_with(head));
        return done.err.substr(head.size(), done.err.size() - head.size() - 1);
    }

   private:
    test::TemporaryFolder folder_;
};

std::vector<std::string> goal_and(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"--deadline", "10ms", "--accuracy", "70%"});
    return arguments;
}

std::string golden(const std::string& name) {
    return test::read_file(std::filesystem::path(ALERT_GOLDEN) / name);
}

}  // namespace

TEST_CASE("a replay's figures are those of the trace") {
    const Replays replay;
    const json rows =
        replay.result(goal_and({"--scheme", "fixed:small@40W", "--scheme", "fixed:nested/1@100W",
                                "--scheme", "app-only", "--scheme", "oracle-static"}));
    REQUIRE(rows.size() == 4);
    // 40 W for 2 ms (4 ms beside the co-runner), 12 W for the rest of 10 ms; wrong at 3 and 7.
    CHECK(rows[0].at("energy_j").get<double>() == Approx(0.7 * 0.176 + 0.3 * 0.232));
    CHECK(rows[0].at("accuracy").get<double>() == Approx(0.8));
    CHECK(rows[0].at("latency_mean_s").get<double>() == Approx(0.0026));
    CHECK(rows[0].at("latency_p50_s").get<double>() == Approx(0.002));
    CHECK(rows[0].at("latency_p99_s").get<double>() == Approx(0.004));
    CHECK(rows[0].at("deadline_misses") == 0);
    CHECK(rows[0].at("violated") == 0);
    // 100 W for 2 ms (4 ms); right on half of the inputs, which is not enough.
    CHECK(rows[1].at("energy_j").get<double>() == Approx(0.7 * 0.296 + 0.3 * 0.472));
    CHECK(rows[1].at("accuracy").get<double>() == Approx(0.5));
    CHECK(rows[1].at("accuracy_error").get<double>() == Approx(std::sqrt(0.25 / 9)));
    CHECK(rows[1].at("violated") == 1);
    // The whole anytime network at full power: 4 ms (8 ms), always right.
    CHECK(rows[2].at("energy_j").get<double>() == Approx(0.7 * 0.472 + 0.3 * 0.824));
    CHECK(rows[2].at("accuracy") == 1);
    // The cheapest that is accurate enough is the first.
    CHECK(rows[3].at("energy_j") == rows[0].at("energy_j"));
    for (const json& row : rows) {
        CHECK(row.at("kind") == "replay");
        CHECK(row.at("trace") == "busy");
        CHECK(row.at("objective") == "energy");
        CHECK(row.at("energy_source") == "modelled:server");
        CHECK(row.at("energy_over").is_null());
        CHECK(row.at("inputs") == 10);
    }
}

TEST_CASE("late answers count the fail accuracy, and the trace starts over when it ends") {
    const Replays replay;
    // 2 ms of 3 ms; beside the co-runner, at 6, 7 and 8, 4 ms: late.
    const json rows = replay.result(
        {"--deadline", "3ms", "--scheme", "fixed:small@40W", "--period", "4ms", "--inputs", "20"});
    CHECK(rows[0].at("inputs") == 20);
    CHECK(rows[0].at("deadline_misses") == 6);
    // Of ten three are late (0.1 each), and one of the others is wrong.
    CHECK(rows[0].at("accuracy").get<double>() == Approx(0.63));
    CHECK(rows[0].at("violated") == 1);
}

TEST_CASE("replays are judged by --miss-limit, and by one in a hundred") {
    const Replays replay;
    const auto played = [&](std::vector<std::string> flags) {
        flags.insert(flags.begin(), {"--deadline", "3ms", "--period", "4ms"});
        return replay.result(flags);
    };
    // As above: 3 of 10 are late. small@100W takes 1 ms, 2 ms beside the co-runner: never late.
    const std::vector<std::pair<std::string, int>> limits = {{"30%", 0}, {"29%", 1}, {"1%", 1}};
    for (const auto& [limit, violated] : limits) {
        const json rows = played({"--scheme", "fixed:small@40W", "--miss-limit", limit});
        CHECK(rows[0].at("violated") == violated);
        CHECK(rows[0].at("violated_strict") == 1);
    }
    CHECK(played({"--scheme", "fixed:small@100W"})[0].at("violated_strict") == 0);
    CHECK(replay.store().run_summary(1).miss_limit == 0.3);
}

TEST_CASE("oracle-static keeps the miss limit") {
    const Replays replay;
    const auto misses = [&](const char* limit) {
        return replay
            .result({"--deadline", "3ms", "--accuracy", "50%", "--period", "4ms", "--scheme",
                     "oracle-static", "--miss-limit", limit})[0]
            .at("deadline_misses");
    };
    CHECK(misses("30%") == 3);  // the cheapest, small@40W
    CHECK(misses("10%") == 0);
}

TEST_CASE("replays of one setting are a line for each scheme") {
    const Replays replay;
    const test::Finished done = replay(goal_and(
        {"--scheme", "oracle-static", "--scheme", "app-only", "--scheme", "fixed:nested/1@100W"}));
    CHECK(done.out == golden("replay.txt"));
}

TEST_CASE("replays of a grid are a comparison, and rows in JSON") {
    const Replays replay;
    const test::TemporaryFolder folder;
    const std::string grid = folder.path() / "grid.csv";
    test::write_file(grid,
                     "deadline,accuracy,energy\n10ms,70%,\n12ms,40%,\n10ms,90%,\n10ms,,0.3J\n");
    const std::vector<std::string> asked = {
        "--grid",   grid,       "--scheme", "oracle-static",
        "--scheme", "app-only", "--scheme", "fixed:nested/1@100W",
        "--label",  "grid"};
    const test::Finished done = replay(asked);
    INFO(done.err);
    CHECK(done.out == golden("replay_grid.txt"));
    const json rows = replay.result(asked);
    CHECK(rows.size() == 12);
    CHECK(rows[3].at("deadline_s") == 0.012);
    CHECK(rows[11].at("energy_goal_j") == 0.3);
    CHECK(replay.store().results("grid").size() == 24);
}

TEST_CASE("a replay repeated says the same but for the run's number") {
    const Replays replay;
    const std::vector<std::string> asked = {"--grid", "paper", "--scheme", "all"};
    json first = replay.result(asked), second = replay.result(asked);
    REQUIRE(first.size() == second.size());
    CHECK(first.size() % 108 == 0);
    for (std::size_t i = 0; i < first.size(); ++i) {
        CHECK(first[i].at("run").get<std::size_t>() == i + 1);
        first[i].erase("run");
        second[i].erase("run");
    }
    CHECK(first.dump() == second.dump());
}

TEST_CASE("without a deadline sys-only keeps the period") {
    const auto setting = [](const char* period) {
        const Replays replay;
        replay.result({"--accuracy", "50%", "--energy", "1J", "--period", period, "--scheme",
                       "sys-only", "--keep-inputs", "--inputs", "1"});
        return replay.store().run_inputs(1).at(0).power_setting;
    };
    CHECK(setting("1.5ms") == "100W");  // under 40 W its network takes 2 ms
    CHECK(setting("10ms") == "40W");
}

TEST_CASE("inputs that are kept stand beside what ran during the trace") {
    const Replays replay;
    replay.result(goal_and({"--scheme", "app-only", "--keep-inputs", "--inputs", "17"}));
    const auto inputs = replay.store().run_inputs(1);
    REQUIRE(inputs.size() == 17);
    for (const db::RunInput& input : inputs) {
        const std::int64_t n = input.n % 10;
        const bool busy = n >= 6 && n < 9;
        INFO(input.n);
        CHECK(input.environment == (busy ? "compute" : "default"));
        CHECK(input.latency_s == Approx(busy ? 0.008 : 0.004));
        CHECK(input.energy_j == Approx(busy ? 0.824 : 0.472));
        CHECK(input.stage == 2);
        CHECK(input.stage_limit == 2);
        CHECK(input.correct == true);
    }
}

TEST_CASE("a replay that cannot be is refused in one line and stores nothing") {
    const Replays replay;
    CHECK(replay.refusal({"--grid", "paper", "--deadline", "5ms"}) ==
          "--grid paper: the grid sets the goals; leave out --deadline, --accuracy, --energy, "
          "--objective and --period");
    CHECK_THAT(replay.refusal({"--scheme", "alert"}), Catch::StartsWith("no goal"));
    CHECK_THAT(replay.refusal(goal_and({"--scheme", "orcale"})),
               Catch::StartsWith("--scheme orcale: not a scheme (did you mean oracle?); write "));
    CHECK_THAT(replay.refusal(goal_and({"--scheme", "fixed:small@50W"})),
               Catch::Contains("no such configuration"));
    CHECK(replay.refusal(goal_and({"--trace", "bsy"})) ==
          "--trace bsy: not in the store (did you mean busy?); traces: busy");
    CHECK(replay.refusal(goal_and({"--profile", "quite"})) ==
          "--profile quite: not in the store (did you mean quiet?); profiles: quiet");
    CHECK_THAT(replay.refusal({"--grid", "papr"}), Catch::StartsWith("--grid papr: the file"));
    CHECK_THAT(replay.refusal(goal_and({"--confidence", "1"})),
               Catch::StartsWith("--confidence 1"));
    CHECK(replay.store().results().empty());
}

TEST_CASE("a store without a trace, and a trace without inputs, are refused") {
    const Replays replay(Replays::Empty{});
    db::Store store(replay.file());
    CHECK_THAT(replay.refusal(goal_and({})), Catch::StartsWith("the store holds no profile"));
    test::add_profile(store);
    CHECK_THAT(replay.refusal(goal_and({})), Catch::StartsWith("the store holds no trace"));
    store.add_trace(test::busy_trace());
    CHECK_THAT(replay.refusal(goal_and({})), Catch::StartsWith("trace busy holds no input yet"));
}

TEST_CASE("a profile without energy has no energy goals") {
    db::ProfileRow profile = test::quiet_profile();
    profile.energy_source.reset();
    profile.idle_power_w.reset();
    for (db::PowerSettingRow& setting : profile.settings) {
        setting.power_w.reset();
    }
    const Replays replay(profile);
    CHECK_THAT(replay.refusal({"--deadline", "10ms", "--energy", "1J"}),
               Catch::Contains("profile 'quiet' has no energy source"));
    CHECK_THAT(replay.refusal({"--grid", "paper"}), Catch::Contains("no energy source"));
}

TEST_CASE("a trace that does not fit the profile is refused") {
    db::TraceRow lacking = test::busy_trace();
    lacking.models[1].name = "other";
    CHECK_THAT(Replays(test::quiet_profile(), lacking).refusal(goal_and({})),
               Catch::Contains("nested"));

    db::TraceRow changed = test::busy_trace();
    changed.models[0].file_hash = "changed";
    CHECK_THAT(Replays(test::quiet_profile(), changed).refusal(goal_and({})),
               Catch::StartsWith("--trace busy: its network small is not the one that profile "
                                 "'quiet' measured"));

    const auto refusal = [](const auto& change) {
        db::TraceRow other = test::busy_trace();
        change(other);
        return Replays(test::quiet_profile(), other).refusal(goal_and({}));
    };
    CHECK_THAT(refusal([](auto& other) { other.threads = 7; }),
               Catch::StartsWith("--trace busy: recorded with --threads 7, profile 'quiet' with"));
    CHECK_THAT(
        refusal([](auto& other) { other.device = "cuda"; }),
        Catch::StartsWith("--trace busy: recorded with --device cuda, profile 'quiet' with"));
    CHECK_THAT(refusal([](auto& other) { other.top = 3; }), Catch::Contains("with top = 3,"));
    CHECK_THAT(refusal([](auto& other) { other.fail_accuracy = 0.25; }),
               Catch::Contains("a fail_accuracy of 0.25,"));
    CHECK_THAT(refusal([](auto& other) { other.platform_json = "{}"; }),
               Catch::Contains("recorded under another description of"));

    db::TraceRow powerless = test::busy_trace();
    powerless.energy_source.reset();
    powerless.idle_power_w.reset();
    for (db::PowerSettingRow& setting : powerless.settings) {
        setting.power_w.reset();
    }
    CHECK_THAT(
        Replays(test::quiet_profile(), powerless).refusal(goal_and({})),
        Catch::StartsWith("--trace busy: it has no power measurements, but profile 'quiet' has"));
}

TEST_CASE("what is incomplete is replayed with a warning") {
    db::ProfileRow profile = test::quiet_profile();
    db::TraceRow trace = test::busy_trace();
    profile.complete = trace.complete = false;
    trace.inputs = 12;
    const test::Finished done = Replays(profile, trace)(goal_and({}));
    CHECK(done.code == 0);
    CHECK_THAT(done.err, Catch::Contains("profile 'quiet' is incomplete"));
    CHECK_THAT(done.err, Catch::Contains("trace 'busy' is incomplete: 10 of 12 inputs"));
}

TEST_CASE("all schemes are those that the profile's networks can play") {
    db::ProfileRow profile = test::quiet_profile();
    db::TraceRow trace = test::busy_trace();
    const Replays both;
    CHECK(both.result(goal_and({"--scheme", "all"})).size() == 11);
    CHECK(both(goal_and({"--scheme", "oracle", "--scheme", "all"})).err.empty());

    profile.models.pop_back();
    trace.models.pop_back();
    const Replays traditional(profile, trace);
    const test::Finished done = traditional(goal_and({"--scheme", "all", "--format", "csv"}));
    CHECK(std::count(done.out.begin(), done.out.end(), '\n') == 1 + 8);
    for (const char* scheme : {"alert-any", "app-only", "no-coord"}) {
        CHECK_THAT(done.err, Catch::Contains(std::string("skipped: --scheme ") + scheme));
    }
}

TEST_CASE("more inputs than the memory holds are refused before they are played") {
    const Replays replay;
    // A control group that leaves a megabyte, as either version of them tells it.
    const test::TemporaryFolder sys;
    const auto groups = sys.path() / "fs/cgroup";
    std::filesystem::create_directories(groups / "memory");
    test::write_file(groups / "cgroup.controllers", "cpu memory\n");
    for (const auto& [folder, limit, used] :
         {std::tuple(groups, "memory.max", "memory.current"),
          std::tuple(groups / "memory", "memory.limit_in_bytes", "memory.usage_in_bytes")}) {
        test::write_file(folder / limit, "3000000\n");
        test::write_file(folder / used, "2000000\n");
    }
    setenv("ALERT_SYSFS_ROOT", sys.path().c_str(), 1);
    const std::string refusal = replay.refusal(goal_and({"--inputs", "10000000"}));
    const test::Finished few = replay(goal_and({"--inputs", "100"}));
    const std::string kept =
        replay.refusal(goal_and({"--inputs", "1000000", "--keep-inputs", "--scheme", "all"}));
    unsetenv("ALERT_SYSFS_ROOT");
    CHECK(refusal.starts_with("--inputs 10000000: that many in 1 replays at once need "));
    CHECK_THAT(refusal, Catch::Contains("of memory, and 1.00 MB is left (" + groups.string()));
    CHECK(few.code == 0);
    CHECK(kept.starts_with("--inputs 1000000: "));
    CHECK(replay.store().results().size() == 1);
}

TEST_CASE("an option of the estimator is for experiments: it works, and help does not list it") {
    const Replays replay;
    const auto with = [&](const std::string& option) {
        return replay({"--deadline", "50ms", "--estimator-option", option});
    };
    CHECK(with("memories=0.5,0.9").code == 0);
    CHECK(replay.refusal({"--deadline", "50ms", "--estimator-option", "share=2"})
              .find("--estimator-option share=2: give a number") != std::string::npos);
    CHECK(replay({"--help"}).out.find("--estimator-option") == std::string::npos);
    CHECK(replay({"--help"}).out.find("--estimator") != std::string::npos);
}
