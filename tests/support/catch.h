#pragma once

// Catch2, version 2 or 3: every test includes this in place of Catch2's own headers. The names are
// those of version 2, which version 3 has in other places, and SKIP_TEST.
#if __has_include(<catch2/catch_test_macros.hpp>)

#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_adapters.hpp>
#include <catch2/generators/catch_generators_range.hpp>
#include <catch2/matchers/catch_matchers.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

namespace Catch {
namespace Matchers {
inline StringContainsMatcher Contains(const std::string& part) {
    return ContainsSubstring(part);
}
}  // namespace Matchers
using Matchers::Contains;
using Matchers::EndsWith;
using Matchers::Matches;
using Matchers::StartsWith;
}  // namespace Catch
using Catch::Approx;

#define ALERT_CATCH_SKIP(why) SKIP(why)

#else

#include <catch2/catch.hpp>

// Version 2 knows no skipped tests: said as a warning, and left.
#define ALERT_CATCH_SKIP(why)     \
    do {                          \
        WARN("skipped: " << why); \
        return;                   \
    } while (false)

#endif

/// Ends a test that cannot be done here, saying why; ctest then counts it as skipped, unless
/// something failed before. For the function of a TEST_CASE itself: it may be left by return.
#define SKIP_TEST(why)              \
    do {                            \
        ::alert::test::note_skip(); \
        ALERT_CATCH_SKIP(why);      \
    } while (false)

namespace alert::test {

/// The test case that is running is skipped.
void note_skip();

}  // namespace alert::test
