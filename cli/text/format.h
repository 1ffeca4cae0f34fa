#pragma once

#include <cstdint>
#include <optional>
#include <string>

/// Numbers as text.
namespace alert::cli {

/// For programs: the shortest text that reads back as the same number; "Infinity" or "-Infinity",
/// which Python, JavaScript, Java and strtod accept; "" for NaN.
std::string plain_text(double number);

// For people: three significant digits and a suitable unit; "" if not measured or NaN.

std::string format_duration(std::optional<double> seconds);         ///< "812 us", "4.31 ms"
std::string format_time_left(std::optional<double> seconds);        ///< "12 s", "3 min 05 s"
std::string format_power(std::optional<double> watts);              ///< "40.0 W", "900 mW"
std::string format_energy(std::optional<double> joules);            ///< "1.25 J", "15.0 mJ"
std::string format_frequency(std::optional<double> hertz);          ///< "2.40 GHz"
std::string format_accuracy(std::optional<double> share);           ///< "92.1 %"
std::string format_probability(std::optional<double> probability);  ///< "97.5 %", ">99.9 %"
std::string format_number(std::optional<double> number);            ///< "1.37"
std::string format_bytes(std::optional<std::int64_t> bytes);        ///< "597 MB", "16.8 GB"
std::string format_count(std::optional<std::int64_t> count);        ///< "12,345"

}  // namespace alert::cli
