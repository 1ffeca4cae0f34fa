#include <algorithm>

#include "tests/e2e/session.h"
#include "tests/support/catch.h"

namespace alert::test {
namespace {

using Catch::Matchers::Contains;

/// No byte that a terminal would obey, and one line feed for each line.
bool is_plain(const std::string& text) {
    return std::none_of(text.begin(), text.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return (byte < 0x20 && byte != '\n') || byte == 0x7f || byte == 0xff;
    });
}

/// A network, data, labels and a title with an escape sequence, a line feed and a byte that is no
/// UTF-8 in each.
constexpr auto kOdd = R"sh(
odd=$'x\e[31m\n\xff'
mkdir -p "$odd"
cp $ZOO/cnn-1k.pt "$odd/$odd.pt"
cp $ZOO/data/test.pt "$odd.data"
export ALERT_STORE="$PWD/$odd.db"
)sh";

TEST_CASE(
    "names that hold control characters are measured, run and reported, and shown written out") {
    const Session session;
    const Finished profile = session(
        std::string(kOdd) +
        "alert profile --models \"$odd\" --data \"$odd.data\" --inputs 20 --label \"$odd\"");
    INFO(profile.err);
    REQUIRE(profile.code == 0);
    CHECK(is_plain(profile.out));
    CHECK(is_plain(profile.err));
    CHECK_THAT(profile.out, Contains("x\\x1b[31m\\n\\xff"));
    const std::string run =
        "alert run --deadline 1s --no-pace --inputs 5 --label \"$odd\" --format ";
    const Finished csv = session(std::string(kOdd) + run + "csv");
    CHECK(csv.code == 0);
    CHECK(is_plain(csv.out));
    CHECK(std::count(csv.out.begin(), csv.out.end(), '\n') == 6);
    CHECK_THAT(csv.out, Contains(",x\\x1b[31m\\n\\xff,"));
    const Finished rows = session(std::string(kOdd) + run + "json");
    CHECK(is_plain(rows.out));
    CHECK(nlohmann::json::parse(rows.out.substr(0, rows.out.find('\n'))).at("model") ==
          "x\x1b[31m\n\xef\xbf\xbd");  // a replacement character for what is no UTF-8
    CHECK(is_plain(session(std::string(kOdd) + run + "table").out));
    for (const std::string report : {"report", "report --format html", "report --format csv",
                                     "report --json", "report profile --full", "report compare"}) {
        CAPTURE(report);
        const Finished done = session(std::string(kOdd) + "alert " + report);
        INFO(done.err);
        CHECK(done.code == 0);
        CHECK(is_plain(done.out));
    }
    for (const std::string wrong :
         {"report --label \"$odd$odd\"", "run --deadline 5ms --profile \"$odd$odd\"",
          "run --deadline 5ms --scheme \"fixed:$odd@1W\"",
          "profile --models \"$odd\" --data \"$odd\"",
          "profile --models \"$odd.data\" --data \"$odd.data\"", "devices --test \"$odd\"",
          "profile --models \"$odd\" --data \"$odd.data\" --device \"$odd\" --label new"}) {
        CAPTURE(wrong);
        const Finished done = session(std::string(kOdd) + "alert " + wrong);
        CHECK(done.code == 2);
        CHECK(is_plain(done.err));
        CHECK(std::count(done.err.begin(), done.err.end(), '\n') == 1);
        CHECK_THAT(done.err, Contains("x\\x1b[31m\\n\\xff"));
    }
}

TEST_CASE("what a family.json and a platform file say is shown written out") {
    const Session session;
    const Finished done = session(R"sh(
mkdir odd; cp $ZOO/cnn-1k.pt odd/a.pt
echo '{"task": "t\u001b[1m\n", "models": {"a": {"title": "ti\u001b[2J\u009btle"}}}' > odd/family.json
echo '{"name": "p\u001b[0m\n", "kind": "emulated", "settings_w": [40, 100], "static_w": 15, "peak_w": 100, "idle_w": 12, "exponent": 2.2}' > p.json
alert profile --models odd --data $ZOO/data/test.pt --power emulated:p.json --inputs 20
alert run --deadline 1s --no-pace --inputs 3
alert report profile --format html
alert report profile --json)sh");
    INFO(done.err);
    CHECK(done.code == 0);
    CHECK(is_plain(done.out));
    CHECK(is_plain(done.err));
    CHECK_THAT(done.out,
               Contains("modelled:p\\x1b[0m\\n") && Contains("\"task\": \"t\\u001b[1m\\n\""));
}

