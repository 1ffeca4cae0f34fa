#include "tests/power/live_files.h"
#include "tests/support/run_tests.h"

// Tests that need a machine of their own are skipped, aloud, where none can be made.
int main(int argc, char** argv) {
    return alert::test::run_tests(argc, argv, alert::test::LiveFiles::obstacle);
}
