#include "cli/text/units.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <span>

#include "alert/error.h"
#include "cli/text/unit_names.h"

namespace alert::cli {
namespace {

constexpr Unit kThreads[] = {{"t", 1, 1}};
constexpr Unit kShares[] = {{"%", 1, 100}};

/// How one dimension is written and read; units from the smallest to the largest.
struct Notation {
    std::string_view what;     // "a time"
    std::string_view example;  // after "write"
    std::span<const Unit> units;
};

/// More values than this in a range are a typing error.
constexpr double kMostInRange = 1000;

/// The limits of plausible values, in s, W, J, Hz. 1e9 s are 30 years, which clocks that count
/// nanoseconds can still represent.
constexpr double kLeast = 1e-9;

double most_of(Dimension dimension) {
    return dimension == Dimension::kThreads     ? kMostThreads
           : dimension == Dimension::kFrequency ? 1e12
                                                : 1e9;
}

Notation notation(Dimension dimension) {
    switch (dimension) {
        case Dimension::kDuration:
            return {"a time", "50ms, 50us, 50s or 50min", kDurations};
        case Dimension::kIdleTime:
            return {"an idle time", "20ms, 1s or 0s", kDurations};
        case Dimension::kPower:
            return {"a power", "35W, 900mW or 0.1kW", kPowers};
        case Dimension::kEnergy:
            return {"an energy", "2J, 15mJ, 800uJ or 1kJ", kEnergies};
        case Dimension::kFrequency:
            return {"a frequency", "2.4GHz, 1200MHz or 800000kHz", kFrequencies};
        case Dimension::kThreads:
            return {"a number of threads", "2t", kThreads};
        case Dimension::kAccuracy:
            return {"an accuracy", "0.92 or 92%", kShares};
        case Dimension::kPercentage:
            return {"a percentage", "5% or 0.05", kShares};
        case Dimension::kProbability:
            return {"a probability", "0.95 or 95%", kShares};
    }
    return {};
}

bool is_share(Dimension dimension) {
    return dimension == Dimension::kAccuracy || dimension == Dimension::kPercentage ||
           dimension == Dimension::kProbability;
}

[[noreturn]] void refuse(std::string_view flag, std::string_view text, std::string_view problem,
                         std::string_view remedy) {
    throw RequestError(fmt::format("{} {}: {}; write {}", flag,
                                   text.empty() ? "\"\"" : std::string(text), problem, remedy));
}

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(' ');
    if (first == std::string_view::npos) {
        return {};
    }
    return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

/// The number at the beginning of a text, and what follows it.
struct Parts {
    double number = 0;
    std::string_view digits, unit;
    std::errc error{};
};

Parts split(std::string_view text) {
    Parts parts;
    text = trimmed(text);
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), parts.number);
    const auto length = static_cast<std::size_t>(end - text.data());
    parts.error = error;
    parts.digits = text.substr(0, length);
    parts.unit = trimmed(text.substr(length));
    return parts;
}

/// Accepts the two Greek letters for micro as well.
std::string plain_unit(std::string_view unit) {
    for (const std::string_view micro : {"\u00b5", "\u03bc"}) {
        if (unit.starts_with(micro)) {
            return fmt::format("u{}", unit.substr(micro.size()));
        }
    }
    return std::string(unit);
}

const Unit* find_unit(std::string_view name, std::span<const Unit> units) {
    const std::string plain = plain_unit(name);
    const auto found = std::find_if(units.begin(), units.end(),
                                    [&](const Unit& unit) { return unit.name == plain; });
    return found == units.end() ? nullptr : &*found;
}

/// "50ms, 50us, 50s or 50min" with the number that was given.
std::string remedy_for(std::string_view digits, Dimension dimension) {
    switch (dimension) {
        case Dimension::kDuration:
        case Dimension::kIdleTime:
            return fmt::format("{0}ms, {0}us, {0}s or {0}min", digits);
        case Dimension::kPower:
            return fmt::format("{0}W, {0}mW or {0}kW", digits);
        case Dimension::kEnergy:
            return fmt::format("{0}J, {0}mJ, {0}uJ or {0}kJ", digits);
        case Dimension::kFrequency:
            return fmt::format("{0}GHz, {0}MHz or {0}kHz", digits);
        default:
            return std::string(notation(dimension).example);
    }
}

double checked_share(std::string_view flag, std::string_view text, const Parts& parts,
                     Dimension dimension) {
    const bool bare = parts.unit.empty();
    const double share = bare ? parts.number : parts.number / 100;
    const bool in_percent = bare && parts.number > 1 && parts.number <= 100;
    const bool ambiguous = bare && parts.number == 1 && dimension == Dimension::kPercentage;
    if (in_percent || ambiguous) {
        std::string remedy = fmt::format("{}%", parts.digits);
        if (dimension != Dimension::kPercentage || parts.number < 100) {  // a bare 1 is ambiguous
            remedy += fmt::format(" or {}", parts.number / 100);
        }
        refuse(flag, text, "the percent sign is missing", remedy);
    }
    if (share < 0 || share > 1) {
        refuse(flag, text,
               fmt::format("{} lies between 0 and 1, or 0% and 100%", notation(dimension).what),
               notation(dimension).example);
    }
    return share;
}

