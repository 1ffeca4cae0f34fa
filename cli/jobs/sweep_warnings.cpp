#include "cli/jobs/sweep_warnings.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "cli/text/format.h"

namespace alert::cli {
namespace {

// On a quiet machine it is 0.10 to 0.18.
constexpr double kLargeSpread = 0.3;

const SweepStatus& worst(std::span<const SweepStatus> configurations, double SweepStatus::*value) {
    return *std::max_element(
        configurations.begin(), configurations.end(),
        [&](const SweepStatus& a, const SweepStatus& b) { return a.*value < b.*value; });
}

}  // namespace

std::vector<std::string> sweep_warnings(
    std::span<const SweepStatus> configurations, double precision,
    const std::function<std::string(const SweepStatus&)>& name) {
    std::vector<std::string> found;
    if (const SweepStatus& s = worst(configurations, &SweepStatus::precision);
        precision > 0 && s.precision > precision) {
        const auto unsure =
            std::count_if(configurations.begin(), configurations.end(),
                          [&](const SweepStatus& c) { return c.precision > precision; });
        found.push_back(fmt::format(
            "{} of {} mean latencies are not known to {}, the worst being {} (to {} after {} "
            "samples); allow more samples with --inputs",
            unsure, configurations.size(), format_probability(precision), name(s),
            std::isfinite(s.precision) ? format_probability(s.precision) : "nothing", s.samples));
    }
    if (const SweepStatus& s = worst(configurations, &SweepStatus::spread);
        s.spread > kLargeSpread) {
        found.push_back(fmt::format(
            "latencies vary by up to {} around their mean ({}); on a quiet machine by 10 % to 18 %",
            format_probability(s.spread), name(s)));
    }
    return found;
}

}  // namespace alert::cli
