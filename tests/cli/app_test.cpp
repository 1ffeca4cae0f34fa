#include "cli/app.h"

#include <sstream>

#include "core/error.h"
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
    CHECK(after_error(run("$ALERT xyzzy")) == "xyzzy: no such command; see alert --help");
}

TEST_CASE("a wrong request ends with 2 and one line that says what is wrong") {
    const std::pair<const char*, const char*> requests[] = {
        {"$ALERT completion", "SHELL is required; see alert completion --help"},
        {"$ALERT completion bash --store",
         "--store: a value is missing; see alert completion --help"},
        {"$ALERT completion bash fish", "fish: not expected here; see alert completion --help"},
        {"$ALERT completion bash --store a --store b",
         "--store: given more than once; see alert completion --help"},
        {"$ALERT completion bash -q -v",
         "--quiet cannot be together with --verbose; see alert completion --help"},
        {"$ALERT --config none.toml completion bash",
         "--config none.toml: the file cannot be read; see alert completion --help"},
        {"echo 'stor = \"x\"' > c; $ALERT --config c completion bash",
         "--config: no option \"stor\"; see alert completion --help"},
    };
    for (const auto& [command_line, error] : requests) {
        CAPTURE(command_line);
        const Finished finished = run(command_line);
        CHECK(finished.code == 2);
        CHECK(after_error(finished) == error);
    }
}

TEST_CASE("a full disk under stdout is an error, a closed pipe is none") {
    const Finished full = run("$ALERT completion bash > /dev/full");
    CHECK(full.code == 1);
    CHECK(after_error(full) ==
          "stdout: No space left on device; the results were not written in full");
    const Finished closed = run("$ALERT completion bash | true; echo ${PIPESTATUS[0]}");
    CHECK(closed.err.empty());
    CHECK(closed.out == "0\n");
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
    CHECK(end_with([]() -> int { throw OutputClosed(); }) == Ending(0, ""));
}

TEST_CASE("the man page is clean") {
    if (!alert::test::has_program("man")) {
        SKIP_TEST("man is not installed");
    }
    const Finished finished =
        run("man --warnings -E UTF-8 -l -Tutf8 '" ALERT_MAN_PAGE "' > /dev/null");
    CHECK(finished.code == 0);
    CHECK(finished.err.empty());
}

TEST_CASE("the man page tells of every command and every option") {
    const std::string page = alert::test::read_file(ALERT_MAN_PAGE);
    std::ostringstream unused;
    Reporter reporter(unused, false, false);
    Context context{.out = unused, .reporter = reporter, .style = {}, .store = "", .command = {}};
    const auto app = make_app(context);
    std::vector<const CLI::App*> all = {app.get()};
    for (const CLI::App* command : app->get_subcommands({})) {
        all.push_back(command);
        CHECK(page.find("alert " + command->get_name()) != std::string::npos);
    }
    for (const CLI::App* command : all) {
        for (const CLI::Option* option : command->get_options()) {
            for (std::string name : option->get_lnames()) {
                for (std::size_t i = 0; (i = name.find('-', i)) != std::string::npos; i += 2) {
                    name.replace(i, 1, "\\-");
                }
                CAPTURE(command->get_name(), name);
                CHECK(page.find("\\-\\-" + name) != std::string::npos);
            }
        }
    }
}
