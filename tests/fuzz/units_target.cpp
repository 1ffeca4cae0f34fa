// A first byte that says which dimension, then a quantity, or several.
#include <array>
#include <cmath>

#include "cli/text/format.h"
#include "cli/text/units.h"
#include "tests/fuzz/targets.h"

namespace alert::fuzz {

namespace {

using namespace alert::cli;

constexpr std::array kDimensions = {
    Dimension::kDuration, Dimension::kPower,    Dimension::kEnergy,     Dimension::kFrequency,
    Dimension::kThreads,  Dimension::kAccuracy, Dimension::kPercentage, Dimension::kProbability};

bool is_share(Dimension dimension) {
    return dimension >= Dimension::kAccuracy;
}

// In its range, and read back as it is written.
void check(double value, Dimension dimension) {
    require(std::isfinite(value), "a quantity that is no number");
    require(is_share(dimension) ? value >= 0 && value <= 1 : value > 0, "out of range");
    const std::string text = flag_text(value, dimension);
    const double again = parse_quantity("--again", text, dimension);
    require(alike(value, again) || (is_share(dimension) && std::abs(value - again) < 1e-12),
            "read back differently: " + text);
    require(!is_share(dimension) || !format_accuracy(value).empty(), "not shown");
    require(is_share(dimension) || !format_duration(value).empty(), "not shown");
}

}  // namespace

void units(std::string_view input) {
    std::string_view text = input;
    const Dimension dimension = kDimensions[take_byte(text) % kDimensions.size()];
    if (const auto value =
            accepted(text, [&] { return parse_quantity("--flag", text, dimension); })) {
        check(*value, dimension);
    }
    const auto values = accepted(text, [&] { return parse_quantities("--flag", text, dimension); });
    for (std::size_t i = 0; values && i < values->size(); ++i) {
        check((*values)[i], dimension);
        require(i == 0 || (*values)[i - 1] < (*values)[i], "not in order");
    }
    dimension_of(text);
}

}  // namespace alert::fuzz
