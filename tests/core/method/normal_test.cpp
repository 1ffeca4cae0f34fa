#include "core/method/normal.h"

#include <cmath>

#include "tests/support/catch.h"

using namespace alert;

TEST_CASE("the normal distribution function has the values of the tables") {
    CHECK(normal_cdf(0) == 0.5);
    CHECK(normal_cdf(1) == Approx(0.841344746068543).epsilon(1e-12));
    CHECK(normal_cdf(1.96) == Approx(0.975002104851780).epsilon(1e-12));
    CHECK(normal_cdf(-2.5) == Approx(0.006209665325776).epsilon(1e-10));
    CHECK(normal_cdf(-6) == Approx(9.865876450377e-10).epsilon(1e-10));
}

TEST_CASE("the normal quantile has the values of the tables") {
    CHECK(normal_quantile(0.5) == Approx(0).margin(1e-15));
    CHECK(normal_quantile(0.9) == Approx(1.2815515655446004).epsilon(1e-12));
    CHECK(normal_quantile(0.975) == Approx(1.9599639845400545).epsilon(1e-12));
    CHECK(normal_quantile(0.99) == Approx(2.3263478740408408).epsilon(1e-12));
    CHECK(normal_quantile(0.999) == Approx(3.0902323061678132).epsilon(1e-12));
    CHECK(normal_quantile(1e-10) == Approx(-6.3613409024040557).epsilon(1e-12));
}

TEST_CASE("the normal quantile undoes the distribution function, far into both tails") {
    for (double z = -8; z <= 8; z += 0.01) {
        const double p = normal_cdf(z);
        // A probability near one is known to 1e-16 only, which is this much of z.
        const double resolution = 1.2e-16 * std::exp(z * z / 2) * std::sqrt(2 * std::acos(-1));
        const double margin = 1e-12 + (z > 0 ? resolution : 0);
        INFO("z = " << z);
        CHECK(std::abs(normal_quantile(p) - z) < margin);
    }
}

TEST_CASE("the normal quantile is odd about one half") {
    for (const double p : {1e-9, 0.001, 0.02, 0.02425, 0.25, 0.4999}) {
        CHECK(normal_quantile(p) == Approx(-normal_quantile(1 - p)).epsilon(1e-7));
    }
}
