// What stands behind --settings.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <string>
#include <vector>

#include "cli/jobs/settings.h"
#include "cli/text/units.h"
#include "tests/fuzz/targets.h"

namespace alert::fuzz {

namespace {

using namespace alert::cli;

// As it would be written by hand.
std::string written(const SettingsSelection& selection) {
    using Unit = SettingsSelection::Unit;
    const Dimension dimension = selection.unit == Unit::kWatts   ? Dimension::kPower
                                : selection.unit == Unit::kHertz ? Dimension::kFrequency
                                                                 : Dimension::kPercentage;
    std::vector<std::string> values, threads;
    for (const double value : selection.values) {
        values.push_back(flag_text(value, dimension));
    }
    for (const int count : selection.threads) {
        threads.push_back(flag_text(count, Dimension::kThreads));
    }
    return fmt::format("{}{}{}", fmt::join(values, ","), threads.empty() ? "" : "+",
                       fmt::join(threads, ","));
}

}  // namespace

void settings(std::string_view input) {
    const std::string text(input);
    const auto selection = accepted(input, [&] { return parse_settings(text); });
    if (!selection || !*selection) {
        return;
    }
    const SettingsSelection& first = **selection;
    require(!first.values.empty() || !first.threads.empty(), "nothing selected");
    for (const int count : first.threads) {
        require(count > 0, "no threads");
    }
    const auto again = parse_settings(written(first));
    require(again && again->threads == first.threads && again->values.size() == first.values.size(),
            "read back differently: " + written(first));
    for (std::size_t i = 0; i < first.values.size(); ++i) {
        require(alike(again->values[i], first.values[i]), "read back differently");
    }
}

}  // namespace alert::fuzz
