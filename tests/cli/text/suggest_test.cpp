#include "cli/text/suggest.h"

#include "tests/support/catch.h"

using namespace alert::cli;

TEST_CASE("slips count added, lost, changed and swapped letters") {
    CHECK(slips_between("", "") == 0);
    CHECK(slips_between("run", "run") == 0);
    CHECK(slips_between("", "run") == 3);
    CHECK(slips_between("rnu", "run") == 1);
    CHECK(slips_between("profle", "profile") == 1);
    CHECK(slips_between("reporrt", "report") == 1);
    CHECK(slips_between("devixes", "devices") == 1);
    CHECK(slips_between("kitten", "sitting") == 3);
}

TEST_CASE("the nearest word is suggested, a far one never") {
    const std::vector<std::string> flags = {"--deadline", "--data", "--energy", "--environment"};
    CHECK(did_you_mean("--deadlin", flags) == " (did you mean --deadline?)");
    CHECK(did_you_mean("--dedaline", flags) == " (did you mean --deadline?)");
    CHECK(did_you_mean("--datta", flags) == " (did you mean --data?)");
    CHECK(did_you_mean("--env", flags) == " (did you mean --environment?)");
    CHECK(did_you_mean("--colour", flags).empty());
    CHECK(did_you_mean("x", {"run"}).empty());
    CHECK(did_you_mean("", flags).empty());
}
