#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Quantities as people write them in flags and files. The one place where text becomes a number
/// with a unit; everywhere else numbers are in s, W, J, Hz and shares of one.
namespace alert::cli {

/// More threads than this are a slip of the pen.
inline constexpr int kMostThreads = 1024;

enum class Dimension {
    kDuration,     ///< ns us ms s min h; > 0
    kPower,        ///< mW W kW; > 0
    kEnergy,       ///< uJ mJ J kJ; > 0
    kFrequency,    ///< Hz kHz MHz GHz; > 0
    kThreads,      ///< t; whole, > 0
    kAccuracy,     ///< 0.92 or 92%; 0..1
    kPercentage,   ///< 5% or 0.05; 0..1, a bare number from 1 on is refused
    kProbability,  ///< 0.95 or 95%; 0..1
};

/// Reads one quantity in the base unit (s, W, J, Hz, share of one). `flag` names it in errors.
/// Throws RequestError: unit missing or unknown, not a number, out of range, trailing text.
double parse_quantity(std::string_view flag, std::string_view text, Dimension dimension);

/// Reads "40W", "40W,60W" or "40W:100W:5W" (LOW:HIGH:STEP, HIGH included when a step lands on
/// it). Ascending, each value once. Throws RequestError.
std::vector<double> parse_quantities(std::string_view flag, std::string_view text,
                                     Dimension dimension);

/// The dimension whose unit the text (or its first item) ends with: "40W:100W:5W" is kPower, a
/// text in percent kPercentage, "40W+2t" kPower; empty when it ends with none of ours.
std::optional<Dimension> dimension_of(std::string_view text);

/// As it is written in flags, read back by parse_quantity: "40W", "2.4GHz", "50%", "50ms".
std::string flag_text(double value, Dimension dimension);

}  // namespace alert::cli
