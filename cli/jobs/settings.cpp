#include "cli/jobs/settings.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <sstream>
#include <utility>
#include <vector>

#include "alert/error.h"
#include "cli/text/units.h"

namespace alert::cli {
namespace {

/// Splits "40W,60W+1t,2t", or the pairs "40W+1t,40W+2t", into power settings and threads.
std::pair<std::string, std::string> sides_of(const std::string& text) {
    std::vector<std::string> values, threads;
    std::istringstream items(text + ",");  // so that an empty last item counts
    for (std::string item; std::getline(items, item, ',');) {
        const std::size_t plus = item.find('+');
        if (plus != std::string::npos) {
            threads.push_back(item.substr(plus + 1));
        }
        if (plus == std::string::npos && dimension_of(item) == Dimension::kThreads) {
            threads.push_back(item);
        } else if (plus != 0) {
            values.push_back(item.substr(0, plus));
        }
    }
    return {fmt::format("{}", fmt::join(values, ",")), fmt::format("{}", fmt::join(threads, ","))};
}

}  // namespace

std::optional<SettingsSelection> parse_settings(const std::string& text) {
    if (text.empty()) {
        return std::nullopt;
    }
    SettingsSelection selection{.unit = {}, .values = {}, .text = text};
    const auto [values, threads] = sides_of(text);
    if (!threads.empty()) {
        for (const double count : parse_quantities("--settings", threads, Dimension::kThreads)) {
            selection.threads.push_back(static_cast<int>(count));
        }
        if (values.empty()) {
            return selection;
        }
    }
    const auto dimension = dimension_of(values);
    if (dimension == Dimension::kPower) {
        selection.unit = SettingsSelection::Unit::kWatts;
    } else if (dimension == Dimension::kFrequency) {
        selection.unit = SettingsSelection::Unit::kHertz;
    } else if (dimension == Dimension::kPercentage) {
        selection.unit = SettingsSelection::Unit::kShare;
    } else {
        throw RequestError(fmt::format(
            "--settings {}: not in a unit of power settings; write 40W,60W or 40W:100W:5W (power), "
            "1.2GHz,2.4GHz (frequency) or 25%,50% (quota); threads follow a plus: 40W+1t,2t",
            text));
    }
    selection.values = parse_quantities("--settings", values, *dimension);
    return selection;
}

void check_threads(std::string_view power, std::optional<std::int64_t> threads) {
    if (joins_threads(power) && threads) {
        throw RequestError(
            fmt::format("--threads {}: --power {} sets the threads itself; write --settings +{}t",
                        *threads, power, *threads));
    }
}

}  // namespace alert::cli
