#include "cli/terminal/completion.h"

#include "cli/commands/options.h"
#include "tests/cli/program.h"
#include "tests/support/catch.h"

using namespace alert::cli;
using alert::test::Finished;
using alert::test::has_program;
using alert::test::run;

namespace {

/// A command line that has one of everything.
std::string script_for(Shell shell) {
    CLI::App app("", "alert");
    app.add_option("--store")->type_name("FILE");
    const auto nothing = [] {};
    app.add_flag_callback("-q,--quiet", nothing, "Don't say: [much]");
    CLI::App* command = app.add_subcommand("run", "It's a run: of `things`");
    command->add_option("--objective")->type_name("energy|accuracy");
    command->add_option("--deadline", "Latest [time]")->type_name("TIME");
    command->add_option("--secret")->group("");  // hidden
    std::vector<std::string> models;
    command->add_option("--models", models)->type_name("PATH...");
    CLI::App* report = app.add_subcommand("report", "What was found");
    report->add_option("WHAT")->type_name("profile|run");
    return completion_script(app, shell);
}

std::string with_script(Shell shell, const std::string& name, const std::string& rest) {
    return "cat > " + name + " << 'END_OF_SCRIPT'\n" + script_for(shell) + "END_OF_SCRIPT\n" +
           "touch model.pt other.pt\n" + rest;
}

/// The words that bash offers for the last of `words`.
std::string bash_offers(const std::string& words) {
    const Finished finished = run(with_script(Shell::kBash, "c.bash",
                                              "source ./c.bash\nCOMP_WORDS=(" + words +
                                                  ")\nCOMP_CWORD=$((${#COMP_WORDS[@]} - 1))\n"
                                                  "_alert\necho \"${COMPREPLY[@]}\""));
    CHECK(finished.err.empty());
    return finished.out;
}

/// What completes the last word; fish 4 offers words behind these that only hold its letters.
std::string fish_offers(const std::string& line) {
    const Finished finished = run(with_script(
        Shell::kFish, "c.fish",
        "HOME=$PWD fish --no-config -c 'source ./c.fish; complete -C \"" + line +
            "\"' | cut -f1 | grep -e '^" + line.substr(line.rfind(' ') + 1) + "' || true"));
    CHECK(finished.err.empty());
    return finished.out;
}

/// The arguments that a command gets when TAB, then Enter is pressed in an interactive zsh.
std::string zsh_arguments(const std::string& line) {
    const Finished finished = run(with_script(Shell::kZsh, "_alert", R"(
export HOME=$PWD TERM=dumb
timeout 20 zsh -f << 'END_OF_ZSH'
zmodload zsh/zpty
zpty z zsh -f -i
zpty -w z "fpath=($PWD \$fpath); autoload -U compinit; compinit -u"
zpty -w z "alert() { print \"<\$*>\" }; print rea''dy"
zpty -r z seen '*ready*'
zpty -w z ")" + line + R"("$'\t'
zpty -r z seen '*<*>*' && print -r -- "${${seen##*<}%%>*}"
zpty -d z
END_OF_ZSH
)"));
    return finished.out;
}

}  // namespace

TEST_CASE("bash completes commands, flags, choices and files") {
    CHECK(bash_offers("alert r") == "run report\n");
    CHECK(bash_offers("alert --st") == "--store\n");
    CHECK(bash_offers("alert --store mod") == "model.pt\n");
    CHECK(bash_offers("alert --store run r") == "run report\n");
    CHECK(bash_offers("alert run --o") == "--objective\n");
    CHECK(bash_offers("alert run --objective ''") == "energy accuracy\n");
    CHECK(bash_offers("alert run --objective = ac") == "accuracy\n");
    CHECK(bash_offers("alert run --objective =") == "energy accuracy\n");
    CHECK(bash_offers("alert run --deadline ''") == "\n");
    CHECK(bash_offers("alert run --se") == "\n");
    CHECK(bash_offers("alert run --models model.pt ot") == "other.pt\n");
    CHECK(bash_offers("alert run --models model.pt --q") == "--quiet\n");
    CHECK(bash_offers("alert report p") == "profile\n");
    CHECK(bash_offers("alert report run --o") == "\n");
}

TEST_CASE("fish completes commands, flags, choices and files") {
    if (!has_program("fish")) {
        SKIP_TEST("fish is not installed");
    }
    CHECK(fish_offers("alert r") == "report\nrun\n");
    CHECK(fish_offers("alert --st") == "--store\n");
    CHECK(fish_offers("alert --store mod") == "model.pt\n");
    CHECK(fish_offers("alert run --o") == "--objective\n");
    CHECK(fish_offers("alert run --objective ") == "accuracy\nenergy\n");
    CHECK(fish_offers("alert run --deadline ").empty());
    CHECK(fish_offers("alert run --models model.pt ot") == "other.pt\n");
    CHECK(fish_offers("alert report p") == "profile\n");
    CHECK(fish_offers("alert report run --o").empty());
}

TEST_CASE("zsh completes commands, flags, choices and files") {
    if (!has_program("zsh")) {
        SKIP_TEST("zsh is not installed");
    }
    CHECK(zsh_arguments("alert rep") == "report\n");
    CHECK(zsh_arguments("alert --st") == "--store\n");
    CHECK(zsh_arguments("alert --store mod") == "--store model.pt\n");
    CHECK(zsh_arguments("alert run --obj") == "run --objective\n");
    CHECK(zsh_arguments("alert run --objective en") == "run --objective energy\n");
    CHECK(zsh_arguments("alert run --models model.pt oth") == "run --models model.pt other.pt\n");
    CHECK(zsh_arguments("alert report pro") == "report profile\n");
}