double parse_item(std::string_view flag, std::string_view text, std::string_view item,
                  Dimension dimension) {
    const Notation written = notation(dimension);
    const Parts parts = split(item);
    if (parts.error == std::errc::result_out_of_range) {
        refuse(flag, text, "the number is too large or too small", written.example);
    }
    if (parts.error != std::errc{} || !std::isfinite(parts.number)) {
        refuse(flag, text, fmt::format("{} starts with a number", written.what), written.example);
    }
    const Unit* unit = find_unit(parts.unit, written.units);
    if (unit == nullptr && !parts.unit.empty()) {
        refuse(flag, text, fmt::format("\"{}\" is no unit of {}", parts.unit, written.what),
               remedy_for(parts.digits, dimension));
    }
    if (is_share(dimension)) {
        return checked_share(flag, text, parts, dimension);
    }
    if (unit == nullptr) {
        refuse(flag, text, "a unit is missing", remedy_for(parts.digits, dimension));
    }
    const double value = parts.number * unit->multiply / unit->divide;
    if (parts.number == 0 && dimension == Dimension::kIdleTime) {
        return 0;
    }
    if (parts.number <= 0) {
        refuse(flag, text, fmt::format("{} is above 0", written.what), written.example);
    }
    if (dimension == Dimension::kThreads && value != std::floor(value)) {
        refuse(flag, text, fmt::format("{} is whole", written.what), written.example);
    }
    if (value < kLeast || value > most_of(dimension)) {
        refuse(flag, text, "the number is too large or too small", written.example);
    }
    return value;
}

std::vector<std::string_view> split_at(std::string_view text, char separator) {
    std::vector<std::string_view> items;
    for (std::size_t begin = 0; begin <= text.size();) {
        const std::size_t end = std::min(text.find(separator, begin), text.size());
        items.push_back(text.substr(begin, end - begin));
        begin = end + 1;
    }
    return items;
}

void append_range(std::vector<double>& values, std::string_view flag, std::string_view text,
                  std::string_view range, Dimension dimension) {
    const auto parts = split_at(range, ':');
    if (parts.size() != 3) {
        refuse(flag, text, "a range has three parts",
               fmt::format("LOW:HIGH:STEP, like {}",
                           dimension == Dimension::kPower ? "40W:100W:5W" : "1ms:5ms:1ms"));
    }
    const double low = parse_item(flag, text, parts[0], dimension);
    const double high = parse_item(flag, text, parts[1], dimension);
    const double step = parse_item(flag, text, parts[2], dimension);
    if (high < low || step <= 0) {
        refuse(flag, text, high < low ? "the range ends below its start" : "the step is 0",
               "LOW:HIGH:STEP with LOW <= HIGH and STEP above 0");
    }
    const double steps = std::floor((high - low) / step * (1 + 1e-12) + 1e-9);
    if (steps >= kMostInRange) {
        refuse(flag, text, fmt::format("the range has more than {:.0f} values", kMostInRange),
               "a larger step");
    }
    for (int i = 0; i <= static_cast<int>(steps); ++i) {
        values.push_back(std::min(high, low + i * step));
    }
}

}  // namespace

double parse_quantity(std::string_view flag, std::string_view text, Dimension dimension) {
    return parse_item(flag, text, text, dimension);
}

std::vector<double> parse_quantities(std::string_view flag, std::string_view text,
                                     Dimension dimension) {
    std::vector<double> values;
    for (const std::string_view item : split_at(text, ',')) {
        if (item.find(':') != std::string_view::npos) {
            append_range(values, flag, text, item, dimension);
        } else {
            values.push_back(parse_item(flag, text, item, dimension));
        }
    }
    std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
    return values;
}

std::optional<Dimension> dimension_of(std::string_view text) {
    const Parts parts = split(text.substr(0, text.find_first_of(",:+")));
    if (parts.error != std::errc{}) {
        return {};
    }
    for (const Dimension dimension :
         {Dimension::kDuration, Dimension::kPower, Dimension::kEnergy, Dimension::kFrequency,
          Dimension::kThreads, Dimension::kPercentage}) {
        if (find_unit(parts.unit, notation(dimension).units) != nullptr) {
            return dimension;
        }
    }
    return {};
}

std::string flag_text(double value, Dimension dimension) {
    if (is_share(dimension)) {
        return fmt::format("{:.12g}%", value * 100);
    }
    if (value == 0 && dimension == Dimension::kIdleTime) {
        return "0s";
    }
    const auto units = notation(dimension).units;
    const Unit* best = &units.front();
    for (const Unit& unit : units) {
        best = value * unit.divide / unit.multiply >= 1 ? &unit : best;
    }
    return fmt::format("{:.12g}{}", value * best->divide / best->multiply, best->name);
}

}  // namespace alert::cli
