#include "profiler/power/rapl.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <utility>

#include "alert/error.h"
#include "profiler/power/cap_sweep.h"

namespace alert {

namespace fs = std::filesystem;

namespace {

constexpr double kMicro = 1e-6;
constexpr auto kStep_uw = static_cast<std::uint64_t>(kRaplStep_w / kMicro);
constexpr auto kSetting = NumberFile::For::kSetting;
constexpr double kLeast_w = 1;  // a limit of 0 would be accepted, and stop the machine

double watts(std::uint64_t microwatts) {
    return kMicro * static_cast<double>(microwatts);
}

bool within_a_step(std::uint64_t a_uw, std::uint64_t b_uw) {
    return std::max(a_uw, b_uw) - std::min(a_uw, b_uw) <= kStep_uw;
}

// Explains errno: the kernel returns ENODATA whatever the reason of the driver was.
std::string_view likely_cause(int failure) {
    switch (failure) {
        case ENODATA:
            return "; the limit is locked by the firmware, or the hardware is busy or failing";
        case EACCES:
        case EPERM:
            return "; run as root, or install scripts/power/70-alert-powercap.rules";
        case EROFS:
            return "; /sys is read-only here, as in a container; run on the host";
        case ENODEV:
        case ENOENT:
            return "; the zone has vanished, its driver was unloaded";
        default:
            return "";
    }
}

// The long-term limit must never be above the short-term one.
std::vector<RestoreAction> way_back(std::span<const RaplPackage> packages) {
    const auto action = [](const fs::path& file, const std::string& bound) {
        return RestoreAction{file.string(), std::to_string(NumberFile(file).read()), bound};
    };
    std::vector<RestoreAction> actions;
    for (const RaplPackage& package : packages) {
        const auto& short_term = package.short_term;
        actions.push_back(action(package.long_term->limit_file,
                                 short_term ? short_term->limit_file.string() : ""));
        if (short_term) {
            actions.push_back(action(short_term->limit_file, ""));
        }
    }
    return actions;
}

}  // namespace

RaplRange rapl_range(std::span<const RaplPackage> packages) {
    if (packages.empty()) {
        throw RequestError("--power rapl: " + no_rapl_package(sysfs_root()));
    }
    RaplRange range{.least_w = kLeast_w, .most_w = 1e6};
    for (const RaplPackage& package : packages) {
        if (!package.long_term) {
            throw RequestError(fmt::format(
                "--power rapl: {} has counters but no long-term limit, as on AMD processors; use "
                "--power cpufreq",
                package.folder.string()));
        }
        const double own_w = package.long_term->max_w.value_or(package.long_term->limit_w);
        if (own_w < range.most_w) {
            range = {range.least_w, own_w, ""};
        }
        if (package.twin_long_term && package.twin_long_term->limit_w < range.most_w) {
            range = {range.least_w, package.twin_long_term->limit_w,
                     package.twin.filename().string()};
        }
    }
    range.most_w = kRaplStep_w * std::floor(range.most_w / kRaplStep_w + 1e-6);
    if (range.most_w < range.least_w) {
        throw RequestError(
            fmt::format("--power rapl: the limit in force is {:.10g}W, too low to "
                        "choose below it; raise it in the firmware",
                        range.most_w));
    }
    return range;
}

std::vector<double> rapl_sweep_w(const RaplRange& range) {
    return cap_sweep_w(std::max(range.least_w, range.most_w / 3), range.most_w);
}

void check_rapl_permission(std::span<const RaplPackage> packages) {
    for (const RaplPackage& package : packages) {
        for (const auto* constraint : {&package.long_term, &package.short_term}) {
            if (*constraint && access((*constraint)->limit_file.c_str(), W_OK) != 0) {
                const int failure = errno;
                throw RequestError(fmt::format("--power rapl: {}: {}{}",
                                               (*constraint)->limit_file.string(),
                                               std::strerror(failure), likely_cause(failure)));
            }
        }
    }
}

RaplKnob::RaplKnob(std::span<const RaplPackage> packages, std::span<const double> caps_w)
    : guardian_("--power rapl", way_back(packages)) {
    for (const double cap_w : caps_w) {
        settings_.push_back({fmt::format("{:.10g}W", cap_w), std::nullopt});
        caps_uw_.push_back(static_cast<std::uint64_t>(std::llround(cap_w / kMicro)));
    }
    for (const RaplPackage& package : packages) {
        packages_.push_back(
            {package.name, {NumberFile(package.long_term->limit_file, kSetting), {}}, {}, {}});
        if (package.twin_long_term) {
            packages_.back().twin.emplace(package.twin_long_term->limit_file);
        }
        if (package.short_term) {
            packages_.back().short_term.emplace(
                Limit{NumberFile(package.short_term->limit_file, kSetting), {}});
        }
    }
}

// The current limit. Notes whether another program has changed it since it was set.
std::uint64_t RaplKnob::look(Limit& limit) {
    const std::uint64_t now_uw = limit.file.read();
    if (limit.taken_uw && *limit.taken_uw != now_uw) {
        external_change_ = fmt::format(
            "--power rapl: another program (thermald, tuned, the firmware?) changed {} from "
            "{:.10g}W to {:.10g}W",
            limit.file.path().string(), watts(*limit.taken_uw), watts(now_uw));
        limit.taken_uw = now_uw;
    }
    return now_uw;
}

// The lower of two limits governs: ours has no effect once the twin's is below it.
void RaplKnob::look_at_twin(const Package& package) {
    const auto& taken_uw = package.long_term.taken_uw;
    if (!package.twin || !taken_uw) {
        return;
    }
    const std::uint64_t twin_uw = package.twin->read();
    if (twin_uw < *taken_uw && !within_a_step(twin_uw, *taken_uw)) {
        external_change_ = fmt::format(
            "--power rapl: another program (thermald, tuned, the firmware?) changed {}, the other "
            "limit of {}, to {:.10g}W, below the {:.10g}W that were set",
            package.twin->path().string(), package.name, watts(twin_uw), watts(*taken_uw));
    }
}

std::optional<std::string> RaplKnob::external_change() {
    for (Package& package : packages_) {
        look(package.long_term);
        look_at_twin(package);
        if (package.short_term) {
            look(*package.short_term);
        }
    }
    return std::exchange(external_change_, std::nullopt);
}

void RaplKnob::write(const Limit& limit, std::uint64_t wanted_uw) const {
    if (const int failure = limit.file.write(wanted_uw)) {
        throw Error(fmt::format("--power rapl: {:.10g}W was refused by {}: {}{}", watts(wanted_uw),
                                limit.file.path().string(), std::strerror(failure),
                                likely_cause(failure)));
    }
}

void RaplKnob::read_back(Limit& limit, std::uint64_t wanted_uw) const {
    const std::uint64_t now_uw = limit.file.read();
    if (!within_a_step(now_uw, wanted_uw)) {
        throw Error(fmt::format(
            "--power rapl: {:.10g}W did not take: {} is at {:.10g}W; the hardware ignores it, "
            "or another program changes it",
            watts(wanted_uw), limit.file.path().string(), watts(now_uw)));
    }
    limit.taken_uw = now_uw;
}

void RaplKnob::apply(std::size_t setting) {
    const std::uint64_t wanted_uw = caps_uw_.at(setting);
    for (Package& package : packages_) {
        look_at_twin(package);
        const std::uint64_t long_uw = look(package.long_term);
        const std::uint64_t short_uw = package.short_term ? look(*package.short_term) : wanted_uw;
        if (within_a_step(long_uw, wanted_uw) && within_a_step(short_uw, wanted_uw)) {
            continue;
        }
        const bool raised = long_uw < wanted_uw;
        if (package.short_term && raised) {
            write(*package.short_term, wanted_uw);
        }
        write(package.long_term, wanted_uw);
        if (package.short_term && !raised) {
            write(*package.short_term, wanted_uw);
        }
        read_back(package.long_term, wanted_uw);
        if (package.short_term) {
            read_back(*package.short_term, wanted_uw);
        }
    }
}

std::string RaplKnob::current_setting() const {
    std::string all;
    std::string last;
    for (const Package& package : packages_) {
        std::string one = fmt::format("{:.10g}W", watts(package.long_term.file.read()));
        if (one != last) {
            all += (all.empty() ? "" : ",") + one;
        }
        last = std::move(one);
    }
    return all;
}

}  // namespace alert
