#include "cli/text/units.h"

#include <cmath>
#include <limits>

#include "alert/error.h"
#include "cli/text/format.h"
#include "tests/support/catch.h"

using namespace alert;
using namespace alert::cli;

namespace {

std::string refusal(std::string_view flag, std::string_view text, Dimension dimension) {
    try {
        parse_quantity(flag, text, dimension);
    } catch (const RequestError& error) {
        return error.what();
    }
    return "accepted";
}

std::string list_refusal(std::string_view text, Dimension dimension = Dimension::kPower) {
    try {
        parse_quantities("--settings", text, dimension);
    } catch (const RequestError& error) {
        return error.what();
    }
    return "accepted";
}

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

}  // namespace

TEST_CASE("quantities are read in base units, exactly") {
    struct Case {
        const char* text;
        Dimension dimension;
        double value;
    };
    const Case cases[] = {
        {"50ms", Dimension::kDuration, 0.05},
        {"20ms", Dimension::kIdleTime, 0.02},
        {"0s", Dimension::kIdleTime, 0},
        {"1.5s", Dimension::kDuration, 1.5},
        {"800us", Dimension::kDuration, 0.0008},
        {"800\u00b5s", Dimension::kDuration, 0.0008},  // micro sign
        {"800\u03bcs", Dimension::kDuration, 0.0008},  // Greek mu
        {"250ns", Dimension::kDuration, 0.00000025},
        {"2min", Dimension::kDuration, 120},
        {"0.5h", Dimension::kDuration, 1800},
        {"50 ms", Dimension::kDuration, 0.05},
        {"  50   ms ", Dimension::kDuration, 0.05},
        {"1e-3s", Dimension::kDuration, 0.001},
        {".5s", Dimension::kDuration, 0.5},
        {"35W", Dimension::kPower, 35},
        {"900mW", Dimension::kPower, 0.9},
        {"0.1kW", Dimension::kPower, 100},
        {"2J", Dimension::kEnergy, 2},
        {"15mJ", Dimension::kEnergy, 0.015},
        {"3kJ", Dimension::kEnergy, 3000},
        {"7uJ", Dimension::kEnergy, 0.000007},
        {"2.4GHz", Dimension::kFrequency, 2.4e9},
        {"1200MHz", Dimension::kFrequency, 1.2e9},
        {"800000kHz", Dimension::kFrequency, 8e8},
        {"50Hz", Dimension::kFrequency, 50},
        {"0.92", Dimension::kAccuracy, 0.92},
        {"92%", Dimension::kAccuracy, 0.92},
        {"92.5 %", Dimension::kAccuracy, 0.925},
        {"0", Dimension::kAccuracy, 0},
        {"1", Dimension::kAccuracy, 1},
        {"100%", Dimension::kAccuracy, 1},
        {"5%", Dimension::kPercentage, 0.05},
        {"0.05", Dimension::kPercentage, 0.05},
        {"0", Dimension::kPercentage, 0},
        {"0.99", Dimension::kProbability, 0.99},
        {"99%", Dimension::kProbability, 0.99},
    };
    for (const Case& c : cases) {
        CAPTURE(c.text);
        CHECK(parse_quantity("--flag", c.text, c.dimension) == c.value);
    }
}

TEST_CASE("a bare number where a unit is needed is refused with the units named") {
    CHECK(refusal("--deadline", "50", Dimension::kDuration) ==
          "--deadline 50: a unit is missing; write 50ms, 50us, 50s or 50min");
    CHECK(refusal("--settings", "40", Dimension::kPower) ==
          "--settings 40: a unit is missing; write 40W, 40mW or 40kW");
    CHECK(refusal("--energy", "1.5", Dimension::kEnergy) ==
          "--energy 1.5: a unit is missing; write 1.5J, 1.5mJ, 1.5uJ or 1.5kJ");
    CHECK(refusal("--settings", "2.4", Dimension::kFrequency) ==
          "--settings 2.4: a unit is missing; write 2.4GHz, 2.4MHz or 2.4kHz");
}

TEST_CASE("a share above one without a percent sign is refused with the sign put in") {
    CHECK(refusal("--accuracy", "92", Dimension::kAccuracy) ==
          "--accuracy 92: the percent sign is missing; write 92% or 0.92");
    CHECK(refusal("--precision", "5", Dimension::kPercentage) ==
          "--precision 5: the percent sign is missing; write 5% or 0.05");
    CHECK(refusal("--precision", "100", Dimension::kPercentage) ==
          "--precision 100: the percent sign is missing; write 100%");
    // 1 could be meant as 1 % or as the whole.
    CHECK(refusal("--precision", "1", Dimension::kPercentage) ==
          "--precision 1: the percent sign is missing; write 1% or 0.01");
}

TEST_CASE("shares outside of 0 to 1 are refused") {
    for (const char* text : {"-0.1", "101%", "1000", "-5%", "1e300%"}) {
        CAPTURE(text);
        CHECK(refusal("--accuracy", text, Dimension::kAccuracy) ==
              "--accuracy " + std::string(text) +
                  ": an accuracy lies between 0 and 1, or 0% and 100%; write 0.92 or 92%");
    }
}

