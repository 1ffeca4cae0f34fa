#define CATCH_CONFIG_RUNNER
#include <catch2/catch.hpp>
#include <iostream>

#include "tests/power/live_files.h"

// Tests that need a machine of their own are skipped, aloud, where none can be made.
int main(int argc, char** argv) {
    Catch::Session session;
    if (const int failure = session.applyCommandLine(argc, argv)) {
        return failure;
    }
    const bool lists = session.config().listTests() || session.config().listTestNamesOnly() ||
                       session.config().listReporters() || session.config().listTags();
    if (const auto why = alert::test::LiveFiles::obstacle(); why && !lists) {
        std::cout << "skipped: " << *why << '\n';
        return 0;
    }
    return session.run();
}
