#include "tests/support/run_tests.h"

int main(int argc, char** argv) {
    return alert::test::run_tests(argc, argv);
}
