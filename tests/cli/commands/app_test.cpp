#include "cli/commands/app.h"

#include <sstream>

#include "alert/error.h"
#include "cli/text/printable.h"
#include "tests/cli/program.h"
#include "tests/support/catch.h"

using alert::test::Finished;
using alert::test::run;
using namespace alert::cli;

namespace {

std::string after_error(const Finished& finished) {
    const std::string head = "alert: error: ";
    CHECK(finished.out.empty());
    REQUIRE(finished.err.starts_with(head));
    CHECK(std::count(finished.err.begin(), finished.err.end(), '\n') == 1);
    return finished.err.substr(head.size(), finished.err.size() - head.size() - 1);
}

}  // namespace

TEST_CASE("flag --version names the version and the commit") {
    const Finished finished = run("$ALERT --version");
    CHECK(finished.code == 0);
    CHECK(finished.err.empty());
    CHECK_THAT(finished.out,
               Catch::Matches("alert [0-9]+\\.[0-9]+\\.[0-9]+ \\(git [0-9a-z-]+\\)\n"));
}

TEST_CASE("without a command the help goes to stderr and the request is wrong") {
    const Finished finished = run("$ALERT");
    CHECK(finished.code == 2);
    CHECK(finished.out.empty());
    CHECK(finished.err.find("Usage: alert [OPTIONS] COMMAND ...") != std::string::npos);
}

TEST_CASE("every command has help with an example, in 80 columns") {
    const Finished all = run("$ALERT --help");
    CHECK(all.code == 0);
    CHECK(all.err.empty());
    std::istringstream lines(all.out.substr(all.out.find("Commands:\n") + 10));
    std::vector<std::string> commands = {""};
    for (std::string line; std::getline(lines, line) && !line.empty();) {
        if (line[2] != ' ') {
            commands.push_back(line.substr(2, line.find(' ', 2) - 2));
        }
    }
    CHECK(commands.size() > 1);
    for (const std::string& command : commands) {
        CAPTURE(command);
        const Finished help = run("$ALERT " + command + " --help");
        CHECK(help.code == 0);
        CHECK(help.err.empty());
        CHECK(help.out.find("Example:\n  alert") != std::string::npos);
        std::istringstream text(help.out);
        for (std::string line; std::getline(text, line);) {
            CHECK(display_width(line) <= 80);
        }
    }
}

TEST_CASE("mistyped commands and flags get a suggestion") {
    CHECK(after_error(run("$ALERT completoin bash")) ==
          "completoin: no such command (did you mean completion?); see alert --help");
    CHECK(after_error(run("$ALERT completion bash --queit")) ==
          "--queit: no such option (did you mean --quiet?); see alert completion --help");
    CHECK(after_error(run("$ALERT --strore=x completion bash")) ==
          "--strore: no such option (did you mean --store?); see alert completion --help");
    CHECK(after_error(run("$ALERT completion bsh")) ==
          "SHELL bsh: not one of bash, zsh, fish (did you mean bash?)");
    CHECK(after_error(run("$ALERT ''")) == "\"\": no such command; see alert --help");
    CHECK(after_error(run("$ALERT xyzzy")) == "xyzzy: no such command; see alert --help");
}

TEST_CASE("a wrong request ends with 2 and one line that says what is wrong") {
    const std::pair<const char*, const char*> requests[] = {
        {"$ALERT completion", "SHELL is required; see alert completion --help"},
        {"$ALERT completion bash --store",
         "--store: a value is missing; see alert completion --help"},
        {"$ALERT completion bash fish", "fish: unexpected argument; see alert completion --help"},
        {"$ALERT completion bash --store a --store b",
         "--store: given more than once; see alert completion --help"},
        {"$ALERT completion bash -q -v",
         "--quiet cannot be used with --verbose; see alert completion --help"},
        {"$ALERT --config none.toml completion bash",
         "--config none.toml: the file cannot be read; see alert completion --help"},
        {"echo 'stor = \"x\"' > c; $ALERT --config c completion bash",
         "--config: no option \"stor\"; see alert completion --help"},
        {"echo '[complete]' > c; echo 'x = 1' >> c; $ALERT --config c completion bash",
         "--config: no command \"complete\"; see alert completion --help"},
        {"echo 'quiet = maybe' > c; $ALERT --config c completion bash",
         "--config: --quiet = maybe: neither true nor false; see alert completion --help"},
    };
    for (const auto& [command_line, error] : requests) {
        CAPTURE(command_line);
        const Finished finished = run(command_line);
        CHECK(finished.code == 2);
        CHECK(after_error(finished) == error);
    }
}

