#pragma once

#include <functional>
#include <optional>
#include <string>

namespace alert::test {

/// What a test program's main does: runs the tests that its arguments name. 0 when they passed,
/// ALERT_EXIT_SKIPPED, by which ctest knows a skipped test, when all of them were, else 1. Where
/// the obstacle gives a reason, none is run, and all are skipped for it; they can still be listed.
int run_tests(int argc, char** argv,
              const std::function<std::optional<std::string>()>& obstacle = {});

}  // namespace alert::test
