#include "cli/jobs/use_knob.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <span>

#include "alert/error.h"
#include "cli/text/format.h"
#include "profiler/power/cgroup.h"
#include "profiler/power/sysfs.h"

namespace alert::cli {
namespace {

// With more than this share of the processor used by others, the machine was not quiet.
constexpr double kQuiet = 0.05;

std::string cpus_text(double cpus) {
    return fmt::format("{:.4g} {}", cpus, cpus == 1 ? "CPU" : "CPUs");
}

/// The warning if a quota throttled the program: latencies then include the waits.
std::optional<std::string> throttling(const std::optional<Throttling>& found) {
    if (!found) {
        return std::nullopt;
    }
    return fmt::format(
        "the quota of {} ({}) throttled programs in {} of {} periods, for {} in all; latencies "
        "include these waits: raise the quota or use fewer --threads, and measure again",
        cpus_text(found->cpus), found->limit.string(), found->throttled, found->periods,
        format_duration(found->waited_s));
}

std::string not_restored(const PowerKnob& knob, std::span<const std::string> commands) {
    return fmt::format("{}: not everything could be restored; do it by hand: {}", knob.spec(),
                       fmt::join(commands, "; "));
}

}  // namespace

void use_knob(PowerKnob& knob, Status& status, std::vector<std::string>& warnings,
              const std::function<void()>& work) {
    try {
        const ThrottleWatch quotas(sysfs_root(), own_groups());
        work();
        add_warning(knob.external_change(), status, warnings);
        add_warning(throttling(quotas.since()), status, warnings);
    } catch (...) {
        if (const auto left = knob.restore(); !left.empty()) {
            status.error(not_restored(knob, left));
        }
        throw;
    }
    if (const auto left = knob.restore(); !left.empty()) {
        throw Error(not_restored(knob, left));
    }
}

std::optional<std::string> crowding(int threads) {
    const int allowed = allowed_threads(sysfs_root(), own_groups());
    if (threads <= allowed) {
        return std::nullopt;
    }
    return fmt::format(
        "--threads {}: this program may use {} (its affinity and CPU quota), so threads wait for "
        "each other; use at most {}",
        threads, cpus_text(allowed), allowed);
}

void add_warning(const std::optional<std::string>& warning, Status& status,
                 std::vector<std::string>& warnings) {
    if (warning) {
        warnings.push_back(*warning);
        status.warn(*warning);
    }
}

std::optional<std::string> disturbance(double others_busy, std::string_view again) {
    if (others_busy <= kQuiet) {
        return std::nullopt;
    }
    return fmt::format(
        "the machine was not quiet: other programs took {} of the processor; stop them and {} "
        "again with --fresh",
        format_probability(others_busy), again);
}

}  // namespace alert::cli
