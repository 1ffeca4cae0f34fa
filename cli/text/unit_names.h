#pragma once

#include <string_view>

/// The units that text/ reads and writes, from the smallest to the largest of each dimension.
namespace alert::cli {

/// A value in this unit, times `multiply`, over `divide`, is the value in the base unit. Two
/// factors, because 15 / 1000 is the double closest to 0.015, but 15 * 0.001 need not be.
struct Unit {
    std::string_view name;
    double multiply;
    double divide;
};

inline constexpr Unit kDurations[] = {{"ns", 1, 1e9}, {"us", 1, 1e6}, {"ms", 1, 1e3},
                                      {"s", 1, 1},    {"min", 60, 1}, {"h", 3600, 1}};
inline constexpr Unit kPowers[] = {{"mW", 1, 1e3}, {"W", 1, 1}, {"kW", 1e3, 1}};
inline constexpr Unit kEnergies[] = {{"uJ", 1, 1e6}, {"mJ", 1, 1e3}, {"J", 1, 1}, {"kJ", 1e3, 1}};
inline constexpr Unit kFrequencies[] = {
    {"Hz", 1, 1}, {"kHz", 1e3, 1}, {"MHz", 1e6, 1}, {"GHz", 1e9, 1}};

}  // namespace alert::cli