TEST_CASE("units of another dimension and unknown ones are refused") {
    CHECK(refusal("--deadline", "50W", Dimension::kDuration) ==
          "--deadline 50W: \"W\" is no unit of a time; write 50ms, 50us, 50s or 50min");
    CHECK(refusal("--accuracy", "92ms", Dimension::kAccuracy) ==
          "--accuracy 92ms: \"ms\" is no unit of an accuracy; write 0.92 or 92%");
    for (const char* text : {"50MS", "50msec", "50m", "50ms!", "50ms 3", "50 m s", "5,0ms", "5e",
                             "0x10s", "50ms50ms", "1.2.3s", "50\xffms"}) {
        CAPTURE(text);
        CHECK(refusal("--deadline", text, Dimension::kDuration).find("is no unit of a time") !=
              std::string::npos);
    }
}

TEST_CASE("what is no number is refused") {
    for (const char* text : {"", " ", "ms", "abc", "nan", "nanms", "inf", "infs", "-infms", "+5ms",
                             "--accuracy", "%"}) {
        CAPTURE(text);
        CHECK(refusal("--deadline", text, Dimension::kDuration)
                  .find("a time starts with a number; write 50ms") != std::string::npos);
    }
}

TEST_CASE("zero, negative, overflowing and vanishing quantities are refused") {
    for (const char* text : {"0ms", "-5ms", "-0s"}) {
        CAPTURE(text);
        CHECK(refusal("--deadline", text, Dimension::kDuration).find("a time is above 0") !=
              std::string::npos);
    }
    for (const char* text : {"1e999s", "1e308h", "1e-320s", "1e-999s", "5e-324ns"}) {
        CAPTURE(text);
        CHECK(refusal("--deadline", text, Dimension::kDuration).find("too large or too small") !=
              std::string::npos);
    }
}

TEST_CASE("lists and ranges give ascending values, each once") {
    using Values = std::vector<double>;
    CHECK(parse_quantities("--settings", "40W", Dimension::kPower) == Values{40});
    CHECK(parse_quantities("--settings", "60W,40W,60W", Dimension::kPower) == Values{40, 60});
    CHECK(parse_quantities("--settings", "40W, 60W", Dimension::kPower) == Values{40, 60});
    CHECK(parse_quantities("--settings", "40W:60W:5W", Dimension::kPower) ==
          Values{40, 45, 50, 55, 60});
    CHECK(parse_quantities("--settings", "40W:58W:5W", Dimension::kPower) ==
          Values{40, 45, 50, 55});
    CHECK(parse_quantities("--settings", "40W:40W:5W", Dimension::kPower) == Values{40});
    CHECK(parse_quantities("--settings", "10W,40W:50W:5W", Dimension::kPower) ==
          Values{10, 40, 45, 50});
    CHECK(parse_quantities("--settings", "20%:100%:20%", Dimension::kPercentage).size() == 5);
}

TEST_CASE("a range ends at HIGH in spite of rounding") {
    const auto values = parse_quantities("--settings", "0.1s:0.7s:0.1s", Dimension::kDuration);
    REQUIRE(values.size() == 7);
    CHECK(values.back() == Approx(0.7).epsilon(1e-12));
    CHECK(values.back() <= 0.7);
}

TEST_CASE("ranges that make no sense are refused") {
    CHECK(list_refusal("40W:100W").find("three parts; write LOW:HIGH:STEP, like 40W:100W:5W") !=
          std::string::npos);
    CHECK(list_refusal("100W:40W:5W").find("ends below its start") != std::string::npos);
    CHECK(list_refusal("40:100W:5W").find("a unit is missing") != std::string::npos);
    CHECK(list_refusal("40W:100W:0W").find("above 0") != std::string::npos);
    CHECK(list_refusal("40W:100W:-5W").find("above 0") != std::string::npos);
    CHECK(list_refusal("0%:50%:0%", Dimension::kPercentage).find("the step is 0") !=
          std::string::npos);
    CHECK(list_refusal("1W:100kW:1mW").find("more than 1000 values") != std::string::npos);
    CHECK(list_refusal("40W,").find("starts with a number") != std::string::npos);
    CHECK(list_refusal("40W,50ms").find("\"ms\" is no unit of a power") != std::string::npos);
    CHECK(list_refusal("40W:60W:5W:5W").find("three parts") != std::string::npos);
}

TEST_CASE("the dimension of a list is told by its first unit") {
    CHECK(dimension_of("40W:100W:5W") == Dimension::kPower);
    CHECK(dimension_of("2.4GHz,1.2GHz") == Dimension::kFrequency);
    CHECK(dimension_of("50%") == Dimension::kPercentage);
    CHECK(dimension_of("5ms") == Dimension::kDuration);
    CHECK(dimension_of("2mJ") == Dimension::kEnergy);
    CHECK(dimension_of("2t,4t") == Dimension::kThreads);
    CHECK(dimension_of("40W+2t") == Dimension::kPower);
    CHECK_FALSE(dimension_of("40").has_value());
    CHECK_FALSE(dimension_of("").has_value());
    CHECK_FALSE(dimension_of("fast").has_value());
}

