#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Quantities as people write them in flags and files. The one place where text becomes a number
/// with a unit; everywhere else numbers are in s, W, J, Hz and shares of one.
namespace alert::cli {

/// More threads than this are a typing error.
inline constexpr int kMostThreads = 1024;

enum class Dimension {
    kDuration,     ///< ns us ms s min h; > 0
    kIdleTime,     ///< the same, and 0s
    kPower,        ///< mW W kW; > 0
    kEnergy,       ///< uJ mJ J kJ; > 0
    kFrequency,    ///< Hz kHz MHz GHz; > 0
    kThreads,      ///< t; whole, > 0
    kAccuracy,     ///< 0.92 or 92%; 0..1
    kPercentage,   ///< 5% or 0.05; 0..1, a bare number from 1 on is refused
    kProbability,  ///< 0.95 or 95%; 0..1
};

/// Parses one quantity into the base unit (s, W, J, Hz, share of one). `flag` names it in errors.
/// Throws RequestError if the unit is missing or unknown, for something that is not a number or is
/// out of range, and for trailing text.
double parse_quantity(std::string_view flag, std::string_view text, Dimension dimension);

/// Parses "40W", "40W,60W" or "40W:100W:5W" (LOW:HIGH:STEP, including HIGH if a step lands on it).
/// Ascending, without repetitions. Throws RequestError.
std::vector<double> parse_quantities(std::string_view flag, std::string_view text,
                                     Dimension dimension);

/// The dimension of the unit with which the text (or its first item) ends: "40W:100W:5W" and
/// "40W+2t" are kPower, text in percent is kPercentage; empty if it ends with no known unit.
std::optional<Dimension> dimension_of(std::string_view text);

/// As it is written in flags, for parse_quantity to read: "40W", "2.4GHz", "50%", "50ms".
std::string flag_text(double value, Dimension dimension);

}  // namespace alert::cli
