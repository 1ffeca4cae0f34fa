#include "cli/text/format.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <span>

#include "cli/text/unit_names.h"

namespace alert::cli {
namespace {

constexpr Unit kBytes[] = {
    {"B", 1, 1}, {"kB", 1e3, 1}, {"MB", 1e6, 1}, {"GB", 1e9, 1}, {"TB", 1e12, 1}};

/// Three significant digits: "812", "43.1", "1.20", "0.0452".
std::string three_digits(double value) {
    const double magnitude = std::fabs(value);
    if (magnitude != 0 && magnitude < 1e-4) {
        return fmt::format("{:.2e}", value);
    }
    // The limits are where rounding adds a digit: 9.995 becomes 10.0, not 10.00.
    int decimals = 0;
    for (double border = 99.95; decimals < 2 && magnitude < border; border /= 10) {
        ++decimals;
    }
    for (double border = 0.9995; magnitude != 0 && magnitude < border; border /= 10) {
        ++decimals;
    }
    return fmt::format("{:.{}f}", value, decimals);
}

std::string with_unit(std::optional<double> value, std::span<const Unit> units) {
    if (!value || !std::isfinite(*value)) {
        return "";
    }
    const Unit* best = &units.front();
    for (const Unit& unit : units) {
        const bool rounds_up_to_one = std::fabs(*value) * unit.divide / unit.multiply >= 0.9995;
        best = rounds_up_to_one ? &unit : best;
    }
    // Zero has no natural unit; it is written in the base unit.
    const auto base = std::find_if(units.begin(), units.end(), [](const Unit& unit) {
        return unit.multiply == 1 && unit.divide == 1;
    });
    if (*value == 0) {
        return fmt::format("0 {}", base->name);
    }
    return fmt::format("{} {}", three_digits(*value * best->divide / best->multiply), best->name);
}

std::string percent(double share) {
    return fmt::format("{:.1f} %", share * 100);
}

}  // namespace

std::string plain_text(double number) {
    if (std::isinf(number)) {
        return number > 0 ? "Infinity" : "-Infinity";
    }
    return std::isnan(number) ? "" : fmt::format("{}", number);
}

std::string format_duration(std::optional<double> seconds) {
    return with_unit(seconds, kDurations);
}

std::string format_time_left(std::optional<double> seconds) {
    if (!seconds || !std::isfinite(*seconds)) {
        return "";
    }
    const auto whole = std::llround(std::clamp(*seconds, 0.0, 3.6e8));
    if (whole < 60) {
        return fmt::format("{} s", whole);
    }
    return whole < 3600 ? fmt::format("{} min {:02} s", whole / 60, whole % 60)
                        : fmt::format("{} h {:02} min", whole / 3600, whole / 60 % 60);
}

std::string format_power(std::optional<double> watts) {
    return with_unit(watts, kPowers);
}

std::string format_energy(std::optional<double> joules) {
    return with_unit(joules, kEnergies);
}

std::string format_frequency(std::optional<double> hertz) {
    return with_unit(hertz, kFrequencies);
}

std::string format_accuracy(std::optional<double> share) {
    return share && std::isfinite(*share) ? percent(*share) : "";
}

std::string format_probability(std::optional<double> probability) {
    if (!probability || !std::isfinite(*probability)) {
        return "";
    }
    // Rounding must not turn "almost certain" into "certain".
    if (*probability < 1 && *probability > 0.999) {
        return ">99.9 %";
    }
    if (*probability > 0 && *probability < 0.001) {
        return "<0.1 %";
    }
    return percent(*probability);
}

std::string format_number(std::optional<double> number) {
    if (number && std::isinf(*number)) {
        return *number > 0 ? "∞" : "-∞";
    }
    return number && std::isfinite(*number) ? three_digits(*number) : "";
}

std::string format_bytes(std::optional<std::int64_t> bytes) {
    return with_unit(bytes, kBytes);
}

std::string format_count(std::optional<std::int64_t> count) {
    if (!count) {
        return "";
    }
    const std::string digits = fmt::format("{}", *count);
    const std::size_t sign = *count < 0 ? 1 : 0;
    std::string grouped;
    for (std::size_t i = 0; i < digits.size(); ++i) {
        if (i > sign && (digits.size() - i) % 3 == 0) {
            grouped += ',';
        }
        grouped += digits[i];
    }
    return grouped;
}

}  // namespace alert::cli
