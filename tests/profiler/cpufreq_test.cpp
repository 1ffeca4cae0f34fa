#include "profiler/power/cpufreq.h"

#include <string>
#include <vector>

#include "alert/error.h"
#include "tests/support/catch.h"

using namespace alert;

// Setting and putting back is tested in tests/power, on CPUs of its own.

TEST_CASE("speeds between the steps of a table, or beyond the limits, are refused") {
    CpufreqPolicy policy{.cpu = 0,
                         .folder = {},
                         .least_khz = 1'000'000,
                         .most_khz = 3'000'000,
                         .table_khz = {1'000'000, 2'000'000, 3'000'000},
                         .userspace = true};
    const std::vector<CpufreqPolicy> policies{policy};
    CHECK_NOTHROW(check_cpufreq_speed(policies, 2'000'000, "2GHz"));
    CHECK_THROWS_WITH(check_cpufreq_speed(policies, 1'500'000, "1.5GHz"),
                      "--settings 1.5GHz: 1.5GHz is not a step of CPU 0; write of 1GHz,2GHz,3GHz");
    CHECK_THROWS_AS(check_cpufreq_speed(policies, 800'000, "800MHz"), RequestError);
    policy.table_khz.clear();
    CHECK_NOTHROW(check_cpufreq_speed(std::vector{policy}, 1'500'000, "1.5GHz"));
}

TEST_CASE("eight even speeds in whole hundreds of MHz are offered where there is no table") {
    const std::vector<CpufreqPolicy> policies{{.cpu = 0,
                                               .folder = {},
                                               .least_khz = 800'000,
                                               .most_khz = 3'650'000,
                                               .table_khz = {},
                                               .userspace = false}};
    CHECK(cpufreq_sweep_khz(policies) == std::vector<std::uint64_t>{800'000, 1'200'000, 1'600'000,
                                                                    2'000'000, 2'400'000, 2'800'000,
                                                                    3'200'000, 3'650'000});
    CHECK(cpufreq_name(800'000) == "800MHz");
    CHECK(cpufreq_name(3'650'000) == "3.65GHz");
}