TEST_CASE("an option that is given nothing is refused") {
    const std::vector<std::pair<std::string, std::string>> options = {
        {"--store '' report", "--store"},
        {"report --store ''", "--store"},
        {"--config '' report", "--config"},
        {"report --label ''", "--label"},
        {"report --label run ''", "--label"},
        {"report --output ''", "--output"},
        {"report compare --scheme ''", "--scheme"},
        {"report compare --normalise-to ''", "--normalise-to"},
        {"run --deadline 5ms --label ''", "--label"},
        {"run --deadline 5ms --profile ''", "--profile"},
        {"run --deadline 5ms --data ''", "--data"},
        {"run --deadline 5ms --scheme ''", "--scheme"},
        {"run --deadline 5ms --environment ''", "--environment"},
        {"profile --models '' --data d", "--models"},
        {"profile --models m --data ''", "--data"},
        {"profile --models m --data d --power ''", "--power"},
        {"profile --models m --data d --settings ''", "--settings"},
        {"profile --models m --data d --device ''", "--device"},
        {"profile --models m --data d --label ''", "--label"},
        {"trace --models m --data d --environment ''", "--environment"},
        {"replay --deadline 5ms --trace ''", "--trace"},
        {"replay --deadline 5ms --profile ''", "--profile"},
        {"replay --grid ''", "--grid"},
        {"devices --test ''", "--test"}};
    for (const auto& [command_line, flag] : options) {
        CAPTURE(command_line);
        const Finished finished = run("$ALERT " + command_line);
        CHECK(finished.code == 2);
        CHECK(after_error(finished) == flag + " \"\": is empty; give it a value or leave it out");
    }
    CHECK(after_error(run("echo 'store = \"\"' > c; $ALERT --config c report")) ==
          "--store \"\": is empty; give it a value or leave it out");
    // A variable that is set to nothing is as good as none.
    CHECK(after_error(run("ALERT_STORE= $ALERT report")).starts_with("no store at alert.db"));
}

TEST_CASE("numbers that no machine can hold are refused with what can be") {
    const std::vector<std::pair<std::string, std::string>> requests = {
        {"run --deadline 5ms --inputs 9223372036854775807", "must be at most 100000000"},
        {"run --deadline 5ms --inputs 100000001", "must be at most 100000000"},
        {"run --deadline 5ms --inputs 99999999999999999999", "must be at most 100000000"},
        {"run --deadline 5ms --inputs -99999999999999999999", "must be at least 1"},
        {"run --deadline 5ms --window 4294967297", "must be at most 100000000"},
        {"run --deadline 5ms --seed 9223372036854775808", "must be at most 9223372036854775807"},
        {"run --deadline 5ms --seed -1", "must be at least 0"},
        {"replay --deadline 5ms --inputs 9223372036854775807", "must be at most 100000000"},
        {"profile --models m --data d --inputs 9223372036854775807", "must be at most 100000000"},
        {"profile --models m --data d --warmup 4294967296", "must be at most 100000000"},
        {"profile --models m --data d --threads 4294967297", "must be at most 1024"},
        {"trace --models m --data d --inputs 9223372036854775807", "must be at most 100000000"},
        {"run --deadline 1e300s", "the number is too large or too small"},
        {"run --deadline 1e-300s", "the number is too large or too small"},
        {"run --deadline 1e999s", "the number is too large or too small"},
        {"run --deadline 5ms --period 1e10s", "the number is too large or too small"},
        {"run --deadline 5ms --energy 1e300J", "the number is too large or too small"},
        {"trace --models m --data d --rest 1e300s", "the number is too large or too small"},
        {"profile --models m --data script --settings 1e300W",
         "the number is too large or too small"},
        {"profile --models m --data script --settings 1e300GHz",
         "the number is too large or too small"},
        {"profile --models m --data script --settings +1e300t",
         "the number is too large or too small"},
        {"profile --models m --data script --settings +4294967297t",
         "the number is too large or too small"}};
    for (const auto& [command_line, why] : requests) {
        CAPTURE(command_line);
        const Finished finished = run("$ALERT " + command_line);
        CHECK(finished.code == 2);
        CHECK_THAT(after_error(finished), Catch::Contains(why));
    }
}

