// What skip_test.cpp runs; no tests of anything.
#include "tests/support/catch.h"

TEST_CASE("passes") {
    CHECK(true);
}

TEST_CASE("is skipped") {
    SKIP_TEST("there is no "
              << "moon");
}

TEST_CASE("fails, then is skipped") {
    CHECK(false);
    SKIP_TEST("it is too late");
}

TEST_CASE("fails as often as version 3 has for skipping") {
    for (int i = 0; i < 4; ++i) {
        CHECK(i < 0);
    }
}

TEST_CASE("fails as often as ctest is told for skipping") {
    for (int i = 0; i < ALERT_EXIT_SKIPPED; ++i) {
        CHECK(i < 0);
    }
}
