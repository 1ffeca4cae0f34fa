#include "tests/cli/program.h"
#include "tests/support/catch.h"

using alert::test::run;
using Catch::Matchers::Contains;

TEST_CASE("a test that is skipped says why, and exits with the code that ctest is told") {
    const auto done = run("$ALERT 'is skipped'");
    CHECK(done.code == ALERT_EXIT_SKIPPED);
    CHECK_THAT(done.out, Contains("there is no moon"));
}

TEST_CASE("a test that failed before it was skipped has failed") {
    const auto done = run("$ALERT 'fails\\, then is skipped'");
    CHECK(done.code == 1);
    CHECK_THAT(done.out, Contains("it is too late"));
}

TEST_CASE("no number of failures passes for a skipped test") {
    CHECK(run("$ALERT 'fails as often as version 3*'").code == 1);
    CHECK(run("$ALERT 'fails as often as ctest*'").code == 1);
}

TEST_CASE("a program of which one test is skipped passes, and fails when another fails") {
    CHECK(run("$ALERT 'passes'").code == 0);
    CHECK(run("$ALERT 'passes,is skipped'").code == 0);
    CHECK(run("$ALERT 'is skipped,fails as often*'").code == 1);
}