TEST_CASE("errors begin with the flag that has to be mended") {
    const Session session;
    session.profile(std::string(kTwoModels) + " --inputs 20");
    session.must(
        "echo 'nothing' > text; mkdir folder; echo '{' > bad.json\n"
        "mkdir wrong; cp $ZOO/cnn-1k.pt wrong; echo '[' > wrong/family.json\n"
        "printf 'deadline\\n5\\n' > grid.csv; echo noise > schedule");
    const std::string models = "--models $ZOO/cnn-1k.pt ", data = "--data $ZOO/data/test.pt ";
    const std::vector<std::pair<std::string, std::string>> requests = {
        {"profile --label n --data /nope " + models, "--data /nope: no such file"},
        {"profile --label n --data nope " + models, "--data nope: no such file"},
        {"profile --label n --data folder " + models, "--data folder: is a folder"},
        {"profile --label n --data text " + models, "--data "},
        {"profile --data /nope " + models, "--data /nope: no such file"},
        {"profile --label n --data $ZOO/cnn-1k.pt " + models, "--data "},
        {"trace --data /nope " + models, "--data /nope: no such file"},
        {"run --deadline 5ms --data /nope", "--data /nope: no such file"},
        {"run --deadline 5ms --data text", "--data "},
        {"profile --label n --models /nope " + data, "--models /nope: no such file"},
        {"profile --label n --models text " + data, "--models "},
        {"profile --label n --models folder " + data, "--models folder: no .pt file"},
        {"profile --label n --models wrong " + data, "--models wrong/family.json: not JSON"},
        {"profile --label n --device foo " + models + data, "--device foo: "},
        {"profile --label n --device cuda:x " + models + data, "--device cuda:x: "},
        {"profile --label n --power foo " + models + data, "--power foo: "},
        {"profile --label n --power emulated:bad.json " + models + data,
         "--power emulated:bad.json: not JSON"},
        {"profile --label n --power emulated:none.json " + models + data,
         "--power emulated:none.json: "},
        {"profile --label n --settings 5 " + models + data, "--settings 5: "},
        {"profile --label n --settings 1GHz " + models + data, "--settings 1GHz: "},
        {"devices --test foo", "--test foo: there is no such power knob"},
        {"devices --test emulated:foo", "--test emulated:foo: neither"},
        {"devices --test emulated+threads", "--test emulated+threads: "},
        {"run --deadline 5ms --environment nowhere", "--environment nowhere: "},
        {"run --deadline 5ms --environment schedule", "--environment schedule:1: "},
        {"trace --label n --environment schedule " + models + data, "--environment schedule:1: "},
        {"run --deadline 5ms --profile other", "--profile other: "},
        {"run --deadline 5ms --scheme other", "--scheme other: "},
        {"run --deadline 5ms --estimator other", "--estimator other: "},
        {"run --deadline 5ms --estimator-option other=1", "--estimator-option other=1: no such"},
        {"run --deadline 5ms --estimator-option share", "--estimator-option share: no value"},
        {"replay --deadline 5ms --estimator-option share=2", "--estimator-option share=2: give"},
        {"run --deadline 5ms --objective other", "--objective other: "},
        {"report --label other", "--label other: "},
        {"report --output folder", "--output folder: "},
        {"report --format xml", "--format xml: "},
        {"--config folder report", "--config folder: "},
        {"--config none report", "--config none: "}};
    for (const auto& [request, error] : requests) {
        const Finished done = session("alert " + request);
        INFO("alert " << request << "\n" << done.err);
        CHECK(done.code == 2);
        CHECK(done.err.starts_with("alert: error: " + error));
        CHECK(std::count(done.err.begin(), done.err.end(), '\n') == 1);
    }
    session.must("alert trace -q --inputs 20 " + std::string(kTwoModels));
    for (const auto& [request, error] : std::vector<std::pair<std::string, std::string>>{
             {"replay --grid grid.csv", "--grid grid.csv:2: deadline 5: a unit is missing"},
             {"replay --grid none.csv", "--grid none.csv: "},
             {"replay --grid folder", "--grid folder: "},
             {"replay --deadline 5ms --trace other", "--trace other: "}}) {
        const Finished done = session("alert " + request);
        INFO("alert " << request << "\n" << done.err);
        CHECK(done.code == 2);
        CHECK(done.err.starts_with("alert: error: " + error));
    }
}

TEST_CASE("what a run cannot find of its profile is told by the profile") {
    const Session session;
    session.must(
        "cp $ZOO/cnn-1k.pt a.pt\n"
        "echo '{\"name\": \"p\", \"kind\": \"emulated\", \"settings_w\": [40, 100], "
        "\"static_w\": 15, \"peak_w\": 100, \"idle_w\": 12, \"exponent\": 2}' > p.json\n"
        "alert profile -q --inputs 10 --models a.pt --data $ZOO/data/test.pt --power "
        "emulated:p.json");
    const auto refused = [&](const std::string& change) {
        const Finished done = session(change + "\nalert run --deadline 1s --inputs 1");
        CHECK(done.code == 2);
        return done.err;
    };
    CHECK_THAT(refused("mv p.json q.json"),
               Contains("--profile default: made with --power emulated:p.json: neither"));
    CHECK_THAT(refused("mv q.json p.json; mv a.pt b.pt"),
               Contains("--profile default: its network ") && Contains("a.pt no longer exists"));
    CHECK_THAT(refused("cp $ZOO/cnn-4k.pt a.pt"),
               Contains("--profile default: ") && Contains("is not the network that was measured"));
}

}  // namespace
}  // namespace alert::test