TEST_CASE("text for flags is read back as the same value") {
    CHECK(flag_text(40, Dimension::kPower) == "40W");
    CHECK(flag_text(0.9, Dimension::kPower) == "900mW");
    CHECK(flag_text(2.4e9, Dimension::kFrequency) == "2.4GHz");
    CHECK(flag_text(0.05, Dimension::kDuration) == "50ms");
    CHECK(flag_text(0, Dimension::kIdleTime) == "0s");
    CHECK(flag_text(90, Dimension::kDuration) == "1.5min");
    CHECK(flag_text(0.5, Dimension::kPercentage) == "50%");
    for (const double value : {12.5, 0.0375, 97.0, 0.333}) {
        CHECK(parse_quantity("-", flag_text(value, Dimension::kPower), Dimension::kPower) ==
              Approx(value).epsilon(1e-12));
    }
}

TEST_CASE("durations are shown with three significant digits and a fitting unit") {
    CHECK(format_duration(0.000812) == "812 us");
    CHECK(format_duration(0.00431) == "4.31 ms");
    CHECK(format_duration(1.2) == "1.20 s");
    CHECK(format_duration(0.0431) == "43.1 ms");
    CHECK(format_duration(0.0009996) == "1.00 ms");
    CHECK(format_duration(0.009996) == "10.0 ms");
    CHECK(format_duration(0.0000005) == "500 ns");
    CHECK(format_duration(5e-10) == "0.500 ns");
    CHECK(format_duration(90) == "1.50 min");
    CHECK(format_duration(7200) == "2.00 h");
    CHECK(format_duration(0) == "0 s");
    CHECK(format_duration(-0.002) == "-2.00 ms");
}

TEST_CASE("other quantities are shown for people") {
    CHECK(format_power(40) == "40.0 W");
    CHECK(format_power(0.9) == "900 mW");
    CHECK(format_energy(0.015) == "15.0 mJ");
    CHECK(format_energy(1.25) == "1.25 J");
    CHECK(format_frequency(2.4e9) == "2.40 GHz");
    CHECK(format_bytes(999) == "999 B");
    CHECK(format_bytes(597'360'931) == "597 MB");
    CHECK(format_bytes(16'800'000'000) == "16.8 GB");
    CHECK(format_bytes(4'400'000'000'000'000) == "4400 TB");
    CHECK(format_accuracy(0.9214) == "92.1 %");
    CHECK(format_number(1.3712) == "1.37");
    CHECK(format_number(0.04519) == "0.0452");
    CHECK(format_number(0) == "0.00");
    CHECK(format_number(123456) == "123456");
    CHECK(format_number(1.5e-7) == "1.50e-07");
    CHECK(format_count(0) == "0");
    CHECK(format_count(999) == "999");
    CHECK(format_count(1000) == "1,000");
    CHECK(format_count(1234567) == "1,234,567");
    CHECK(format_count(-1234) == "-1,234");
    CHECK(format_count(-123) == "-123");
    CHECK(format_time_left(12.4) == "12 s");
    CHECK(format_time_left(185) == "3 min 05 s");
    CHECK(format_time_left(7500) == "2 h 05 min");
}

TEST_CASE("rounding never turns nearly certain into certain") {
    CHECK(format_probability(0.99999) == ">99.9 %");
    CHECK(format_probability(1) == "100.0 %");
    CHECK(format_probability(0.00001) == "<0.1 %");
    CHECK(format_probability(0) == "0.0 %");
    CHECK(format_probability(0.975) == "97.5 %");
}

TEST_CASE("a number that is infinite is shown as such") {
    CHECK(format_number(kInfinity) == "∞");
    CHECK(format_number(-kInfinity) == "-∞");
    CHECK(format_number(kNan).empty());
    CHECK(plain_text(kInfinity) == "Infinity");
    CHECK(plain_text(-kInfinity) == "-Infinity");
    CHECK(plain_text(kNan).empty());
    CHECK(plain_text(0.1) == "0.1");
}

TEST_CASE("what was not measured is shown as nothing") {
    CHECK(format_duration({}).empty());
    CHECK(format_power({}).empty());
    CHECK(format_energy({}).empty());
    CHECK(format_frequency({}).empty());
    CHECK(format_accuracy({}).empty());
    CHECK(format_probability({}).empty());
    CHECK(format_number({}).empty());
    CHECK(format_count({}).empty());
    CHECK(format_bytes({}).empty());
    for (const double value : {kNan, kInfinity, -kInfinity}) {
        CHECK(format_duration(value).empty());
        CHECK(format_accuracy(value).empty());
        CHECK(format_probability(value).empty());
        CHECK(format_time_left(value).empty());
    }
}