TEST_CASE("a configuration file may begin with a mark of the byte order, and may be a pipe") {
    const auto store_of = [](const std::string& config) {
        return after_error(run("printf '\\xef\\xbb\\xbfstore = \"c.db\"\\n' > c; $ALERT --config " +
                               config + " report"));
    };
    CHECK(store_of("c").starts_with("no store at c.db"));
    CHECK(store_of("<(cat c)").starts_with("no store at c.db"));
    CHECK(after_error(run("printf 'store = \"d.db\"\\n' > c; $ALERT --config c report"))
              .starts_with("no store at d.db"));
}

TEST_CASE("what comes from outside cannot speak to the terminal in errors") {
    CHECK(after_error(run("$ALERT report --store $'\\e[2Jx\\ny\\xff.db'"))
              .starts_with("no store at \\x1b[2Jx\\ny\\xff.db;"));
    CHECK(after_error(run("$ALERT $'\\e]0;title\\a'")) ==
          "\\x1b]0;title\\x07: no such command; see alert --help");
    CHECK(
        after_error(run("$ALERT report $'--x\\e[1m'")).starts_with("--x\\x1b[1m: no such option"));
}

TEST_CASE("global options stand before or after the command, flags before the environment") {
    const auto store_of = [](std::vector<const char*> words) {
        std::ostringstream text;
        Reporter reporter(text, false, false);
        Context context{
            .out = text, .reporter = reporter, .style = {}, .store = "alert.db", .command = {}};
        words.insert(words.begin(), "alert");
        words.insert(words.end(), {"completion", "bash"});
        make_app(context)->parse(static_cast<int>(words.size()), words.data());
        return context.store.string();
    };
    unsetenv("ALERT_STORE");
    CHECK(store_of({}) == "alert.db");
    CHECK(store_of({"--store", "a.db"}) == "a.db");
    setenv("ALERT_STORE", "env.db", 1);
    CHECK(store_of({}) == "env.db");
    CHECK(store_of({"--store", "a.db"}) == "a.db");
    unsetenv("ALERT_STORE");
    CHECK(run("$ALERT -q completion bash").code == 0);
    CHECK(run("$ALERT completion bash -q").code == 0);
    CHECK(run("$ALERT completion -q bash --store x").code == 0);
}

TEST_CASE("what a command throws or returns becomes the exit code") {
    const auto end_with = [](const std::function<int()>& work) {
        std::ostringstream out;
        std::ostringstream err;
        Reporter reporter(err, false, false);
        Context context{
            .out = out, .reporter = reporter, .style = {}, .store = "", .command = work};
        // No subcommand on the line: the work that stands in the context is what runs.
        const char* const words[] = {"alert"};
        const int code = run_app(1, words, context, err);
        return std::pair(code, err.str());
    };
    using Ending = std::pair<int, std::string>;
    CHECK(end_with([] { return int{kDone}; }) == Ending(0, ""));
    CHECK(end_with([] { return int{kConstraintViolated}; }) == Ending(3, ""));
    CHECK(end_with([] { return int{kInterrupted}; }) == Ending(130, ""));
    CHECK(end_with([]() -> int { throw alert::Error("it broke"); }) ==
          Ending(1, "alert: error: it broke\n"));
    CHECK(end_with([]() -> int { throw alert::RequestError("it is wrong"); }) ==
          Ending(2, "alert: error: it is wrong\n"));
    CHECK(end_with([]() -> int { throw std::runtime_error("unforeseen"); }) ==
          Ending(1, "alert: error: unforeseen\n"));
    CHECK(end_with([]() -> int {
              throw std::filesystem::filesystem_error(
                  "cannot", "a.db", std::make_error_code(std::errc::no_such_file_or_directory));
          }) == Ending(1, "alert: error: a.db: No such file or directory\n"));
    CHECK(end_with([]() -> int { throw std::bad_alloc(); }) ==
          Ending(1, "alert: error: out of memory; ask for less, such as fewer --inputs\n"));
}
