#include "profiler/power/quota.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <sstream>

#include "alert/error.h"
#include "profiler/power/sysfs.h"

namespace alert {
namespace {

namespace fs = std::filesystem;

/// Short, so that a network of a few milliseconds is slowed down evenly.
constexpr double kPeriodUs = 10'000;
/// The kernel's limits (Documentation/scheduler/sched-bwc.rst).
constexpr double kLeastQuotaUs = 1'000;
constexpr double kLongestPeriodUs = 1'000'000;

/// The period in which the smallest share is a quota that the kernel accepts.
int period_for(double least_share, double cpus) {
    return static_cast<int>(
        std::clamp(std::ceil(kLeastQuotaUs / (least_share * cpus)), kPeriodUs, kLongestPeriodUs));
}

fs::path controllers_below(const CpuGroup& group) {
    return group.folder / "cgroup.subtree_control";
}

/// In version 2, the groups below have the controller only if it is listed there.
bool passes_cpu_on(const CpuGroup& group) {
    const std::string list = fmt::format(" {} ", read_value(controllers_below(group)).value_or(""));
    return group.version == 1 || list.find(" cpu ") != std::string::npos;
}

std::vector<RestoreAction> way_back(const CpuGroup& group) {
    std::vector<RestoreAction> actions;
    if (!passes_cpu_on(group)) {
        actions.push_back({controllers_below(group).string(), "-cpu"});
    }
    actions.push_back({(group.folder / limited_group_name()).string(), std::nullopt});
    if (group.version == 2) {
        actions.push_back({(group.folder / unlimited_group_name()).string(), std::nullopt});
    }
    return actions;
}

[[noreturn]] void refuse(const fs::path& file, int failure, int version) {
    std::string remedy;
    switch (failure) {
        case EACCES:
        case EPERM:
            remedy = version == 2 ? "run as root, or start with systemd-run --user --scope -p "
                                    "Delegate=yes alert ..."
                                  : "run as root";
            break;
        case EROFS:
            remedy = "control groups are read-only here; start the container with --privileged";
            break;
        case EBUSY:
            remedy =
                "other processes share this group; start with systemd-run --scope -p "
                "Delegate=yes alert ...";
            break;
        default:
            remedy = "use --power emulated instead";
    }
    throw RequestError(
        fmt::format("--power quota: {}: {}; {}", file.string(), std::strerror(failure), remedy));
}

/// A group that delegates controllers must not contain processes, except the root, which has no
/// type. This process leaves it, but others would stay.
bool shared_with_others(const CpuGroup& group) {
    std::istringstream members(read_value(group.folder / "cgroup.procs").value_or(""));
    for (pid_t member = 0; members >> member;) {
        if (member != getpid()) {
            return fs::exists(group.folder / "cgroup.type");
        }
    }
    return false;
}

}  // namespace

void check_quota_permission(const CpuGroup& group) {
    for (const fs::path& file : {group.folder, group.folder / "cgroup.procs"}) {
        if (access(file.c_str(), W_OK) != 0) {
            refuse(file, errno, group.version);
        }
    }
    if (!passes_cpu_on(group)) {
        const fs::path control = controllers_below(group);
        if (access(control.c_str(), W_OK) != 0) {
            refuse(control, errno, group.version);
        }
        if (shared_with_others(group)) {
            refuse(control, EBUSY, group.version);
        }
    }
}

QuotaKnob::QuotaKnob(const CpuGroup& group, double cpus, std::span<const double> shares)
    : group_(group),
      limited_(group.folder / limited_group_name()),
      cpus_(cpus),
      shares_(shares.begin(), shares.end()),
      period_us_(period_for(shares_.front(), cpus)),
      guardian_("--power quota", way_back(group)) {
    for (double share : shares_) {
        settings_.push_back({fmt::format("{:.10g}%", share * 100), std::nullopt});
    }
    enter_group();
}

void QuotaKnob::enter_group() {
    const auto must = [&](const fs::path& file, std::string_view value) {
        if (const int failure = write_value(file, value); failure != 0) {
            refuse(file, failure, group_.version);
        }
    };
    const auto make = [&](const fs::path& folder) {
        // An existing one was left by a dead process with the same id.
        if (mkdir(folder.c_str(), 0755) != 0 && errno != EEXIST) {
            refuse(folder, errno, group_.version);
        }
    };
    make(limited_);
    if (group_.version == 1) {
        must(limited_ / "cpu.cfs_period_us", std::to_string(period_us_));
    } else {
        // A group that delegates controllers must not contain processes (except the root).
        const fs::path unlimited = group_.folder / unlimited_group_name();
        make(unlimited);
        must(unlimited / "cgroup.procs", std::to_string(guardian_.process()));
    }
    must(limited_ / "cgroup.procs", std::to_string(getpid()));
    if (!passes_cpu_on(group_)) {
        must(controllers_below(group_), "+cpu");
    }
}

std::string QuotaKnob::limit_of(double share) const {
    const bool whole = share >= 1;
    const auto quota_us = std::llround(share * cpus_ * period_us_);
    if (group_.version == 1) {
        return whole ? "-1" : std::to_string(quota_us);
    }
    return whole ? fmt::format("max {}", period_us_) : fmt::format("{} {}", quota_us, period_us_);
}

fs::path QuotaKnob::limit_file() const {
    return limited_ / (group_.version == 1 ? "cpu.cfs_quota_us" : "cpu.max");
}

std::string QuotaKnob::current_setting() const {
    std::string limit = read_value(limit_file()).value_or("");
    for (std::size_t i = 0; i < shares_.size(); ++i) {
        if (limit_of(shares_[i]) == limit) {
            return settings_[i].name;
        }
    }
    return limit;
}

void QuotaKnob::apply(std::size_t setting) {
    if (current_ == setting) {
        return;
    }
    const fs::path file = limit_file();
    const std::string limit = limit_of(shares_.at(setting));
    const int failure = write_value(file, limit);
    const std::string current = read_value(file).value_or("nothing");
    if (failure != 0 || current != limit) {
        current_.reset();
        throw Error(
            fmt::format("--power quota: {} did not take: {} was written to {}, which reads {}{}",
                        settings_[setting].name, limit, file.string(), current,
                        failure == 0 ? "" : fmt::format(" ({})", std::strerror(failure))));
    }
    current_ = setting;
}

}  // namespace alert
