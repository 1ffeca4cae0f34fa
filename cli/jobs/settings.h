#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "profiler/power/platform.h"

/// Which power settings, and how many threads, a job is asked for.
namespace alert::cli {

/// `--settings`, parsed by its own units: "40W,60W", "40W:100W:20W+1t,2t", "+1t,2t" or, as the
/// settings of a joined knob are stored, "40W+1t,40W+2t". Throws RequestError.
std::optional<SettingsSelection> parse_settings(const std::string& text);

/// Throws RequestError where --threads is given beside a knob that sets the threads itself.
void check_threads(std::string_view power, std::optional<std::int64_t> threads);

}  // namespace alert::cli
