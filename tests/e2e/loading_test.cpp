#include <algorithm>
#include <sstream>

#include "tests/e2e/session.h"
#include "tests/support/catch.h"

namespace alert::test {
namespace {

using Catch::Matchers::Contains;
using nlohmann::json;

/// The options of `alert profile` for one of make_models.py's networks.
std::string asking(const std::string& model) {
    const std::string folder = ALERT_TEST_MODELS;
    return "--models " + folder + "/" + model + ".pt --data " + folder +
           "/good.pt --power emulated --settings 100W ";
}

/// How many of the lines are this one.
std::int64_t count(const std::string& text, const std::string& line) {
    std::istringstream lines(text);
    std::int64_t found = 0;
    for (std::string here; std::getline(lines, here);) {
        found += static_cast<std::int64_t>(here == line);
    }
    return found;
}

/// Interrupts a command at its first inference in our process; what it then answers. A network
/// says "inference" when it begins one.
Finished interrupt(const Session& session, const std::string& command) {
    return session(
        "\"$ALERT\" " + command +
        " -v > out 2> err & process=$!\n"
        "for i in {1..1200}; do grep -q '^inference$' err 2> /dev/null && break; sleep 0.05; done\n"
        "kill -INT $process; wait $process; code=$?\n"
        "cat out; cat err >&2; exit $code");
}

TEST_CASE("a network of seconds is loaded and warmed up by a few inferences") {
    const Session session;
    const Finished plan = session("alert profile -v --json --dry-run " + asking("slow"));
    INFO(plan.err);
    REQUIRE(plan.code == 0);
    CHECK_THAT(plan.err, Contains("would take too long to try"));
    // Two when it is loaded, and what fits into two seconds; it takes half a second at least.
    CHECK(count(plan.err, "inference") >= 3);
    CHECK(count(plan.err, "inference") <= 7);
    CHECK(json::parse(plan.out).size() == 1);
}

TEST_CASE("loading and warming up show on a terminal what they are at") {
    const Session session;
    const Finished plan = session("script -qec '\"$ALERT\" profile --dry-run " + asking("slow") +
                                  "' /dev/null < /dev/null");
    INFO(plan.out);
    REQUIRE(plan.code == 0);
    CHECK_THAT(plan.out, Contains("loading ╌"));
    CHECK_THAT(plan.out, Contains("slow"));
    CHECK_THAT(plan.out, Contains("warming up ╌"));
}

TEST_CASE("Ctrl-C ends loading within one inference, of an anytime network one stage") {
    const Session session;
    for (const auto& [command, model] :
         {std::pair("profile", "slow"), std::pair("profile --dry-run", "slow_anytime"),
          std::pair("trace", "slow")}) {
        const Finished done = interrupt(session, std::string(command) + " " + asking(model));
        INFO(command << " " << model << "\n" << done.err);
        CHECK(done.code == 130);
        CHECK(done.out.empty());
        CHECK(count(done.err, "inference") <= 2);
        CHECK_THAT(done.err, Contains("interrupted before the first measurement"));
    }
    CHECK_FALSE(std::filesystem::exists(session.path("alert.db")));
}

TEST_CASE("Ctrl-C ends the loading of a run within one inference") {
    const Session session;
    session.profile(asking("slow") + "--inputs 1 --warmup 1");
    const Finished done = interrupt(session, "run --deadline 20s");
    INFO(done.err);
    CHECK(done.code == 130);
    CHECK(count(done.err, "inference") <= 2);
    CHECK(session.sql("SELECT count(*) FROM run") == "0");
}

TEST_CASE("Ctrl-C ends a trial at once") {
    const Session session;
    const Finished done = session("\"$ALERT\" profile " + asking("loops") +
                                  " 2> err & process=$!\n"
                                  "for i in {1..1200}; do grep -q . /proc/$process/task/*/children "
                                  "&& break; sleep 0.05; done\n"
                                  "sleep 1; kill -INT $process; wait $process; code=$?\n"
                                  "cat err >&2; exit $code");
    INFO(done.err);
    CHECK(done.code == 130);
    CHECK_THAT(done.err, Contains("interrupted before the first measurement"));
    CHECK_FALSE(std::filesystem::exists(session.path("alert.db")));
}

TEST_CASE("an engine without the program that tries networks is named, with the remedy") {
    const Session session;
    const Finished done = session(
        "cp \"$(dirname \"$ALERT\")\"/../lib/alert/libalert_torch.so .\n"
        "ALERT_ENGINE=$PWD/libalert_torch.so alert profile " +
        asking("linear"));
    INFO(done.err);
    CHECK(done.code == 1);
    CHECK_THAT(done.err, Contains("alert_torch_trial, which tries networks, is missing; build "
                                  "or install alert again"));
}

TEST_CASE("what a network prints is told with -v, and is never among the results") {
    const Session session;
    const std::string line = "a line from inside";
    const Finished quiet = session("alert profile --json --inputs 4 " + asking("prints"));
    INFO(quiet.err);
    REQUIRE(quiet.code == 0);
    CHECK(json::parse(quiet.out).at("models").at(0).at("model") == "prints");
    CHECK(count(quiet.err, line) == 0);
    for (const char* format : {"json", "csv"}) {
        const Finished told =
            session(std::string("alert run -v --deadline 1s --inputs 3 --format ") + format);
        CHECK(told.code == 0);
        CHECK(count(told.out, line) == 0);
        CHECK(count(told.err, line) >= 3);
    }
}

TEST_CASE("the form of a network is stored, shown, and taken again without a trial") {
    const Session session;
    const std::string profile = std::string("alert profile -v --json ") + kTwoModels;
    const Finished first = session(profile + " --inputs 5");
    INFO(first.err);
    REQUIRE(first.code == 0);
    CHECK_THAT(first.err, Contains("cnn-1k: ") && Contains("times as long"));
    const std::string form = json::parse(first.out).at("models").at(0).at("form");
    CHECK(session.sql("SELECT form FROM model WHERE name = 'cnn-1k'") == form);
    session.must("alert trace -q --inputs 2 " + std::string(kTwoModels));
    CHECK(session.sql("SELECT count(form) FROM model WHERE trace_id NOT NULL") == "2");

    session.must("sqlite3 alert.db \"UPDATE model SET form = 'fused'\"");
    for (const std::string& again :
         {profile + " --inputs 6", "alert trace -v --inputs 2 " + std::string(kTwoModels),
          std::string("alert run -v --deadline 50ms --inputs 2")}) {
        const Finished done = session(again);
        INFO(again << "\n" << done.err);
        CHECK(done.code == 0);
        CHECK_THAT(done.err, Contains("cnn-1k: fused, as stored"));
        CHECK_THAT(done.err, !Contains("times as long"));
    }
    // With another LibTorch it is tried anew.
    session.must("sqlite3 alert.db \"UPDATE machine SET libtorch_version = '0.4'\"");
    const Finished other = session("alert run -v --deadline 50ms --inputs 2");
    INFO(other.err);
    CHECK(other.code == 0);
    CHECK_THAT(other.err, Contains("cnn-1k: ") && Contains("times as long"));
}

TEST_CASE("a network that was traced in training mode is a warning of the profile") {
    const Session session;
    const std::string warning = "training_dropout: its dropout stays in training mode";
    const Finished done = session("alert profile --json --inputs 4 " + asking("training_dropout"));
    INFO(done.err);
    REQUIRE(done.code == 0);
    CHECK_THAT(done.err, Contains("alert: warning: " + warning));
    CHECK_THAT(json::parse(done.out).at("warnings").dump(), Contains(warning));
    CHECK_THAT(session.sql("SELECT warnings FROM profile"), Contains(warning));
}

TEST_CASE("a network that crashes LibTorch, or whose scores cannot be read, is one line") {
    const Session session;
    for (const char* model : {"crashes", "complex_scores", "sparse_scores", "meta_scores"}) {
        const Finished done = session("alert profile " + asking(model));
        INFO(done.err);
        CHECK(done.code == 2);
        CHECK(std::count(done.err.begin(), done.err.end(), '\n') == 1);
        CHECK_THAT(done.err, Contains(std::string(model) + ".pt: "));
    }
    session.profile(asking("quantized_scores") + "--inputs 4");
    CHECK(session.sql("SELECT accuracy FROM profile_summary") == "1.0");
}

}  // namespace
}  // namespace alert::test
