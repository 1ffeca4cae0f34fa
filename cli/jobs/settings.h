#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "profiler/power/platform.h"

/// The power settings and numbers of threads that a job is asked for.
namespace alert::cli {

/// Parses `--settings`; its units say what they are: "40W,60W", "40W:100W:20W+1t,2t", "+1t,2t" or,
/// as the settings of a joined knob are stored, "40W+1t,40W+2t". Throws RequestError.
std::optional<SettingsSelection> parse_settings(const std::string& text);

/// Throws RequestError if --threads is given beside a knob that sets the threads itself.
void check_threads(std::string_view power, std::optional<std::int64_t> threads);

}  // namespace alert::cli
