#include "tests/support/run_tests.h"

#include <iostream>

#define CATCH_CONFIG_RUNNER
#include "tests/support/catch.h"

#if __has_include(<catch2/catch_session.hpp>)
#include <catch2/catch_session.hpp>
#include <catch2/catch_test_case_info.hpp>
#include <catch2/interfaces/catch_interfaces_config.hpp>
#include <catch2/reporters/catch_reporter_event_listener.hpp>
#include <catch2/reporters/catch_reporter_registrars.hpp>
using Listener = Catch::EventListenerBase;
#else
using Listener = Catch::TestEventListenerBase;
#endif

namespace alert::test {
namespace {

// Of the test cases that were run so far. Their exit codes do not tell: version 2 has none for
// skipping, and that of version 3 may also be a number of failures.
struct Cases {
    bool skips = false;  // the one that is running
    int skipped = 0;
    int all = 0;
};
Cases cases;

class SkipCounter final : public Listener {
   public:
    using Listener::Listener;

    void testCaseStarting(const Catch::TestCaseInfo& /*info*/) override { cases.skips = false; }

    void testCaseEnded(const Catch::TestCaseStats& stats) override {
        cases.skipped += cases.skips && stats.totals.assertions.failed == 0 ? 1 : 0;
        ++cases.all;
    }
};
CATCH_REGISTER_LISTENER(SkipCounter)

bool lists(const Catch::Session& session) {
    auto& config = const_cast<Catch::Session&>(session).config();
#if __has_include(<catch2/catch_session.hpp>)
    const bool names = config.listListeners();
#else
    const bool names = config.listTestNamesOnly();
#endif
    return names || config.listTests() || config.listReporters() || config.listTags();
}

}  // namespace

void note_skip() {
    cases.skips = true;
}

int run_tests(int argc, char** argv, const std::function<std::optional<std::string>()>& obstacle) {
    Catch::Session session;
    if (session.applyCommandLine(argc, argv) != 0) {
        return 1;
    }
    if (obstacle && !lists(session)) {
        if (const auto why = obstacle()) {
            std::cout << "skipped: " << *why << '\n';
            return ALERT_EXIT_SKIPPED;
        }
    }
    const int code = session.run();
    if (cases.all > 0 && cases.skipped == cases.all) {
        return ALERT_EXIT_SKIPPED;
    }
    return code == 0 ? 0 : 1;
}

}  // namespace alert::test
